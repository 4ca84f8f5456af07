// SPDX-License-Identifier: Apache-2.0
/* A name with a number in it: "user%06d". Never a printf format of a stranger: one %d or %0Nd, nothing else. Pure. */
#pragma once
#include "common/base.h"

struct pattern {
	const char *before, *after;      /* of the text that it was read from */
	size_t before_len;
	int digits;                      /* at least */
};

bool pattern_read(const char *text, struct pattern *out); /* false: not one %d */
/* False: no room. */
bool pattern_write(const struct pattern *p, unsigned long number, char *out, size_t size);
