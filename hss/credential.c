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

int credential_open_digest(const struct seal_key *k, const char *impi, const struct digest_row *row, char *hex)
{
	size_t len = credential_ha1_len(row->algorithm);

	hex[len] = 0;
	return unseal(k, credential_place(row->algorithm), impi, row->ha1, (uint8_t *)hex, len);
}

int credential_open_aka(const struct seal_key *k, const char *impi, const struct aka_row *row, struct milenage *out)
{
	int err = unseal(k, AKA_K, impi, row->k, out->k, sizeof out->k);

	return err ? err : unseal(k, AKA_OPC, impi, row->opc, out->opc, sizeof out->opc);
}
