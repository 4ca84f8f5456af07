// SPDX-License-Identifier: Apache-2.0
/* HTTP Digest in SIP. [RFC 7616 3.4.1] the response, [RFC 3310 3.3] AKAv1: RES is the password, [RFC 4169 3] AKAv2. */
#include "common/crypto/digest.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

enum hash { HASH_MD5, HASH_SHA256, HASHES };

static const struct {
	const char *name;
	enum hash hash;
} algorithms[] = {
	[DIGEST_MD5] = { "MD5", HASH_MD5 },
	[DIGEST_SHA256] = { "SHA-256", HASH_SHA256 },
	[DIGEST_AKAV1_MD5] = { "AKAv1-MD5", HASH_MD5 },
	[DIGEST_AKAV2_MD5] = { "AKAv2-MD5", HASH_MD5 },
	[DIGEST_AKAV2_SHA256] = { "AKAv2-SHA-256", HASH_SHA256 },
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts_key;
static EVP_MD *hashes[HASHES];
static __thread EVP_MD_CTX *contexts[HASHES]; /* each keeps its hash, so that a digest is reset, update, final */

static void free_contexts(void *unused)
{
	(void)unused;
	for (int i = 0; i < HASHES; i++)
		EVP_MD_CTX_free(contexts[i]);
	memset(contexts, 0, sizeof contexts);
}

static void fetch(void)
{
	hashes[HASH_MD5] = EVP_MD_fetch(NULL, "MD5", NULL);
	hashes[HASH_SHA256] = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	pthread_key_create(&contexts_key, free_contexts);
}

static EVP_MD_CTX *begin(enum hash h)
{
	pthread_once(&once, fetch);
	if (!contexts[h]) {
		contexts[h] = EVP_MD_CTX_new();
		pthread_setspecific(contexts_key, contexts);
	}
	if (!hashes[h] || !contexts[h])
		return NULL;
	/* NULL keeps the hash of last time: no set-up but the first */
	if (!EVP_DigestInit_ex2(contexts[h], EVP_MD_CTX_get0_md(contexts[h]) ? NULL : hashes[h], NULL))
		return NULL;
	return contexts[h];
}

static void add(EVP_MD_CTX *c, const char *s)
{
	if (s)
		EVP_DigestUpdate(c, s, strlen(s));
}

/* ":s" */
static void add_next(EVP_MD_CTX *c, const char *s)
{
	EVP_DigestUpdate(c, ":", 1);
	add(c, s);
}

static int end_hex(EVP_MD_CTX *c, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t out[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!EVP_DigestFinal_ex(c, out, &len))
		return -EIO;
	for (unsigned i = 0; i < len; i++) {
		hex[2 * i] = digits[out[i] >> 4];
		hex[2 * i + 1] = digits[out[i] & 15];
	}
	hex[2 * len] = '\0';
	return 0;
}

const char *digest_algorithm_name(enum digest_algorithm a)
{
	return algorithms[a].name;
}

int digest_algorithm_parse(const char *name)
{
	if (!name || !*name)
		return DIGEST_MD5;
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
		if (!strcasecmp(name, algorithms[i].name))
			return (int)i;
	return -EINVAL;
}

int digest_ha1(enum digest_algorithm a, const char *username, const char *realm, struct bytes password, char *hex)
{
	EVP_MD_CTX *c = begin(algorithms[a].hash);

	if (!c)
		return -EIO;
	add(c, username);
	add_next(c, realm);
	add_next(c, "");
	EVP_DigestUpdate(c, password.data, password.len);
	return end_hex(c, hex);
}

/* A2 = method:uri, and with auth-int :H(body) [RFC 7616 3.4.3] */
static int ha2(enum hash h, const struct digest_credentials *d, const char *method, struct bytes body, char *hex)
{
	bool integrity = d->qop && !strcasecmp(d->qop, "auth-int");
	char body_hex[DIGEST_HEX_MAX];
	EVP_MD_CTX *c;

	if (integrity) {
		c = begin(h);
		if (!c)
			return -EIO;
		EVP_DigestUpdate(c, body.data, body.len);
		if (end_hex(c, body_hex))
			return -EIO;
	}
	c = begin(h);
	if (!c)
		return -EIO;
	add(c, method);
	add_next(c, d->uri);
	if (integrity)
		add_next(c, body_hex);
	return end_hex(c, hex);
}

int digest_response(enum digest_algorithm a, const char *ha1, const struct digest_credentials *d, const char *method,
		    struct bytes body, char *hex)
{
	char a2[DIGEST_HEX_MAX];
	EVP_MD_CTX *c;

	if (ha2(algorithms[a].hash, d, method, body, a2))
		return -EIO;
	c = begin(algorithms[a].hash);
	if (!c)
		return -EIO;
	add(c, ha1);
	add_next(c, d->nonce);
	if (d->qop) {
		add_next(c, d->nc);
		add_next(c, d->cnonce);
		add_next(c, d->qop);
	}
	add_next(c, a2);
	return end_hex(c, hex);
}

int digest_akav2_password(enum digest_algorithm a, struct bytes res, struct bytes ik, struct bytes ck, char *out)
{
	static const char label[] = "http-digest-akav2-password";
	const char *hash = algorithms[a].hash == HASH_MD5 ? "MD5" : "SHA2-256";
	uint8_t key[64], mac[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (res.len + ik.len + ck.len > sizeof key)
		return -EINVAL;
	memcpy(key, res.data, res.len);
	memcpy(key + res.len, ik.data, ik.len);
	memcpy(key + res.len + ik.len, ck.data, ck.len);
	if (!EVP_Q_mac(NULL, "HMAC", NULL, hash, NULL, key, res.len + ik.len + ck.len, (const uint8_t *)label, sizeof label - 1, mac,
		       sizeof mac, &len))
		return -EIO;
	OPENSSL_cleanse(key, sizeof key);
	EVP_EncodeBlock((uint8_t *)out, mac, (int)len);
	return 0;
}

static unsigned lower(char c)
{
	unsigned u = (unsigned char)c;

	return u | (unsigned)(u - 'A' < 26) << 5;
}

bool digest_equal(const char *a, const char *b)
{
	size_t len = strlen(a);
	unsigned differ = 0;

	if (len != strlen(b))
		return false;
	for (size_t i = 0; i < len; i++)
		differ |= lower(a[i]) ^ lower(b[i]);
	return !differ;
}
