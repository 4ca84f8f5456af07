// SPDX-License-Identifier: Apache-2.0
/* All messages that belong together, by the names they share. */
#pragma once
#include "common/trace_ring.h"

enum { TRACE_FOUND_MAX = 4000 };

struct trace_found {
	struct trace_record record;
	uint8_t *bytes;
};

/* Messages whose id or Call-ID is `id`, and those that share an id or Call-ID with one of them, and so on; in order of time, at
 * most TRACE_FOUND_MAX. The count; *out by trace_found_free. */
size_t trace_find(const char *id, struct trace_found **out);
void trace_found_free(struct trace_found *found, size_t n);
