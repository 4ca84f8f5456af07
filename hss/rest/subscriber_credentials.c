// SPDX-License-Identifier: Apache-2.0
/* Credentials: checked, turned into what the procedures need, sealed. They never come back out over REST. */
#include "hss/key/credential.h"
#include "hss/rest/subscriber_part.h"
#include <ctype.h>
#include <string.h>

#define WHERE "credentials"

struct bytes seal_into(struct subscriber *u, const char *place, struct bytes plain)
{
	uint8_t *out = obstack_alloc(u->pool, (int)(plain.len + SEAL_FRAME));

	if (seal(u->hss->keys, place, u->impi, plain, out))
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ out, plain.len + SEAL_FRAME };
}

/* ---- digest [TS 33.203 annex N] ---- */

static int add_ha1(struct subscriber *u, const char *algorithm, const char *realm, const char *hex, struct digest_row *row)
{
	size_t len = credential_ha1_len(algorithm);
	char lower[DIGEST_HEX_MAX];

	if (strlen(hex) != len || strspn(hex, "0123456789abcdefABCDEF") != len)
		return problem_set(u->problem, 422, WHERE ".ha1", "%zu hex digits are expected for %s", len, algorithm);
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)tolower((unsigned char)hex[i]);
	*row = (struct digest_row){ algorithm, realm, seal_into(u, credential_place(algorithm), (struct bytes){ (uint8_t *)lower, len }) };
	explicit_bzero(lower, sizeof lower);
	return row->ha1.data ? 0 : -EIO;
}

static int of_password(struct subscriber *u, const char *password, const char *realm, struct digest_row rows[2])
{
	static const struct { enum digest_algorithm algorithm; const char *name; } all[2] = { { DIGEST_MD5, "MD5" }, { DIGEST_SHA256, "SHA-256" } };
	struct bytes secret = { (const uint8_t *)password, strlen(password) };
	char hex[DIGEST_HEX_MAX];
	int err = 0;

	for (int i = 0; !err && i < 2; i++) {
		err = digest_ha1(all[i].algorithm, u->impi, realm, secret, hex);
		if (!err)
			err = add_ha1(u, all[i].name, realm, hex, &rows[i]);
	}
	explicit_bzero(hex, sizeof hex);
	return err;
}

/* Computed by the client: {"MD5": "…", "SHA-256": "…"}, one of them at least. *n: how many. */
static int of_ha1(struct subscriber *u, const json_t *ha1, const char *realm, struct digest_row rows[2], size_t *n)
{
	static const char *const keys[] = { "MD5", "SHA-256", NULL };
	int err = members_known(u, ha1, WHERE ".ha1", keys);

	for (int i = 0; !err && i < 2; i++) {
		const char *hex = NULL;
		int given = member_text(u, ha1, WHERE ".ha1", keys[i], &hex);

		err = given < 0 ? given : given ? add_ha1(u, keys[i], realm, hex, &rows[(*n)++]) : 0;
	}
	return err || *n ? err : problem_set(u->problem, 422, WHERE ".ha1", "MD5 or SHA-256 is needed");
}

static int put_digest(struct subscriber *u, const json_t *c)
{
	static const char *const keys[] = { "scheme", "password", "ha1", "realm", NULL };
	const char *password = NULL, *realm = u->hss->options->base.domain;
	const json_t *ha1 = json_object_get(c, "ha1");
	struct digest_row rows[2];
	size_t n = 2;
	int err = members_known(u, c, WHERE, keys);

	if (!err && member_text(u, c, WHERE, "realm", &realm) < 0)
		err = -EINVAL;
	if (!err && member_text(u, c, WHERE, "password", &password) < 0)
		err = -EINVAL;
	if (!err && !password == !ha1)
		err = problem_set(u->problem, 422, WHERE ".password", "either password or ha1 is needed");
	if (!err && password)
		err = of_password(u, password, realm, rows);
	else if (!err)
		n = 0, err = of_ha1(u, ha1, realm, rows, &n);
	if (!err)
		err = store_aka_put(u->store, u->id, NULL);
	return err ? err : store_digests_put(u->store, u->id, rows, n);
}

