// SPDX-License-Identifier: Apache-2.0
/* Tokens sealed with AES-128-GCM: base64url of version | nonce (12) | ciphertext | tag (16), the purpose as associated data.
 * The nonce is random: 2^32 tokens a key before a collision is likely enough to matter [NIST SP 800-38D 8.3]; a new key is
 * FILE with the old one moved to FILE.previous. */
#include "common/token.h"
#include "common/log.h"
#include "common/secret_file.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, KEY_BYTES = 16, NONCE_BYTES = 12, TAG_BYTES = 16, FRAME = 1 + NONCE_BYTES + TAG_BYTES, SEALED_MAX = 2048,
       NONCES = 64 };

struct token_key {
	uint8_t key[KEY_BYTES], previous[KEY_BYTES];
	bool has_previous;
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *sealer, *opener, *previous_opener; /* each with its key set: that costs more than a token */
	uint8_t nonces[NONCES * NONCE_BYTES];              /* random, asked for by the dozen */
	size_t nonces_left;
};

/* ---- the key, a file of 32 hex digits ---- */

static EVP_CIPHER_CTX *context(const struct token_key *k, const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (c && EVP_CipherInit_ex(c, k->cipher, NULL, key, NULL, encrypt) == 1)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

static bool prepare(struct token_key *k)
{
	k->sealer = context(k, k->key, 1);
	k->opener = context(k, k->key, 0);
	k->previous_opener = k->has_previous ? context(k, k->previous, 0) : NULL;
	return k->sealer && k->opener && (!k->has_previous || k->previous_opener);
}

int token_key_load(const char *path, struct token_key **out)
{
	struct token_key *k = calloc(1, sizeof *k);
	char previous[512];
	int err;

	if (!k)
		return -ENOMEM;
	k->cipher = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL); /* once: the search costs more than the sealing */
	err = k->cipher ? secret_file_read(path, k->key, KEY_BYTES) : -ENOSYS;
	if (err == -ENOENT) {
		err = secret_file_make(path, KEY_BYTES);
		if (!err)
			err = secret_file_read(path, k->key, KEY_BYTES);
		if (!err)
			log_event(LOG_INFO, "token", "event=key_made file=%s", path);
	}
	if (err) {
		token_key_free(k);
		return err;
	}
	snprintf(previous, sizeof previous, "%s.previous", path);
	k->has_previous = secret_file_read(previous, k->previous, KEY_BYTES) == 0;
	if (!prepare(k)) {
		token_key_free(k);
		return -ENOMEM;
	}
	*out = k;
	return 0;
}

void token_key_free(struct token_key *k)
{
	if (!k)
		return;
	EVP_CIPHER_CTX_free(k->sealer);
	EVP_CIPHER_CTX_free(k->opener);
	EVP_CIPHER_CTX_free(k->previous_opener);
	EVP_CIPHER_free(k->cipher);
	explicit_bzero(k, sizeof *k);
	free(k);
}

/* ---- base64url without padding [RFC 4648 5] ---- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t encode(const uint8_t *in, size_t n, char *out)
{
	char *p = out;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);

		*p++ = alphabet[v >> 18];
		*p++ = alphabet[v >> 12 & 63];
		if (left > 1)
			*p++ = alphabet[v >> 6 & 63];
		if (left > 2)
			*p++ = alphabet[v & 63];
	}
	*p = 0;
	return (size_t)(p - out);
}

static int value_of(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* The number of bytes, or -1; unused bits must be zero, so that one token has one text. */
static int decode(const char *text, size_t len, uint8_t *out)
{
	uint32_t v = 0;
	int bits = 0, n = 0;

	for (size_t i = 0; i < len; i++) {
		int six = value_of(text[i]);

		if (six < 0)
			return -1;
		v = v << 6 | (uint32_t)six;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		out[n++] = (uint8_t)(v >> bits);
		v &= (1u << bits) - 1;
	}
	return v || bits == 6 ? -1 : n;
}

