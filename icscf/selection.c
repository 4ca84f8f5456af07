// SPDX-License-Identifier: Apache-2.0
/* Selection of an S-CSCF by capabilities. [TS 29.228 6.7, TS 23.228 5.1.2.1] */
#include "icscf/selection.h"
#include <string.h>
#include <strings.h>

static bool has(const struct scscf_entry *s, uint32_t capability)
{
	for (unsigned i = 0; i < s->capabilities_count; i++)
		if (s->capabilities[i] == capability)
			return true;
	return false;
}

static bool has_mandatory(const struct scscf_entry *s, const struct cx_capabilities *wanted)
{
	for (size_t i = 0; i < wanted->mandatory_count; i++)
		if (!has(s, wanted->mandatory[i]))
			return false;
	return true;
}

static size_t optional_score(const struct scscf_entry *s, const struct cx_capabilities *wanted)
{
	size_t score = 0;

	for (size_t i = 0; i < wanted->optional_count; i++)
		score += has(s, wanted->optional[i]);
	return score;
}

bool candidates_tried(const struct candidates *c, const char *name)
{
	for (size_t i = 0; c && i < c->next; i++)
		if (!strcasecmp(c->name[i], name))
			return true;
	return false;
}

static void add(struct candidates *out, const struct candidates *tried, const char *name)
{
	for (size_t i = 0; i < out->count; i++)
		if (!strcasecmp(out->name[i], name))
			return;
	if (out->count < CANDIDATES_MAX && !candidates_tried(tried, name))
		out->name[out->count++] = name;
}

void selection_rank(const struct scscf_entry *servers, size_t n, const struct cx_capabilities *wanted,
		    const struct candidates *tried, struct candidates *out)
{
	struct candidates ranked = { .count = 0 };

	for (size_t i = 0; i < wanted->server_names.count; i++)
		add(&ranked, tried, wanted->server_names.item[i]);
	for (size_t score = wanted->optional_count + 1; score-- > 0;)
		for (size_t i = 0; i < n; i++)
			if (has_mandatory(&servers[i], wanted) && optional_score(&servers[i], wanted) == score)
				add(&ranked, tried, servers[i].name);
	*out = ranked;
}

void selection_one(const char *name, struct candidates *out)
{
	*out = (struct candidates){ .name = { name }, .count = 1 };
}

const char *candidates_take(struct candidates *c)
{
	return c->next < c->count ? c->name[c->next++] : NULL;
}

bool candidates_left(const struct candidates *c)
{
	return c->next < c->count;
}
