// SPDX-License-Identifier: Apache-2.0
/* The places of the master key: a file, a credential of the service manager, a variable of the environment. */
#include "hss/key/key_source.h"
#include "common/secret_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool begins(const char *text, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);

	*rest = text + n;
	return !strncmp(text, prefix, n);
}

static bool put_places(struct key_source *s, const char *directory, const char *name, const char *next)
{
	bool whole = snprintf(s->place[KEY_NOW], KEY_PLACE_MAX, "%s%s", directory, name) < KEY_PLACE_MAX;

	return whole && snprintf(s->place[KEY_NEXT], KEY_PLACE_MAX, "%s%s%s", directory, name, next) < KEY_PLACE_MAX;
}

/* Without a service manager there are no credentials: then it is not found, wherever. */
static bool put_credential(struct key_source *s, const char *name)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char start[KEY_PLACE_MAX];

	if (strchr(name, '/') || snprintf(start, sizeof start, "%s/", directory ? directory : "/run/credentials") >= (int)sizeof start)
		return false;
	return put_places(s, start, name, ".next");
}

int key_source_parse(const char *text, struct key_source *out)
{
	struct key_source s = { 0 };
	const char *rest;
	bool good;

	if (begins(text, "credential:", &rest)) {
		s.kind = KEY_CREDENTIAL;
		good = *rest && put_credential(&s, rest);
	} else if (begins(text, "env:", &rest)) {
		s.kind = KEY_ENVIRONMENT;
		good = *rest && !strchr(rest, '=') && put_places(&s, "", rest, "_NEXT");
	} else {
		const char *path = begins(text, "file:", &rest) ? rest : text;

		good = *path && put_places(&s, "", path, ".next");
	}
	if (!good)
		return -EINVAL;
	*out = s;
	return 0;
}

const char *key_source_kind_name(enum key_source_kind kind)
{
	switch (kind) {
	case KEY_FILE:
		return "file";
	case KEY_CREDENTIAL:
		return "credential";
	case KEY_ENVIRONMENT:
		return "env";
	}
	return "?";
}

/* What getenv() points at is what /proc/PID/environ shows: it is overwritten before the name is forgotten. */
static int read_variable(const char *name, uint8_t bytes[SEAL_KEY_BYTES])
{
	char *text = getenv(name);
	int err;

	if (!text)
		return -ENOENT;
	err = strlen(text) == 2 * SEAL_KEY_BYTES ? secret_parse(text, bytes, SEAL_KEY_BYTES) : -EINVAL;
	explicit_bzero(text, strlen(text));
	unsetenv(name);
	return err;
}

int key_source_read(const struct key_source *s, enum key_place which, uint8_t bytes[SEAL_KEY_BYTES])
{
	switch (s->kind) {
	case KEY_FILE:
		return secret_file_read(s->place[which], bytes, SEAL_KEY_BYTES);
	case KEY_CREDENTIAL: /* its owner's, or by an ACL, whose mask stands where the group's bits do */
		return secret_file_read_of_group(s->place[which], bytes, SEAL_KEY_BYTES);
	case KEY_ENVIRONMENT:
		return read_variable(s->place[which], bytes);
	}
	return -EINVAL;
}

int key_source_make(const struct key_source *s, enum key_place which)
{
	return s->kind == KEY_FILE ? secret_file_make(s->place[which], SEAL_KEY_BYTES) : -ENOTSUP;
}

int key_source_write_next(const struct key_source *s, const uint8_t bytes[SEAL_KEY_BYTES])
{
	return s->kind == KEY_FILE ? secret_file_write(s->place[KEY_NEXT], bytes, SEAL_KEY_BYTES) : -ENOTSUP;
}

int key_source_settle(const struct key_source *s)
{
	return s->kind == KEY_FILE ? secret_file_replace(s->place[KEY_NOW], s->place[KEY_NEXT]) : -ENOTSUP;
}