/* ---- either ---- */

static int put_none(struct subscriber *u)
{
	int err = store_digests_put(u->store, u->id, NULL, 0);

	if (!err)
		err = store_aka_put(u->store, u->id, NULL);
	return err ? err : store_scheme_put(u->store, u->id, SCHEME_NONE);
}

/* As GET shows them, which tells no secret: they stay. */
static bool are_as_shown(const struct subscriber *u, const json_t *c)
{
	struct private_identity p;
	json_t *shown = store_private(u->store, u->pool, u->impi, &p) ? NULL : subscriber_show_credentials(u->store, u->pool, &p);
	bool same = shown && json_equal(c, shown);

	json_decref(shown);
	return same;
}

/* ---- whom new ones concern ---- */

/* Those of a user whom an S-CSCF serves. 1, 0: nobody serves, or there are none; -errno */
static int served_digest(struct subscriber *u, struct cx_auth_item *item, struct impu *i)
{
	struct private_identity p = { .id = u->id, .impi = u->impi };
	int64_t set;
	int n = store_registered_sets(u->store, u->id, &set, 1), err;

	if (n <= 0)
		return n;
	err = store_impu_of_set(u->store, u->pool, set, i);
	if (!err)
		err = credential_digest_item(u->hss->keys, u->store, u->pool, &p, item);
	if (err == -EBADMSG || err == -ENOKEY || err == -ENOENT)
		return 0;
	return err ? err : 1;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_item(const struct cx_auth_item *a, const struct cx_auth_item *b)
{
	return same_text(a->realm, b->realm) && same_text(a->algorithm, b->algorithm) && same_text(a->ha1, b->ha1) &&
	       same_text(a->alternate_algorithm, b->alternate_algorithm) && same_text(a->alternate_ha1, b->alternate_ha1);
}

/* The S-CSCF where the user is registered may hold the former ones [TS 29.228 6.5.2.4]. */
static int tell_server(struct subscriber *u, const struct cx_auth_item *before)
{
	struct cx_auth_item now;
	struct impu i;
	int served = served_digest(u, &now, &i);

	if (served <= 0 || same_item(&now, before))
		return served < 0 ? served : 0;
	return push_ppr(u->store, serving_host(&i), i.set, u->impi);
}

int put_credentials(struct subscriber *u, const json_t *c)
{
	struct cx_auth_item before = { .ha1 = NULL };
	const char *scheme = NULL;
	struct impu i;
	enum scheme s;
	int err;

	if (c && are_as_shown(u, c))
		return 0;
	if (!access_allowed(u->role, "PUT", RESOURCE_CREDENTIALS))
		return problem_set(u->problem, 403, WHERE, "the token's role is %s; credentials need %s", role_name(u->role),
				   role_name(access_needed("PUT", RESOURCE_CREDENTIALS)));
	if (!c)
		return put_none(u);
	if (!json_is_object(c))
		return problem_set(u->problem, 422, WHERE, "an object is expected");
	if (member_text(u, c, WHERE, "scheme", &scheme) < 0)
		return -EINVAL;
	if (!scheme || (strcmp(scheme, "digest") && strcmp(scheme, "aka")))
		return problem_set(u->problem, 422, WHERE ".scheme", "digest or aka is expected");
	err = keyring_follow(u->hss->keys, u->store);
	if (err)
		return err == -ENOKEY ? problem_set(u->problem, 503, NULL, "another master key is in use, and it is not here") : err;
	s = !strcmp(scheme, "aka") ? SCHEME_AKA : SCHEME_DIGEST;
	err = served_digest(u, &before, &i);
	if (err < 0)
		return err;
	if (json_object_get(c, "sealed"))
		err = put_sealed(u, c, s);
	else
		err = s == SCHEME_AKA ? put_aka(u, c) : put_digest(u, c);
	if (!err)
		err = store_scheme_put(u->store, u->id, s);
	return err || s != SCHEME_DIGEST ? err : tell_server(u, &before);
}
