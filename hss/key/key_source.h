// SPDX-License-Identifier: Apache-2.0
/* Where the master key comes from, and beside it the one that shall take its place. Both are 64 hex digits.
 *
 *   file:PATH, PATH    PATH and PATH.next, mode 0600; made where there is none
 *   credential:NAME    NAME and NAME.next of the service manager [systemd.exec(5) LoadCredential=]
 *   env:NAME           NAME and NAME_NEXT; overwritten and taken out of the environment once they are read */
#pragma once
#include "hss/key/seal.h"

enum { KEY_PLACE_MAX = 512 };
enum key_source_kind { KEY_FILE, KEY_CREDENTIAL, KEY_ENVIRONMENT };
enum key_place { KEY_NOW, KEY_NEXT };

struct key_source {
	enum key_source_kind kind;
	char place[2][KEY_PLACE_MAX]; /* by enum key_place: paths, or names of variables */
};

/* 0, or -EINVAL: no such form. */
int key_source_parse(const char *text, struct key_source *out);
const char *key_source_kind_name(enum key_source_kind kind); /* "file", "credential", "env" */

/* 0; -ENOENT; -EPERM: others may read it; -EINVAL: no key in it. */
int key_source_read(const struct key_source *s, enum key_place which, uint8_t bytes[SEAL_KEY_BYTES]);
/* A random one, or `bytes`, into its place, on the disk when it returns. -ENOTSUP: it is no file; -EEXIST; -errno. */
int key_source_make(const struct key_source *s, enum key_place which);
int key_source_write_next(const struct key_source *s, const uint8_t bytes[SEAL_KEY_BYTES]);
/* The next one is the one now; the old one is gone. 0, -ENOTSUP or -errno. */
int key_source_settle(const struct key_source *s);
