// SPDX-License-Identifier: Apache-2.0
/* Wildcarded public identities: "sip:room!.*!@ims.test", fixed text around an extended regular expression. The outermost
 * exclamation marks are its delimiters. [TS 23.003 13.4A, 13.5] Pure. */
#pragma once
#include "common/base.h"

struct wildcard {                            /* parts of a text; borrowed */
	struct bytes prefix, expression, tail;
};

/* 0; -EINVAL: no expression in it. */
int wildcard_split(const char *text, struct wildcard *out);
/* NULL, or what is wrong with it in a few words. */
const char *wildcard_wrong(const char *text);
/* Does the whole identity match? An expression that takes too long does not. */
bool wildcard_match(const char *text, const char *identity);
