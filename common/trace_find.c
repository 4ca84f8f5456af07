// SPDX-License-Identifier: Apache-2.0
/* Finds what belongs together. A phone's REGISTER has only a Call-ID, the same REGISTER further on has an icid as well, the UAR
 * only the icid: so names are gathered until no message brings a new one, then the messages are copied. [TS 24.229 7.2A.5] */
#include "common/trace_find.h"
#include "common/trace_private.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 128 };

struct search {
	const struct trace_ring *rings[TRACE_RINGS_MAX];
	size_t ring_count;
	char (*names)[TRACE_ID_MAX];
	size_t count;
};

static bool knows(const struct search *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->names[i], name))
			return true;
	return false;
}

static bool belongs(const struct search *s, const struct trace_record *r)
{
	return (*r->id && knows(s, r->id)) || (*r->call_id && knows(s, r->call_id));
}

/* True when the name is new. */
static bool learn(struct search *s, const char *name)
{
	if (!*name || s->count == NAMES_MAX || knows(s, name))
		return false;
	strcpy(s->names[s->count++], name); /* both are TRACE_ID_MAX */
	return true;
}

static bool learn_from(struct search *s, const struct trace_ring *ring)
{
	struct trace_record r = { 0 };
	bool news = false;

	while (trace_ring_next(ring, r.position, &r)) {
		if (!belongs(s, &r))
			continue;
		news |= learn(s, r.id);
		news |= learn(s, r.call_id);
	}
	return news;
}

static void gather_names(struct search *s)
{
	bool news;

	do {
		news = false;
		for (size_t i = 0; i < s->ring_count; i++)
			news |= learn_from(s, s->rings[i]);
	} while (news);
}

/* ---- the messages ---- */

static bool keep(const struct trace_ring *ring, const struct trace_record *r, struct trace_found *place)
{
	uint8_t *bytes = malloc(r->len ? r->len : 1);

	if (!bytes)
		return false;
	if (!trace_ring_bytes(ring, r, bytes)) {
		free(bytes);
		return false;
	}
	*place = (struct trace_found){ *r, bytes };
	return true;
}

static size_t gather_messages(const struct search *s, struct trace_found *found)
{
	size_t n = 0;

	for (size_t i = 0; i < s->ring_count; i++) {
		struct trace_record r = { 0 };

		while (n < TRACE_FOUND_MAX && trace_ring_next(s->rings[i], r.position, &r))
			if (belongs(s, &r) && keep(s->rings[i], &r, &found[n]))
				n++;
	}
	return n;
}

static int by_time(const void *a, const void *b)
{
	uint64_t x = ((const struct trace_found *)a)->record.time_ns, y = ((const struct trace_found *)b)->record.time_ns;

	return x < y ? -1 : x > y;
}

size_t trace_find(const char *id, struct trace_found **out)
{
	struct search s = { 0 };
	struct trace_found *found = calloc(TRACE_FOUND_MAX, sizeof *found);
	size_t n = 0;

	s.names = calloc(NAMES_MAX, sizeof *s.names);
	if (s.names && found && strlen(id) < TRACE_ID_MAX) {
		s.ring_count = trace_rings(s.rings);
		learn(&s, id);
		gather_names(&s);
		n = gather_messages(&s, found);
		qsort(found, n, sizeof *found, by_time);
	}
	free(s.names);
	*out = found;
	return n;
}

void trace_found_free(struct trace_found *found, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(found[i].bytes);
	free(found);
}
