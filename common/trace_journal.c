// SPDX-License-Identifier: Apache-2.0
/* Two lists of the newest procedures, all and failed, each a circle; and a table of last failures: buckets of a few places by
 * the hash of the identity, the oldest place of a bucket giving way. All of fixed size, so that strangers with many names cost
 * nothing but each other's places. */
#include "common/trace_journal.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BUCKETS = 1024, PLACES = 8 };

struct circle {
	struct trace_entry entries[TRACE_PROCEDURES];
	size_t count;                /* ever */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct circle all, failed;
static struct trace_entry failures[BUCKETS][PLACES]; /* untouched pages cost nothing */

bool trace_is_failure(int status)
{
	return status >= 300 && status != 401 && status != 407 && status != 487;
}

/* ---- identities ---- */

static const char *bare(const char *identity, size_t *len)
{
	if (!strncasecmp(identity, "sip:", 4))
		identity += 4;
	else if (!strncasecmp(identity, "sips:", 5))
		identity += 5;
	else if (!strncasecmp(identity, "tel:", 4))
		identity += 4;
	*len = strcspn(identity, ";>?");
	return identity;
}

bool trace_same_identity(const char *a, const char *b)
{
	size_t n, m;

	a = bare(a, &n);
	b = bare(b, &m);
	return n == m && n && !strncasecmp(a, b, n);
}

static struct trace_entry *bucket_of(const char *identity)
{
	size_t n;
	uint32_t h = 2166136261u; /* FNV-1a */

	identity = bare(identity, &n);
	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)(identity[i] >= 'A' && identity[i] <= 'Z' ? identity[i] + 32 : identity[i])) * 16777619u;
	return failures[h % BUCKETS];
}

/* ---- writing ---- */

static void push(struct circle *c, const struct trace_entry *e)
{
	c->entries[c->count++ % TRACE_PROCEDURES] = *e;
}

void trace_journal_ended(const struct trace_entry *e)
{
	pthread_mutex_lock(&lock);
	push(&all, e);
	if (trace_is_failure(e->status))
		push(&failed, e);
	pthread_mutex_unlock(&lock);
}

void trace_journal_failed(const struct trace_entry *e)
{
	struct trace_entry *bucket = bucket_of(e->identity), *place = bucket;

	pthread_mutex_lock(&lock);
	for (struct trace_entry *p = bucket; p < bucket + PLACES; p++) {
		if (p->time_ns && trace_same_identity(p->identity, e->identity)) {
			place = p;
			break;
		}
		if (p->time_ns < place->time_ns)
			place = p;
	}
	*place = *e;
	pthread_mutex_unlock(&lock);
}

/* ---- reading ---- */

static size_t kept(const struct circle *c)
{
	return c->count < TRACE_PROCEDURES ? c->count : TRACE_PROCEDURES;
}

static const struct trace_entry *newest(const struct circle *c, size_t back)
{
	return &c->entries[(c->count - 1 - back) % TRACE_PROCEDURES];
}

size_t trace_journal_list(bool failures_only, struct trace_entry **out)
{
	const struct circle *c = failures_only ? &failed : &all;
	struct trace_entry *copy = malloc(TRACE_PROCEDURES * sizeof *copy);
	size_t n = 0;

	if (!copy)
		return 0;
	pthread_mutex_lock(&lock);
	for (; n < kept(c); n++)
		copy[n] = *newest(c, n);
	pthread_mutex_unlock(&lock);
	*out = copy;
	return n;
}

static bool find_last(const struct circle *c, const char *identity, struct trace_entry *out)
{
	for (size_t i = 0; i < kept(c); i++) {
		if (!trace_same_identity(newest(c, i)->identity, identity))
			continue;
		*out = *newest(c, i);
		return true;
	}
	return false;
}

bool trace_journal_last(const char *identity, bool failed_ones, struct trace_entry *out)
{
	bool found;

	pthread_mutex_lock(&lock);
	found = find_last(failed_ones ? &failed : &all, identity, out);
	pthread_mutex_unlock(&lock);
	return found;
}

bool trace_journal_failure(const char *identity, struct trace_entry *out)
{
	struct trace_entry *bucket = bucket_of(identity);
	bool found = false;

	pthread_mutex_lock(&lock);
	for (struct trace_entry *p = bucket; p < bucket + PLACES && !found; p++) {
		found = p->time_ns && trace_same_identity(p->identity, identity);
		if (found)
			*out = *p;
	}
	pthread_mutex_unlock(&lock);
	return found;
}
