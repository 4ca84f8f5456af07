// SPDX-License-Identifier: Apache-2.0
/* Which S-CSCFs may serve a user, the best first. [TS 29.228 6.7] Pure. */
#pragma once
#include "common/diameter/cx.h"
#include "icscf/options.h"

#define CANDIDATES_MAX 32

struct candidates {                      /* not tried yet, from `next` on; names are borrowed from options or the request's home */
	const char *name[CANDIDATES_MAX];
	size_t count, next;
};

/* Those of `servers` with all mandatory capabilities, most optional ones first, ties in the order of the configuration; before
 * them the server names the HSS prefers. None of `tried` occurs. */
void selection_rank(const struct scscf_entry *servers, size_t n, const struct cx_capabilities *wanted,
		    const struct candidates *tried, struct candidates *out);
/* The one that the HSS named. */
void selection_one(const char *name, struct candidates *out);
const char *candidates_take(struct candidates *c);       /* the best one left, or NULL */
bool candidates_left(const struct candidates *c);
bool candidates_tried(const struct candidates *c, const char *name);
