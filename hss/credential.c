// SPDX-License-Identifier: Apache-2.0
/* Opens what lies sealed in the store. */
#include "hss/credential.h"
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
