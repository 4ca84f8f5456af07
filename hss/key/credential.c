// SPDX-License-Identifier: Apache-2.0
/* Opens what lies sealed in the store. */
#include "hss/key/credential.h"
#include <string.h>

const char *credential_place(const char *algorithm)
{
	return !strcmp(algorithm, "MD5") ? HA1_MD5 : HA1_SHA256;
}

size_t credential_ha1_len(const char *algorithm)
{
	return !strcmp(algorithm, "MD5") ? 32 : 64;
}

const char *credential_opc_place(enum aka_algorithm algorithm)
{
	return algorithm == AKA_TUAK ? AKA_TOPC : AKA_OPC;
}

int credential_open_digest(struct keyring *r, const char *impi, const struct digest_row *row, char *hex)
{
	size_t len = credential_ha1_len(row->algorithm);

	hex[len] = 0;
	return unseal(r, credential_place(row->algorithm), impi, row->ha1, (uint8_t *)hex, len);
}

static int open_milenage(struct keyring *r, const char *impi, const struct aka_row *row, struct milenage *m)
{
	int err = unseal(r, AKA_K, impi, row->k, m->k, sizeof m->k);

	return err ? err : unseal(r, AKA_OPC, impi, row->opc, m->opc, sizeof m->opc);
}

static int open_tuak(struct keyring *r, const char *impi, const struct aka_row *row, struct tuak *t)
{
	int err = unseal(r, AKA_K, impi, row->k, t->k, t->k_len);

	return err ? err : unseal(r, AKA_TOPC, impi, row->opc, t->topc, sizeof t->topc);
}

int credential_open_aka(struct keyring *r, const char *impi, const struct aka_row *row, struct aka *out)
{
	size_t k_len = sealed_len(row->k);

	if (row->algorithm == AKA_MILENAGE) {
		out->algorithm = AKA_MILENAGE;
		return open_milenage(r, impi, row, &out->milenage);
	}
	if (k_len != 16 && k_len != TUAK_MAX)
		return -EBADMSG;
	aka_tuak(out, (unsigned)k_len, row->res_bits / 8, row->iterations);
	return open_tuak(r, impi, row, &out->tuak);
}

static int open_text(struct keyring *r, struct obstack *pool, const char *impi, const struct digest_row *row, const char **out)
{
	char hex[DIGEST_HEX_MAX];
	int err = credential_open_digest(r, impi, row, hex);

	if (!err)
		*out = obstack_copy0(pool, hex, (int)strlen(hex));
	explicit_bzero(hex, sizeof hex);
	return err;
}

int credential_digest_item(struct keyring *r, struct store *s, struct obstack *pool, const struct private_identity *p, struct cx_auth_item *out)
{
	struct digest_row rows[2]; /* the stronger first */
	int n = store_digests(s, pool, p->id, rows, ARRAY_LEN(rows)), err;

	if (n <= 0)
		return n ? n : -ENOENT;
	*out = (struct cx_auth_item){ .scheme = "SIP Digest", .realm = rows[n - 1].realm, .algorithm = rows[n - 1].algorithm, .qop = "auth" };
	err = open_text(r, pool, p->impi, &rows[n - 1], &out->ha1);
	if (err || n < 2)
		return err;
	out->alternate_algorithm = rows[0].algorithm;
	return open_text(r, pool, p->impi, &rows[0], &out->alternate_ha1);
}
