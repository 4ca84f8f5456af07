// SPDX-License-Identifier: Apache-2.0
/* Passwords come from a file or from standard input, never from the command line, where everybody sees them. */
#pragma once
#include "ctl/ctl.h"

enum { SECRET_MAX = 1024 };

/* The first line of the file; "-": of standard input, asked for without echo when that is a terminal. False after saying what is
 * wrong. */
bool secret_read(const char *path, char out[SECRET_MAX]);
/* A whole file, "-" is standard input; to be freed. NULL after saying what is wrong. */
char *file_read(const char *path);
