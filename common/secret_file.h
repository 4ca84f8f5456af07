// SPDX-License-Identifier: Apache-2.0
/* A secret in a file of its own: hex digits, for its owner's eyes only. */
#pragma once
#include "common/base.h"

enum { SECRET_FILE_MAX = 32 };

/* Its n bytes, at most SECRET_FILE_MAX. 0; -ENOENT; -EPERM when others may look into it; -EINVAL when it is something else. */
int secret_file_read(const char *path, uint8_t *bytes, size_t n);
/* The same for one that a group may read, as ACLs of a service manager look. */
int secret_file_read_of_group(const char *path, uint8_t *bytes, size_t n);
/* 2 * n hex digits and perhaps an end of line. 0 or -EINVAL. */
int secret_parse(const char *text, uint8_t *bytes, size_t n);
/* Makes it, and its directory, with n random bytes. Whole or not at all, also when two start at once: the first stays. 0 or -errno. */
int secret_file_make(const char *path, size_t n);
/* The same with these bytes; -EEXIST when it is there. */
int secret_file_write(const char *path, const uint8_t *bytes, size_t n);
/* `next` takes the place of `path`, whose content is overwritten; on the disk when this returns. 0 or -errno. */
int secret_file_replace(const char *path, const char *next);
