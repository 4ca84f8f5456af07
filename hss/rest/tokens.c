// SPDX-License-Identifier: Apache-2.0
/* Bearer tokens [RFC 6750]. All are compared by their digests and all of them each time, so that no time tells how near one came. */
#include "hss/rest/tokens.h"
#include "common/bearer.h"
#include "common/log.h"
#include "common/secret_file.h"
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_MIN = 16, TOKEN_MAX = 255, TOKEN_BYTES = 32 };

struct tokens {
	uint8_t full[BEARER_DIGEST];
	struct bearer *list;
	size_t count;
};

/* ---- the full token ---- */

static int read_token(const char *path, uint8_t digest[BEARER_DIGEST])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[TOKEN_MAX + 2] = "";
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_mode & 0077) {
		close(fd);
		return -EPERM;
	}
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[strcspn(text, " \t\r\n")] = 0;
	if (n < 0 || strlen(text) < TOKEN_MIN)
		return -EINVAL;
	bearer_digest(text, digest);
	explicit_bzero(text, sizeof text);
	return 0;
}

static int load_full(const char *path, struct tokens *t)
{
	int err = read_token(path, t->full);

	if (err == -ENOENT) {
		err = secret_file_make(path, TOKEN_BYTES);
		if (!err)
			log_event(LOG_INFO, "hss.rest", "token_file=%s event=made", path);
		if (!err)
			err = read_token(path, t->full);
	}
	if (err)
		log_event(LOG_ERROR, "hss.rest", "token_file=%s error=\"%s\"", path,
			  err == -EPERM ? "others may read it" : err == -EINVAL ? "16 characters at least are expected" : strerror(-err));
	return err;
}

/* ---- the others ---- */

static int check_roles(const char *path, const struct tokens *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (role_of_name(t->list[i].role) == ROLE_NONE) {
			log_event(LOG_ERROR, "hss.rest", "tokens_file=%s token=%s error=\"no role '%s'\"", path, t->list[i].name,
				  t->list[i].role);
			return -EINVAL;
		}
	return 0;
}

static int load_list(const char *path, struct tokens *t)
{
	unsigned line = 0;
	int err = bearer_read(path, &t->list, &t->count, &line);

	if (err == -ENOENT)
		return 0;
	if (err)
		log_event(LOG_ERROR, "hss.rest", "tokens_file=%s line=%u error=\"%s\"", path, line,
			  err == -EPERM ? "others may read it" : err == -EINVAL ? "NAME ROLE SHA-256 [EXPIRES] is expected" : strerror(-err));
	return err ? err : check_roles(path, t);
}

struct tokens *tokens_load(const struct hss_options *o)
{
	struct tokens *t = calloc(1, sizeof *t);

	if (t && !load_full(o->rest.token_file, t) && !load_list(o->rest.tokens_file, t))
		return t;
	tokens_free(t);
	return NULL;
}

void tokens_free(struct tokens *t)
{
	if (!t)
		return;
	free(t->list);
	explicit_bzero(t, sizeof *t);
	free(t);
}

/* ---- who comes ---- */

static const struct bearer *find(const struct tokens *t, const uint8_t digest[BEARER_DIGEST])
{
	const struct bearer *found = NULL;

	for (size_t i = 0; i < t->count; i++)
		if (!CRYPTO_memcmp(t->list[i].digest, digest, BEARER_DIGEST))
			found = &t->list[i];
	return found;
}

enum role tokens_role(const struct tokens *t, const char *header, const char **name, const char **why)
{
	uint8_t digest[BEARER_DIGEST];
	const struct bearer *b;

	*why = "a bearer token is needed";
	if (!header || strncasecmp(header, "Bearer ", 7))
		return ROLE_NONE;
	bearer_digest(header + 7 + strspn(header + 7, " "), digest);
	*name = "admin";
	if (!CRYPTO_memcmp(t->full, digest, BEARER_DIGEST))
		return ROLE_SECURITY;
	b = find(t, digest);
	*why = b ? "the token has expired" : "nobody has this token";
	if (!b || (b->expires_s && b->expires_s <= (int64_t)(clock_wall_ns() / 1000000000u)))
		return ROLE_NONE;
	*name = b->name;
	return role_of_name(b->role);
}
