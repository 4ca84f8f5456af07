// SPDX-License-Identifier: Apache-2.0
/* A ring of messages with one writer and any number of readers, none of which waits for another. */
#pragma once
#include "common/trace.h"

enum { TRACE_ID_MAX = 256, TRACE_NAME_MAX = 64 };

struct trace_ring;

/* Bytes of a message that nobody may read later. */
struct trace_span {
	uint32_t at, len;
};

struct trace_ring *trace_ring_new(size_t bytes); /* NULL: out of memory; memory is taken from the system as it is first written */
void trace_ring_free(struct trace_ring *r);

/* The writer's thread only; never allocates. Ids and names beyond their maximum are cut, a message beyond a quarter of the ring,
 * too. The bytes of `blank` (inside the message, ascending) become `fill`. */
void trace_ring_put(struct trace_ring *r, uint64_t time_ns, const struct trace_message *m, const struct trace_span *blank, size_t n, char fill);

/* One message as it was when read: a copy. */
struct trace_record {
	uint64_t time_ns;            /* 1970 */
	enum trace_protocol protocol;
	uint32_t len;
	char id[TRACE_ID_MAX], call_id[TRACE_ID_MAX], from[TRACE_NAME_MAX], to[TRACE_NAME_MAX];
	uint64_t position;           /* of the next one */
	uint64_t own_position;       /* for trace_ring_bytes() */
};

/* Reads the record at `position` (0: the oldest), or the oldest that is left when that one was overwritten. False: no more. */
bool trace_ring_next(const struct trace_ring *r, uint64_t position, struct trace_record *out);
/* The message's bytes into `to` (room for out->len). False: overwritten meanwhile. */
bool trace_ring_bytes(const struct trace_ring *r, const struct trace_record *record, uint8_t *to);
