// SPDX-License-Identifier: Apache-2.0
/* A secret in a file of its own: hex digits, for its owner's eyes only. */
#pragma once
#include "common/base.h"

enum { SECRET_FILE_MAX = 32 };

/* Its n bytes, at most SECRET_FILE_MAX. 0; -ENOENT; -EPERM when others may look into it; -EINVAL when it is something else. */
int secret_file_read(const char *path, uint8_t *bytes, size_t n);
/* Makes it, and its directory, with n random bytes. Whole or not at all, also when two start at once: the first stays. 0 or -errno. */
int secret_file_make(const char *path, size_t n);
