// SPDX-License-Identifier: Apache-2.0
/* AES-256-GCM: version 2 | key (4) | nonce (12, random) | ciphertext | tag (16); what is before the nonce, and the place, are
 * associated data. Version 1 names no key: it was the first. A random nonce serves 2^32 secrets a key [NIST SP 800-38D 8.3]; a
 * store of a hundred million subscribers stays below. */
#include "hss/key/seal.h"
#include "common/secret_memory.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

enum { HEAD_BYTES = SEAL_HEAD, NONCE_BYTES = SEAL_NONCE, TAG_BYTES = SEAL_TAG };

struct seal_key {
	uint32_t id;
	uint8_t key[SEAL_KEY_BYTES];
	EVP_CIPHER *cipher;
};

/* ---- a key ---- */

int seal_key_new(const uint8_t bytes[SEAL_KEY_BYTES], struct seal_key **out)
{
	struct seal_key *k = secret_alloc(sizeof *k);

	if (!k)
		return -ENOMEM;
	memcpy(k->key, bytes, SEAL_KEY_BYTES);
	k->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (!k->cipher) {
		seal_key_free(k);
		return -EIO;
	}
	*out = k;
	return 0;
}

void seal_key_free(struct seal_key *k)
{
	if (!k)
		return;
	EVP_CIPHER_free(k->cipher);
	secret_free(k, sizeof *k);
}

uint32_t seal_key_id(const struct seal_key *k)
{
	return k->id;
}

void seal_key_name(struct seal_key *k, uint32_t id)
{
	k->id = id;
}

bool seal_key_equal(const struct seal_key *a, const struct seal_key *b)
{
	return CRYPTO_memcmp(a->key, b->key, SEAL_KEY_BYTES) == 0;
}

/* ---- its check value ---- */

static const uint8_t check_text[SEAL_KEY_BYTES];

int seal_check_make(const struct seal_key *k, uint8_t out[SEAL_CHECK_BYTES])
{
	return seal_under(k, "master_key", "check_value", (struct bytes){ check_text, sizeof check_text }, out);
}

bool seal_check_opens(const struct seal_key *k, struct bytes check)
{
	uint8_t plain[sizeof check_text];

	return !unseal_under(k, "master_key", "check_value", check, plain, sizeof plain) && !memcmp(plain, check_text, sizeof plain);
}

/* ---- sealing ---- */

/* The place as associated data; the NUL between keeps "a"+"bc" from being "ab"+"c". Old ones did not bind their head. */
static bool bind_place(EVP_CIPHER_CTX *c, const uint8_t *head, const char *column, const char *owner)
{
	int n;

	return (head[0] == 1 || EVP_CipherUpdate(c, NULL, &n, head, HEAD_BYTES) == 1) &&
	       EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)column, (int)strlen(column) + 1) == 1 &&
	       EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)owner, (int)strlen(owner)) == 1;
}

int seal_under(const struct seal_key *k, const char *column, const char *owner, struct bytes plain, uint8_t *out)
{
	uint8_t *nonce = out + HEAD_BYTES, *text = nonce + NONCE_BYTES;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool good;
	int n;

	memcpy(out, (uint8_t[]){ 2, (uint8_t)(k->id >> 24), (uint8_t)(k->id >> 16), (uint8_t)(k->id >> 8), (uint8_t)k->id }, HEAD_BYTES);
	good = c && RAND_bytes(nonce, NONCE_BYTES) == 1 && EVP_CipherInit_ex2(c, k->cipher, k->key, nonce, 1, NULL) == 1 &&
	       bind_place(c, out, column, owner) && EVP_CipherUpdate(c, text, &n, plain.data, (int)plain.len) == 1 &&
	       EVP_CipherFinal_ex(c, text + n, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, text + plain.len) == 1;
	EVP_CIPHER_CTX_free(c);
	return good ? 0 : -EIO;
}

int unseal_under(const struct seal_key *k, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len)
{
	size_t head = sealed_head(sealed);
	const uint8_t *nonce = sealed.data + head, *text = nonce + NONCE_BYTES;
	EVP_CIPHER_CTX *c;
	bool good;
	int n;

	if (!head || sealed_len(sealed) != len)
		return -EBADMSG;
	c = EVP_CIPHER_CTX_new();
	good = c && EVP_CipherInit_ex2(c, k->cipher, k->key, nonce, 0, NULL) == 1 && bind_place(c, sealed.data, column, owner) &&
	       EVP_CipherUpdate(c, out, &n, text, (int)len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, (void *)(uintptr_t)(text + len)) == 1 &&
	       EVP_CipherFinal_ex(c, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	if (!good)
		explicit_bzero(out, len);
	return good ? 0 : -EBADMSG;
}
