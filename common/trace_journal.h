// SPDX-License-Identifier: Apache-2.0
/* The last procedures that ended, and the last failure of each identity. Of the process; from any thread; allocates only copies. */
#pragma once
#include "common/trace_ring.h"

enum { TRACE_PROCEDURES = 1000, TRACE_WHY_MAX = 256, TRACE_PROCEDURE_MAX = 48 };

/* One that ended, or a failure (then with `why`). */
struct trace_entry {
	uint64_t time_ns;            /* 1970; 0: an empty place */
	uint64_t duration_ns;
	int status;
	char id[TRACE_ID_MAX], identity[TRACE_ID_MAX], procedure[TRACE_PROCEDURE_MAX], why[TRACE_WHY_MAX];
};

/* 300 and more, but neither a challenge nor what a caller or callee wants so (401, 407, 487; 486, 600, 603 are told all the same). */
bool trace_is_failure(int status);
/* "alice@ims.test", "sip:alice@ims.test" and "sip:alice@ims.test;user=phone" are one. */
bool trace_same_identity(const char *a, const char *b);

void trace_journal_ended(const struct trace_entry *e);
void trace_journal_failed(const struct trace_entry *e);  /* replaces the identity's older one */

/* The newest first; the caller frees *out. `failures`: only those. The count. */
size_t trace_journal_list(bool failures, struct trace_entry **out);
/* The newest procedure of an identity (`failed` says which kind); false: none. */
bool trace_journal_last(const char *identity, bool failed, struct trace_entry *out);
/* The last failure of an identity with its words; false: none. */
bool trace_journal_failure(const char *identity, struct trace_entry *out);
