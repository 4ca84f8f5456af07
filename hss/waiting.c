// SPDX-License-Identifier: Apache-2.0
/* How long pushes wait. */
#include "hss/waiting.h"
#include <stdlib.h>
#include <string.h>

enum { DELAY_MS = 1000, DELAY_MAX_MS = 60000, LOOK_S = 30, REFUSALS_MAX = 8, REFUSED_MAX = 1000 };

struct refused {
	struct refused *next;
	int64_t row;
	unsigned times;
	uint64_t due_ns;
};

static uint64_t delay_ns(unsigned times)
{
	uint64_t ms = times > 6 ? DELAY_MAX_MS : (uint64_t)DELAY_MS << (times - 1);

	return (ms > DELAY_MAX_MS ? DELAY_MAX_MS : ms) * 1000000u;
}

/* ---- S-CSCFs ---- */

struct target *waiting_target(struct waiting *w, const char *host)
{
	struct target *t = w->targets;

	while (t && strcmp(t->host, host))
		t = t->next;
	if (t)
		return t;
	t = calloc(1, sizeof *t);
	if (!t || !(t->host = strdup(host)))
		abort();
	t->reach = diameter_reach(host);
	t->next = w->targets;
	w->targets = t;
	return t;
}

void waiting_back_off(struct target *t)
{
	t->due_ns = clock_ns() + delay_ns(++t->failures);
	t->reach = diameter_reach(t->host);
}

bool waiting_is_due(struct target *t)
{
	if (t->due_ns > clock_ns())
		return false;
	t->reach = diameter_reach(t->host);
	if (t->reach == DIAMETER_PEER_AWAY)
		t->due_ns = clock_ns() + DELAY_MAX_MS * 1000000ull;
	return t->reach != DIAMETER_PEER_AWAY;
}

bool waiting_look(struct waiting *w)
{
	bool any = false;

	for (struct target *t = w->targets; t; t = t->next) {
		enum diameter_reach was = t->reach;

		t->reach = diameter_reach(t->host);
		if (t->reach != DIAMETER_PEER_OPEN || was == DIAMETER_PEER_OPEN)
			continue;
		t->due_ns = 0;
		t->failures = 0;
		any = true;
	}
	return any;
}

/* ---- rows ---- */

static struct refused *refused_of(const struct waiting *w, int64_t row)
{
	struct refused *r = w->refused;

	while (r && r->row != row)
		r = r->next;
	return r;
}

static struct refused *refused_add(struct waiting *w, int64_t row)
{
	struct refused *r = w->refused_count < REFUSED_MAX ? calloc(1, sizeof *r) : NULL;

	if (!r)
		return NULL;
	r->row = row;
	r->next = w->refused;
	w->refused = r;
	w->refused_count++;
	return r;
}

bool waiting_try_later(struct waiting *w, int64_t row)
{
	struct refused *r = refused_of(w, row);

	if (!r)
		r = refused_add(w, row);
	if (!r || ++r->times >= REFUSALS_MAX)
		return false;
	r->due_ns = clock_ns() + delay_ns(r->times);
	return true;
}

void waiting_forgive(struct waiting *w, int64_t row)
{
	struct refused **at = &w->refused, *r;

	while (*at && (*at)->row != row)
		at = &(*at)->next;
	r = *at;
	if (!r)
		return;
	*at = r->next;
	free(r);
	w->refused_count--;
}

bool waiting_row_is_due(const struct waiting *w, int64_t row)
{
	const struct refused *r = refused_of(w, row);

	return !r || r->due_ns <= clock_ns();
}

/* ---- all ---- */

uint64_t waiting_next_ns(const struct waiting *w)
{
	uint64_t now = clock_ns(), at = now + LOOK_S * 1000000000ull;

	for (const struct target *t = w->targets; t; t = t->next)
		if (t->due_ns > now && t->due_ns < at)
			at = t->due_ns;
	for (const struct refused *r = w->refused; r; r = r->next)
		if (r->due_ns > now && r->due_ns < at)
			at = r->due_ns;
	return at;
}

void waiting_clear(struct waiting *w)
{
	for (struct target *t = w->targets, *next; t; t = next) {
		next = t->next;
		free(t->host);
		free(t);
	}
	while (w->refused)
		waiting_forgive(w, w->refused->row);
	w->targets = NULL;
}
