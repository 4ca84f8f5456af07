// SPDX-License-Identifier: Apache-2.0
/* SHA-256 over lines. [FIPS 180-4] */
#include "common/trailer.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHA256_BYTES = 32 };

struct trailer {
	EVP_MD_CTX *md;
	size_t lines;
};

struct trailer *trailer_new(void)
{
	struct trailer *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->md = EVP_MD_CTX_new();
	if (t->md && EVP_DigestInit_ex(t->md, EVP_sha256(), NULL) == 1)
		return t;
	trailer_free(t);
	return NULL;
}

void trailer_free(struct trailer *t)
{
	if (!t)
		return;
	EVP_MD_CTX_free(t->md);
	free(t);
}

void trailer_add(struct trailer *t, const char *line, size_t len)
{
	EVP_DigestUpdate(t->md, line, len);
	t->lines++;
}

static size_t write_line(size_t lines, const uint8_t hash[SHA256_BYTES], char out[TRAILER_MAX])
{
	int n = snprintf(out, TRAILER_MAX, "{\"lines\":%zu,\"sha256\":\"", lines);

	for (int i = 0; i < SHA256_BYTES; i++)
		n += snprintf(out + n, TRAILER_MAX - (size_t)n, "%02x", hash[i]);
	return (size_t)(n + snprintf(out + n, TRAILER_MAX - (size_t)n, "\"}\n"));
}

size_t trailer_end(struct trailer *t, char out[TRAILER_MAX])
{
	uint8_t hash[EVP_MAX_MD_SIZE];

	EVP_DigestFinal_ex(t->md, hash, NULL);
	return write_line(t->lines, hash, out);
}

static size_t count_lines(struct bytes text)
{
	const uint8_t *end = text.data + text.len;
	size_t n = 0;

	for (const uint8_t *at = text.data; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
		n++;
	return n;
}

int trailer_check(struct bytes file, struct bytes *text)
{
	const uint8_t *before = file.len > 1 ? memrchr(file.data, '\n', file.len - 1) : NULL;
	struct bytes all = { file.data, before ? (size_t)(before + 1 - file.data) : 0 };
	uint8_t hash[EVP_MAX_MD_SIZE];
	char wanted[TRAILER_MAX];
	size_t len;

	if (!all.len || file.len - all.len >= TRAILER_MAX || EVP_Digest(all.data, all.len, hash, NULL, EVP_sha256(), NULL) != 1)
		return -EBADMSG;
	len = write_line(count_lines(all), hash, wanted);
	if (file.len - all.len != len || memcmp(wanted, all.data + all.len, len))
		return -EBADMSG;
	*text = all;
	return 0;
}
