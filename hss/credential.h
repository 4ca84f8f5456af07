// SPDX-License-Identifier: Apache-2.0
/* Credentials in clear, for as long as one question is answered. */
#pragma once
#include "common/crypto/digest.h"
#include "common/crypto/milenage.h"
#include "hss/seal.h"
#include "hss/store.h"

#define HA1_MD5 "ha1.md5"        /* places that the secrets are bound to */
#define HA1_SHA256 "ha1.sha256"
#define AKA_K "aka.k"
#define AKA_OPC "aka.opc"

/* Where an HA1 of this algorithm ("MD5", "SHA-256") belongs, and its length in hex digits. */
const char *credential_place(const char *algorithm);
size_t credential_ha1_len(const char *algorithm);

/* hex[DIGEST_HEX_MAX]. 0, or -EBADMSG: sealed under another key or for somebody else. */
int credential_open_digest(const struct seal_key *k, const char *impi, const struct digest_row *row, char *hex);
int credential_open_aka(const struct seal_key *k, const char *impi, const struct aka_row *row, struct milenage *out);
