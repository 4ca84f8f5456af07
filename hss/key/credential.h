// SPDX-License-Identifier: Apache-2.0
/* Credentials in clear, for as long as one question is answered. */
#pragma once
#include "common/crypto/digest.h"
#include "hss/key/keyring.h"

#define HA1_MD5 "ha1.md5"        /* places that the secrets are bound to */
#define HA1_SHA256 "ha1.sha256"
#define AKA_K "aka.k"
#define AKA_OPC "aka.opc"
#define AKA_TOPC "aka.topc"

/* Where an HA1 of this algorithm ("MD5", "SHA-256") belongs, and its length in hex digits. */
const char *credential_place(const char *algorithm);
size_t credential_ha1_len(const char *algorithm);
const char *credential_opc_place(enum aka_algorithm algorithm);

/* hex[DIGEST_HEX_MAX]. 0; -EBADMSG: for somebody else or spoilt; -ENOKEY: the master key it is under is not here. */
int credential_open_digest(struct keyring *r, const char *impi, const struct digest_row *row, char *hex);
int credential_open_aka(struct keyring *r, const char *impi, const struct aka_row *row, struct aka *out);

/* All SIP Digest credentials in one item: MD5's, which every S-CSCF knows, with the stronger ones as its alternate
 * [TS 29.229 6.3.36]. Strings in the pool. -ENOENT: there are none. */
int credential_digest_item(struct keyring *r, struct store *s, struct obstack *pool, const struct private_identity *p,
			   struct cx_auth_item *out);
