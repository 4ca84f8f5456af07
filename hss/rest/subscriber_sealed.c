// SPDX-License-Identifier: Apache-2.0
/* Credentials as an export carries them, sealed under the master key and bound to their subscriber, and the way back in:
 *
 *   {"scheme": "digest", "realm", "sealed": {"key": 1, "MD5": base64, "SHA-256": base64}}
 *   {"scheme": "aka", "algorithm", "amf", "sqn", "sealed": {"key": 1, "k": base64, "opc": base64}}
 *
 * Who has the same master key, under whatever number, opens them and seals them anew; nobody else does. */
#include "hss/key/credential.h"
#include "hss/rest/subscriber_part.h"
#include <openssl/evp.h>
#include <string.h>

#define WHERE "credentials"
#define SEALED WHERE ".sealed"

enum { BASE64_MAX = 4 * ((SEAL_PLAIN_MAX + SEAL_FRAME + 2) / 3) };

/* ---- out ---- */

static void add_sealed(json_t *sealed, const char *key, struct bytes blob)
{
	char text[BASE64_MAX + 1];

	if (blob.len > SEAL_PLAIN_MAX + SEAL_FRAME)
		return;
	EVP_EncodeBlock((unsigned char *)text, blob.data, (int)blob.len);
	json_object_set_new(sealed, key, json_string(text));
	json_object_set_new(sealed, "key", json_integer(sealed_key(blob)));
}

static int show_digests(struct store *s, struct obstack *pool, int64_t id, json_t *sealed)
{
	struct digest_row rows[2];
	int n = store_digests(s, pool, id, rows, ARRAY_LEN(rows));

	for (int i = 0; i < n; i++)
		add_sealed(sealed, rows[i].algorithm, rows[i].ha1);
	return n < 0 ? n : 0;
}

static int show_aka(struct store *s, struct obstack *pool, int64_t id, json_t *credentials, json_t *sealed)
{
	struct aka_row row;
	int err = store_aka(s, pool, id, &row);

	if (err)
		return err;
	add_sealed(sealed, "k", row.k);
	add_sealed(sealed, "opc", row.opc);
	json_object_set_new(credentials, "amf", json_sprintf("%04x", row.amf));
	json_object_set_new(credentials, "sqn", json_integer((json_int_t)(row.seq << IND_BITS))); /* none above it was given out */
	return 0;
}

int credentials_seal_show(struct store *s, struct obstack *pool, const char *impi, json_t *credentials)
{
	struct private_identity p;
	int err = store_private(s, pool, impi, &p);
	json_t *sealed;

	if (err || p.scheme == SCHEME_NONE)
		return err;
	sealed = json_object();
	err = p.scheme == SCHEME_AKA ? show_aka(s, pool, p.id, credentials, sealed) : show_digests(s, pool, p.id, sealed);
	json_object_set_new(credentials, "sealed", sealed);
	return err;
}

/* ---- in ---- */

static int read_blob(struct subscriber *u, const json_t *sealed, const char *key, uint8_t *out, struct bytes *blob)
{
	const char *text = NULL;
	char at[64];
	int given = member_text(u, sealed, SEALED, key, &text), n;
	size_t len;

	if (given <= 0)
		return given;
	len = strlen(text);
	n = len % 4 || len > BASE64_MAX ? -1 : EVP_DecodeBlock(out, (const uint8_t *)text, (int)len);
	*blob = (struct bytes){ out, n < 0 ? 0 : (size_t)n - (text[len - 1] == '=') - (text[len - 2] == '=') };
	if (sealed_len(*blob))
		return 1;
	problem_field(at, sizeof at, SEALED, key);
	return problem_set(u->problem, 422, at, "a sealed secret in base64 is expected");
}

