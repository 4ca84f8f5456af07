// SPDX-License-Identifier: Apache-2.0
/* A text in a file whose last line says what the others hash to, so that a file cut short or changed is known before it is used:
 *
 *   line ... line {"lines":N,"sha256":"64 hex digits, of all the octets before this line"} */
#pragma once
#include "common/base.h"

enum { TRAILER_MAX = 128 };

struct trailer;                              /* while the text is made */
struct trailer *trailer_new(void);           /* NULL: out of memory */
void trailer_free(struct trailer *t);
void trailer_add(struct trailer *t, const char *line, size_t len);
/* The last line; its length. */
size_t trailer_end(struct trailer *t, char out[TRAILER_MAX]);

/* The text before the last line. 0; -EBADMSG: it is not whole, or not what was written. Reads all of it. */
int trailer_check(struct bytes file, struct bytes *text);
