// SPDX-License-Identifier: Apache-2.0
/* Secrets of subscribers at rest: AES-256-GCM under a master key, bound to their place, so that neither a copied nor an
 * exchanged row opens. [NIST SP 800-38D] hss/key/keyring.h has the keys in use. */
#pragma once
#include "common/base.h"

enum { SEAL_KEY_BYTES = 32, SEAL_OLD_HEAD = 1, SEAL_HEAD = 5, SEAL_NONCE = 12, SEAL_TAG = 16 };
enum { SEAL_FRAME = SEAL_HEAD + SEAL_NONCE + SEAL_TAG, SEAL_CHECK_BYTES = SEAL_KEY_BYTES + SEAL_FRAME, SEAL_PLAIN_MAX = 64 };

struct seal_key;                     /* in memory that is neither swapped out nor dumped */

/* 0, -ENOMEM or -EIO (OpenSSL). It has no name, 0, until the store gives it one. */
int seal_key_new(const uint8_t bytes[SEAL_KEY_BYTES], struct seal_key **out);
void seal_key_free(struct seal_key *k);
uint32_t seal_key_id(const struct seal_key *k);
void seal_key_name(struct seal_key *k, uint32_t id);
bool seal_key_equal(const struct seal_key *a, const struct seal_key *b);

/* What the store keeps of a key, so that another one is noticed. 0 or -EIO. */
int seal_check_make(const struct seal_key *k, uint8_t out[SEAL_CHECK_BYTES]);
bool seal_check_opens(const struct seal_key *k, struct bytes check);

/* ---- a sealed secret by its form: version 2 | key (4), or version 1, which knew only the first; nonce | text | tag ---- */

static inline size_t sealed_head(struct bytes sealed) /* 0: it is none */
{
	size_t head = !sealed.len ? 0 : sealed.data[0] == 1 ? SEAL_OLD_HEAD : sealed.data[0] == 2 ? SEAL_HEAD : 0;

	return sealed.len > head + SEAL_NONCE + SEAL_TAG ? head : 0;
}

/* The key that it wants; 0: it is none. */
static inline uint32_t sealed_key(struct bytes sealed)
{
	const uint8_t *p = sealed.data;
	size_t head = sealed_head(sealed);

	return !head ? 0 : head == SEAL_OLD_HEAD ? 1 : (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
}

/* How many octets come out. */
static inline size_t sealed_len(struct bytes sealed)
{
	size_t head = sealed_head(sealed);

	return head ? sealed.len - head - SEAL_NONCE - SEAL_TAG : 0;
}

/* ---- sealing ---- */

/* `column` and `owner` say where the secret belongs: "aka.k", the IMPI. `out` takes plain.len + SEAL_FRAME bytes. 0 or -EIO. */
int seal_under(const struct seal_key *k, const char *column, const char *owner, struct bytes plain, uint8_t *out);
/* Exactly `len` bytes come out. 0, or -EBADMSG for anything not sealed under this key for this place. */
int unseal_under(const struct seal_key *k, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len);
