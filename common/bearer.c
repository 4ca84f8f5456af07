// SPDX-License-Identifier: Apache-2.0
/* A line a token; written beside the old file and renamed over it. */
#include "common/bearer.h"
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512, PATH_BYTES = 512 };

void bearer_digest(const char *token, uint8_t out[BEARER_DIGEST])
{
	if (EVP_Digest(token, strlen(token), out, NULL, EVP_sha256(), NULL) != 1)
		abort(); /* without SHA-256 nobody can be let in */
}

bool bearer_name_is_good(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

	return n && !name[n] && n <= BEARER_NAME_MAX;
}

bool bearer_parse_time(const char *text, int64_t *out)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (!end || *end) {
		memset(&tm, 0, sizeof tm);
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	if (!end || *end)
		return false;
	*out = timegm(&tm);
	return *out > 0;
}

/* ---- reading ---- */

static bool parse_digest(const char *hex, uint8_t *out)
{
	if (strlen(hex) != 2 * BEARER_DIGEST || strspn(hex, "0123456789abcdefABCDEF") != 2 * BEARER_DIGEST)
		return false;
	for (size_t i = 0; i < BEARER_DIGEST; i++)
		out[i] = (uint8_t)strtoul((char[]){ hex[2 * i], hex[2 * i + 1], 0 }, NULL, 16);
	return true;
}

/* 1, 0 for a line with nothing in it, -EINVAL. */
static int parse_line(char *line, struct bearer *out)
{
	char *words[5], *rest = line;
	size_t n = 0;

	line[strcspn(line, "#\r\n")] = 0;
	while (n < ARRAY_LEN(words) && (words[n] = strtok_r(rest, " \t", &rest)))
		n++;
	if (!n)
		return 0;
	*out = (struct bearer){ .expires_s = 0 };
	if (n < 3 || n > 4 || !bearer_name_is_good(words[0]) || !bearer_name_is_good(words[1]) || !parse_digest(words[2], out->digest) ||
	    (n == 4 && !bearer_parse_time(words[3], &out->expires_s)))
		return -EINVAL;
	snprintf(out->name, sizeof out->name, "%s", words[0]);
	snprintf(out->role, sizeof out->role, "%s", words[1]);
	return 1;
}

static int parse(FILE *f, struct bearer *list, size_t *n, unsigned *line)
{
	char text[LINE_MAX_BYTES];
	int more = 0;

	for (*line = 1; fgets(text, sizeof text, f); ++*line) {
		if (!strchr(text, '\n') && !feof(f))
			return -EINVAL;
		if (*n == BEARERS_MAX)
			return -EINVAL;
		more = parse_line(text, &list[*n]);
		if (more < 0)
			return more;
		*n += (size_t)more;
	}
	return ferror(f) ? -EIO : 0;
}

int bearer_read(const char *path, struct bearer **out, size_t *n, unsigned *line)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct bearer *list;
	struct stat st;
	FILE *f;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_mode & 0077) {
		close(fd);
		return -EPERM;
	}
	f = fdopen(fd, "r");
	list = calloc(BEARERS_MAX, sizeof *list);
	*n = 0;
	err = f && list ? parse(f, list, n, line) : -ENOMEM;
	if (f)
		fclose(f);
	else
		close(fd);
	if (err)
		free(list);
	else
		*out = list;
	return err;
}

/* ---- writing ---- */

static void print(FILE *f, const struct bearer *b)
{
	char expires[32] = "";
	time_t t = (time_t)b->expires_s;
	struct tm tm;

	if (t && gmtime_r(&t, &tm))
		strftime(expires, sizeof expires, " %Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(f, "%s %s ", b->name, b->role);
	for (size_t i = 0; i < BEARER_DIGEST; i++)
		fprintf(f, "%02x", b->digest[i]);
	fprintf(f, "%s\n", expires);
}

int bearer_write(const char *path, const struct bearer *list, size_t n)
{
	char beside[PATH_BYTES];
	int fd, err;
	FILE *f;

	if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
		return -ENAMETOOLONG;
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return -errno;
	fprintf(f, "# name role SHA-256 [expires]: imsctl token; SIGHUP has the HSS read it anew\n");
	for (size_t i = 0; i < n; i++)
		print(f, &list[i]);
	err = fflush(f) || fsync(fd) ? -errno : 0;
	fclose(f);
	if (!err && rename(beside, path))
		err = -errno;
	if (err)
		unlink(beside);
	return err;
}