/* Opened and sealed anew, so that the key's number is ours. 1, 0 absent, -errno with the problem set. */
static int take_blob(struct subscriber *u, const json_t *sealed, const char *key, const char *place, size_t least, size_t most,
		     struct bytes *out)
{
	uint8_t octets[BASE64_MAX], plain[SEAL_PLAIN_MAX];
	struct bytes blob;
	char at[64];
	int err, given = read_blob(u, sealed, key, octets, &blob);
	size_t len;

	if (given <= 0)
		return given;
	len = sealed_len(blob);
	err = len < least || len > most ? -EBADMSG : unseal_any(u->hss->keys, place, u->impi, blob, plain, len);
	if (!err)
		*out = seal_into(u, place, (struct bytes){ plain, len });
	explicit_bzero(plain, sizeof plain);
	if (!err)
		return out->data ? 1 : -EIO;
	problem_field(at, sizeof at, SEALED, key);
	return problem_set(u->problem, 422, at, "it is sealed under another master key than this HSS has, or for another subscriber");
}

static int take_digests(struct subscriber *u, const json_t *c, const json_t *sealed)
{
	static const char *const keys[] = { "scheme", "realm", "algorithms", "sealed", NULL }, *const names[] = { "MD5", "SHA-256", "key", NULL };
	const char *realm = u->hss->options->base.domain;
	struct digest_row rows[2];
	size_t n = 0;
	int err = members_known(u, c, WHERE, keys);

	if (!err)
		err = members_known(u, sealed, SEALED, names);
	if (!err && member_text(u, c, WHERE, "realm", &realm) < 0)
		err = -EINVAL;
	for (int i = 0; !err && i < 2; i++) {
		size_t len = credential_ha1_len(names[i]);
		int given = take_blob(u, sealed, names[i], credential_place(names[i]), len, len, &rows[n].ha1);

		err = given < 0 ? given : 0;
		if (given > 0)
			rows[n].algorithm = names[i], rows[n++].realm = realm;
	}
	if (!err && !n)
		err = problem_set(u->problem, 422, SEALED, "MD5 or SHA-256 is needed");
	if (!err)
		err = store_aka_put(u->store, u->id, NULL);
	return err ? err : store_digests_put(u->store, u->id, rows, n);
}

static int take_secrets(struct subscriber *u, const json_t *sealed, struct aka_row *row)
{
	bool tuak = row->algorithm == AKA_TUAK;
	int k = take_blob(u, sealed, "k", AKA_K, 16, tuak ? 32 : 16, &row->k);
	int opc = k <= 0 ? k : take_blob(u, sealed, "opc", credential_opc_place(row->algorithm), tuak ? 32 : 16, tuak ? 32 : 16, &row->opc);

	if (k < 0 || opc < 0)
		return -EINVAL;
	return k && opc ? 0 : problem_set(u->problem, 422, SEALED, "k and opc are needed");
}

static int take_aka(struct subscriber *u, const json_t *c, const json_t *sealed)
{
	static const char *const keys[] = { "scheme", "algorithm", "iterations", "res_bits", "amf", "sqn", "sealed", NULL };
	static const char *const names[] = { "k", "opc", "key", NULL };
	struct aka_row row = { .iterations = 1, .res_bits = 64 };
	int err = members_known(u, c, WHERE, keys);

	if (!err)
		err = members_known(u, sealed, SEALED, names);
	if (!err)
		err = aka_read_algorithm(u, c, &row.algorithm);
	if (!err && row.algorithm == AKA_TUAK)
		err = aka_read_tuak_numbers(u, c, &row);
	if (!err)
		err = aka_read_counters(u, c, &row);
	if (!err)
		err = take_secrets(u, sealed, &row);
	if (!err)
		err = store_digests_put(u->store, u->id, NULL, 0);
	return err ? err : store_aka_put(u->store, u->id, &row);
}

int put_sealed(struct subscriber *u, const json_t *c, enum scheme scheme)
{
	const json_t *sealed = json_object_get(c, "sealed");

	return scheme == SCHEME_AKA ? take_aka(u, c, sealed) : take_digests(u, c, sealed);
}
