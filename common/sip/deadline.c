// SPDX-License-Identifier: Apache-2.0
/* Timers of few lengths: a list in order of time, so that setting and clearing one is a few pointers. A new one is looked for from
 * the end, where it belongs when all have the same length. */
#include "common/sip/engine.h"

static void unlink_it(struct deadlines *l, struct deadline *d)
{
	*(d->prev ? &d->prev->next : &l->first) = d->next;
	*(d->next ? &d->next->prev : &l->last) = d->prev;
	d->prev = d->next = NULL;
	d->at_ns = 0;
}

void deadline_clear(struct deadlines *l, struct deadline *d)
{
	if (d->at_ns)
		unlink_it(l, d);
}

void deadline_set(struct deadlines *l, struct deadline *d, uint64_t ms)
{
	struct deadline *before;

	deadline_clear(l, d);
	d->at_ns = clock_ns() + ms * 1000000u;
	for (before = l->last; before && before->at_ns > d->at_ns; before = before->prev)
		;
	d->prev = before;
	d->next = before ? before->next : l->first;
	*(before ? &before->next : &l->first) = d;
	*(d->next ? &d->next->prev : &l->last) = d;
}

void deadlines_run(struct deadlines *l, uint64_t now_ns)
{
	while (l->first && l->first->at_ns <= now_ns) {
		struct deadline *d = l->first;

		unlink_it(l, d);
		l->due(d);
	}
}

void deadlines_postpone(struct deadlines *l, uint64_t ns)
{
	for (struct deadline *d = l->first; d; d = d->next)
		d->at_ns += ns;
}
