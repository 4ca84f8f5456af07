// SPDX-License-Identifier: Apache-2.0
/* Directories of local state. */
#pragma once

/* Makes directory `path` (mode 0700) and what is missing above it (0755). There already: fine. 0 or -errno. */
int path_make(const char *path);
/* The same for the directory that the file `path` is in. */
int path_make_parent(const char *path);
