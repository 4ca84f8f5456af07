// SPDX-License-Identifier: Apache-2.0
/* The writing side of the trace. A thread gets a ring with its first message; when the thread ends, the next new one goes on in
 * it, so that connections that come and go (a thread each in freeDiameter) do not add up. */
#include "common/trace.h"
#include "common/log.h"
#include "common/trace_blank.h"
#include "common/trace_journal.h"
#include "common/trace_private.h"
#include "common/trace_summary.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct owned_ring {
	struct trace_ring *ring;
	bool taken;
};

static struct {
	enum trace_mode mode;
	size_t ring_bytes;
	char self[TRACE_NAME_MAX];
	pthread_key_t key;               /* its destructor gives the ring back */
	pthread_mutex_t lock;
	struct owned_ring rings[TRACE_RINGS_MAX];
	size_t count;
} trace = { .lock = PTHREAD_MUTEX_INITIALIZER };

static _Thread_local struct trace_ring *mine;

static void give_back(void *ring)
{
	pthread_mutex_lock(&trace.lock);
	for (size_t i = 0; i < trace.count; i++)
		if (trace.rings[i].ring == ring)
			trace.rings[i].taken = false;
	pthread_mutex_unlock(&trace.lock);
}

int trace_start(const char *daemon, enum trace_mode mode, size_t ring_bytes)
{
	snprintf(trace.self, sizeof trace.self, "%s", daemon);
	trace.ring_bytes = ring_bytes;
	trace.mode = mode;
	return mode == TRACE_OFF ? 0 : -pthread_key_create(&trace.key, give_back);
}

bool trace_on(void)
{
	return trace.mode != TRACE_OFF || log_wants(LOG_DEBUG);
}

enum trace_mode trace_mode(void)
{
	return trace.mode;
}

const char *trace_self(void)
{
	return trace.self;
}

/* ---- messages ---- */

static struct owned_ring *free_ring(void)
{
	for (size_t i = 0; i < trace.count; i++)
		if (!trace.rings[i].taken)
			return &trace.rings[i];
	if (trace.count == TRACE_RINGS_MAX)
		return NULL;
	trace.rings[trace.count].ring = trace_ring_new(trace.ring_bytes);
	return trace.rings[trace.count].ring ? &trace.rings[trace.count++] : NULL;
}

static struct trace_ring *take_ring(void)
{
	struct owned_ring *o;

	pthread_mutex_lock(&trace.lock);
	o = free_ring();
	if (o)
		o->taken = true;
	pthread_mutex_unlock(&trace.lock);
	if (!o)
		return NULL; /* this thread's messages are not traced */
	mine = o->ring;
	pthread_setspecific(trace.key, mine);
	return mine;
}

static void log_message(const struct trace_message *m)
{
	char summary[96];

	trace_summary(m->protocol, m->bytes, summary, sizeof summary);
	log_event(LOG_DEBUG, "message", "trace=%s call_id=%s from=%s to=%s bytes=%zu what=\"%s\"", m->id ? m->id : "-",
		  m->call_id ? m->call_id : "-", m->from, m->to, m->bytes.len, summary);
}

void trace_message(const struct trace_message *m)
{
	struct trace_span spans[TRACE_SPANS_MAX];
	struct trace_ring *ring = mine;
	size_t n = 0;

	if (log_wants(LOG_DEBUG))
		log_message(m);
	if (trace.mode == TRACE_OFF)
		return;
	if (!ring)
		ring = take_ring();
	if (!ring)
		return;
	switch (m->protocol) {
	case TRACE_SIP:
		n = trace_blank_sip(m->bytes, m->suspect, spans);
		break;
	case TRACE_DIAMETER:
		n = trace_blank_diameter(m->bytes, spans);
		break;
	}
	trace_ring_put(ring, clock_wall_ns(), m, spans, n, m->protocol == TRACE_SIP ? 'x' : 0);
}

size_t trace_rings(const struct trace_ring *out[TRACE_RINGS_MAX])
{
	size_t n;

	pthread_mutex_lock(&trace.lock);
	n = trace.count;
	for (size_t i = 0; i < n; i++)
		out[i] = trace.rings[i].ring;
	pthread_mutex_unlock(&trace.lock);
	return n;
}

/* ---- procedures and failures ---- */

static void copy(char *to, size_t size, const char *from)
{
	size_t n = from ? strnlen(from, size - 1) : 0;

	if (n)
		memcpy(to, from, n);
	to[n] = 0;
}

static void fill(struct trace_entry *e, const char *id, const char *identity, const char *procedure, int status)
{
	e->time_ns = clock_wall_ns();
	e->duration_ns = 0;
	e->status = status;
	copy(e->id, sizeof e->id, id);
	copy(e->identity, sizeof e->identity, identity);
	copy(e->procedure, sizeof e->procedure, procedure);
	e->why[0] = 0;
}

void trace_procedure(const char *id, const char *identity, const char *procedure, int status, uint64_t ns)
{
	struct trace_entry e;

	if (trace.mode == TRACE_OFF)
		return;
	fill(&e, id, identity, procedure, status);
	e.duration_ns = ns;
	trace_journal_ended(&e);
}

void trace_failure(const char *identity, const char *id, const char *procedure, int status, const char *why)
{
	struct trace_entry e;

	if (!identity || !*identity || !why)
		return;
	fill(&e, id, identity, procedure, status);
	copy(e.why, sizeof e.why, why);
	trace_journal_failed(&e);
}
