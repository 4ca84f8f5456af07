// SPDX-License-Identifier: Apache-2.0
/* Patterns of names by number. */
#include "ctl/pattern.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 20 };

bool pattern_read(const char *text, struct pattern *out)
{
	const char *percent = strchr(text, '%'), *p = percent ? percent + 1 : NULL;
	long digits = 0;

	if (!p)
		return false;
	if (*p == '0') {
		char *end;

		digits = strtol(p, &end, 10);
		p = end;
	}
	if (*p != 'd' || digits > DIGITS_MAX || strchr(p, '%'))
		return false;
	*out = (struct pattern){ text, p + 1, (size_t)(percent - text), (int)digits };
	return true;
}

bool pattern_write(const struct pattern *p, unsigned long number, char *out, size_t size)
{
	int n = snprintf(out, size, "%.*s%0*lu%s", (int)p->before_len, p->before, p->digits, number, p->after);

	return n >= 0 && (size_t)n < size;
}
