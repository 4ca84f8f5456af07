// SPDX-License-Identifier: Apache-2.0
/* Credentials: checked, turned into what the procedures need, sealed. They never come back out over REST. */
#include "hss/credential.h"
#include "hss/subscriber_part.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WHERE "credentials"

static struct bytes seal_into(struct subscriber *u, const char *place, struct bytes plain)
{
	uint8_t *out = obstack_alloc(u->pool, (int)(plain.len + SEAL_FRAME));

	if (seal(u->hss->key, place, u->impi, plain, out))
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

/* ---- AKA [TS 33.203 6.1, TS 35.206] ---- */

/* 1 and `len` octets, 0 absent, -EINVAL. */
static int member_hex(struct subscriber *u, const json_t *c, const char *key, uint8_t *out, size_t len)
{
	char name[32] = WHERE ".", pair[3] = "";
	const char *text = NULL;
	int given = member_text(u, c, WHERE, key, &text);

	if (given <= 0)
		return given;
	strncat(name, key, sizeof name - strlen(name) - 1);
	if (strlen(text) != 2 * len || strspn(text, "0123456789abcdefABCDEF") != 2 * len)
		return problem_set(u->problem, 422, name, "%zu hex digits are expected", 2 * len);
	for (size_t i = 0; i < len; i++) {
		memcpy(pair, text + 2 * i, 2);
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return 1;
}

static int read_opc(struct subscriber *u, const json_t *c, struct milenage *m)
{
	uint8_t op[16];
	int has_opc = member_hex(u, c, "opc", m->opc, sizeof m->opc), has_op = has_opc < 0 ? has_opc : member_hex(u, c, "op", op, sizeof op);
	int err = 0;

	if (has_op < 0)
		return has_op;
	if (has_opc == has_op)
		return problem_set(u->problem, 422, WHERE ".opc", "either opc or op is needed");
	if (has_op)
		err = milenage_opc(m->k, op, m->opc);
	explicit_bzero(op, sizeof op);
	return err;
}

static int read_aka(struct subscriber *u, const json_t *c, struct milenage *m, struct aka_row *row)
{
	uint8_t amf[2] = { 0x80, 0x00 }; /* the separation bit is of EPS; its value does not matter to IMS AKA [TS 33.102 annex H] */
	int64_t sqn = 0;
	int k = member_hex(u, c, "k", m->k, sizeof m->k), err;

	if (k <= 0)
		return k ? k : problem_set(u->problem, 422, WHERE ".k", "is needed");
	err = read_opc(u, c, m);
	if (!err && member_hex(u, c, "amf", amf, sizeof amf) < 0)
		err = -EINVAL;
	if (!err && member_integer(u, c, WHERE, "sqn", 0, (INT64_C(1) << 48) - 1, &sqn) < 0)
		err = -EINVAL;
	if (err)
		return err;
	row->k = seal_into(u, AKA_K, (struct bytes){ m->k, sizeof m->k });
	row->opc = seal_into(u, AKA_OPC, (struct bytes){ m->opc, sizeof m->opc });
	row->amf = (uint16_t)(amf[0] << 8 | amf[1]);
	row->seq = (uint64_t)sqn >> IND_BITS;
	return row->k.data && row->opc.data ? 0 : -EIO;
}

static int put_aka(struct subscriber *u, const json_t *c)
{
	static const char *const keys[] = { "scheme", "k", "op", "opc", "amf", "sqn", NULL };
	struct milenage m;
	struct aka_row row;
	int err = members_known(u, c, WHERE, keys);

	if (!err)
		err = read_aka(u, c, &m, &row);
	explicit_bzero(&m, sizeof m);
	if (!err)
		err = store_digests_put(u->store, u->id, NULL, 0);
	if (!err)
		err = store_aka_put(u->store, u->id, &row);
	if (!err)
		sequences_forget(u->hss->sequences, u->id);
	return err;
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

int put_credentials(struct subscriber *u, const json_t *c)
{
	const char *scheme = NULL;
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
	s = !strcmp(scheme, "aka") ? SCHEME_AKA : SCHEME_DIGEST;
	err = s == SCHEME_AKA ? put_aka(u, c) : put_digest(u, c);
	return err ? err : store_scheme_put(u->store, u->id, s);
}
