// SPDX-License-Identifier: Apache-2.0
/* Text from a format, as snprintf() makes it, for what is made for every message: %s, %c, %d, %u, %x, %X and %% with a width, 0, -, a
 * precision for %s, and l, ll, h, hh, z are done here in a pass over the bytes; a format with anything else is handed to vsnprintf(). */
#pragma once
#include <stdarg.h>
#include <stddef.h>

/* Both return the length of the whole text, which is cut to size - 1 bytes and ended with NUL. */
int text_format(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int text_vformat(char *out, size_t size, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));