/* ---- seal and open ---- */

static bool take_nonce(struct token_key *k, uint8_t out[NONCE_BYTES])
{
	if (!k->nonces_left) {
		if (RAND_bytes(k->nonces, sizeof k->nonces) != 1)
			return false;
		k->nonces_left = NONCES;
	}
	memcpy(out, k->nonces + --k->nonces_left * NONCE_BYTES, NONCE_BYTES);
	return true;
}

static bool encrypt(struct token_key *k, const char *purpose, struct bytes plain, uint8_t *sealed)
{
	uint8_t *nonce = sealed + 1, *cipher = nonce + NONCE_BYTES;
	EVP_CIPHER_CTX *c = k->sealer;
	int n;

	return take_nonce(k, nonce) && EVP_EncryptInit_ex(c, NULL, NULL, NULL, nonce) == 1 && EVP_EncryptUpdate(c, NULL, &n, sealed, 1) == 1 &&
	       EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)purpose, (int)strlen(purpose)) == 1 &&
	       EVP_EncryptUpdate(c, cipher, &n, plain.data, (int)plain.len) == 1 && EVP_EncryptFinal_ex(c, cipher + plain.len, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, cipher + plain.len) == 1;
}

int token_wrap(struct token_key *k, const char *purpose, struct bytes plain, uint8_t *sealed, size_t size)
{
	if (size < FRAME || plain.len > size - FRAME)
		return -ENOSPC;
	sealed[0] = VERSION;
	return encrypt(k, purpose, plain, sealed) ? (int)(FRAME + plain.len) : -EIO;
}

int token_seal(struct token_key *k, const char *purpose, struct bytes plain, char *text, size_t size)
{
	uint8_t sealed[SEALED_MAX];
	int n = size < TOKEN_TEXT_MAX(plain.len) ? -ENOSPC : token_wrap(k, purpose, plain, sealed, sizeof sealed);

	return n < 0 ? n : (int)encode(sealed, (size_t)n, text);
}

static bool decrypt(EVP_CIPHER_CTX *c, const char *purpose, struct bytes sealed, uint8_t *plain)
{
	const uint8_t *nonce = sealed.data + 1, *cipher = nonce + NONCE_BYTES;
	int len = (int)sealed.len - FRAME, n;

	return EVP_DecryptInit_ex(c, NULL, NULL, NULL, nonce) == 1 && EVP_DecryptUpdate(c, NULL, &n, sealed.data, 1) == 1 &&
	       EVP_DecryptUpdate(c, NULL, &n, (const uint8_t *)purpose, (int)strlen(purpose)) == 1 &&
	       EVP_DecryptUpdate(c, plain, &n, cipher, len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, (void *)(uintptr_t)(cipher + len)) == 1 &&
	       EVP_DecryptFinal_ex(c, plain + len, &n) == 1;
}

int token_unwrap(struct token_key *k, const char *purpose, struct bytes sealed, uint8_t *plain, size_t size)
{
	uint8_t opened[SEALED_MAX];
	size_t n = sealed.len - FRAME;

	if (sealed.len < FRAME || sealed.len > SEALED_MAX || sealed.data[0] != VERSION)
		return -EBADMSG;
	if (n > size)
		return -ENOSPC;
	if (!decrypt(k->opener, purpose, sealed, opened) && !(k->previous_opener && decrypt(k->previous_opener, purpose, sealed, opened)))
		return -EBADMSG;
	memcpy(plain, opened, n);
	return (int)n;
}

int token_open(struct token_key *k, const char *purpose, const char *text, size_t text_len, uint8_t *plain, size_t size)
{
	uint8_t raw[SEALED_MAX];
	int n = text_len > SEALED_MAX ? -1 : decode(text, text_len, raw);

	return n < 0 ? -EBADMSG : token_unwrap(k, purpose, (struct bytes){ raw, (size_t)n }, plain, size);
}
