// SPDX-License-Identifier: Apache-2.0
/* AES-256-GCM: version | nonce (12, random) | ciphertext | tag (16). A random nonce serves 2^32 secrets a key
 * [NIST SP 800-38D 8.3]; a store of a hundred million subscribers stays below. */
#include "hss/seal.h"
#include "common/log.h"
#include "common/secret_file.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16 };

struct seal_key {
	uint8_t key[KEY_BYTES];
	EVP_CIPHER *cipher;
};

/* ---- the key, a file of 64 hex digits ---- */

int seal_key_load(const char *path, struct seal_key **out)
{
	struct seal_key *k = calloc(1, sizeof *k);
	int err;

	if (!k)
		return -ENOMEM;
	err = secret_file_read(path, k->key, KEY_BYTES);
	if (err == -ENOENT) {
		err = secret_file_make(path, KEY_BYTES);
		if (!err)
			log_event(LOG_WARN, "hss.seal", "master_key=%s event=made; the store is worth nothing without it: keep a copy", path);
		if (!err)
			err = secret_file_read(path, k->key, KEY_BYTES);
	}
	k->cipher = err ? NULL : EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (!err && !k->cipher)
		err = -EIO;
	if (err) {
		seal_key_free(k);
		return err;
	}
	*out = k;
	return 0;
}

void seal_key_free(struct seal_key *k)
{
	if (!k)
		return;
	EVP_CIPHER_free(k->cipher);
	explicit_bzero(k, sizeof *k);
	free(k);
}

/* ---- sealing ---- */

/* The place as associated data; the NUL between keeps "a"+"bc" from being "ab"+"c". */
static bool bind_place(EVP_CIPHER_CTX *c, const char *column, const char *owner)
{
	int n;

	return EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)column, (int)strlen(column) + 1) == 1 &&
	       EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)owner, (int)strlen(owner)) == 1;
}

int seal(const struct seal_key *k, const char *column, const char *owner, struct bytes plain, uint8_t *out)
{
	uint8_t *nonce = out + 1, *text = nonce + NONCE_BYTES;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool good;
	int n;

	out[0] = VERSION;
	good = c && RAND_bytes(nonce, NONCE_BYTES) == 1 && EVP_CipherInit_ex2(c, k->cipher, k->key, nonce, 1, NULL) == 1 &&
	       bind_place(c, column, owner) && EVP_CipherUpdate(c, text, &n, plain.data, (int)plain.len) == 1 &&
	       EVP_CipherFinal_ex(c, text + n, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, text + plain.len) == 1;
	EVP_CIPHER_CTX_free(c);
	return good ? 0 : -EIO;
}

int unseal(const struct seal_key *k, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len)
{
	const uint8_t *nonce = sealed.data + 1, *text = nonce + NONCE_BYTES;
	EVP_CIPHER_CTX *c;
	bool good;
	int n;

	if (sealed.len != len + SEAL_FRAME || sealed.data[0] != VERSION)
		return -EBADMSG;
	c = EVP_CIPHER_CTX_new();
	good = c && EVP_CipherInit_ex2(c, k->cipher, k->key, nonce, 0, NULL) == 1 && bind_place(c, column, owner) &&
	       EVP_CipherUpdate(c, out, &n, text, (int)len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, (void *)(uintptr_t)(text + len)) == 1 &&
	       EVP_CipherFinal_ex(c, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	if (!good)
		explicit_bzero(out, len);
	return good ? 0 : -EBADMSG;
}
