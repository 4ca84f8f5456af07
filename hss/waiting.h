// SPDX-License-Identifier: Apache-2.0
/* Whom pushes wait for, and which of them for another try. Not safe for threads by itself: the pusher's lock guards it. */
#pragma once
#include "common/diameter/node.h"

struct target {                              /* an S-CSCF that something is for */
	struct target *next;
	char *host;
	uint64_t due_ns;                     /* not before */
	unsigned failures, under_way;
	enum diameter_reach reach;
};

struct waiting {
	struct target *targets;
	struct refused *refused;             /* rows that an S-CSCF could not take yet */
	size_t refused_count;
};

struct target *waiting_target(struct waiting *w, const char *host);
/* It did not answer: every time twice as long. */
void waiting_back_off(struct target *t);
/* Is it to be tried now? One that is known to be away is left alone until waiting_look() sees it come back. */
bool waiting_is_due(struct target *t);
/* Looks who came back; those are due. True: somebody did. */
bool waiting_look(struct waiting *w);

/* The row is to be tried once more later; false: it was asked too often, or too many wait. */
bool waiting_try_later(struct waiting *w, int64_t row);
void waiting_forgive(struct waiting *w, int64_t row);
bool waiting_row_is_due(const struct waiting *w, int64_t row);

/* When the next of all that comes due. */
uint64_t waiting_next_ns(const struct waiting *w);
void waiting_clear(struct waiting *w);
