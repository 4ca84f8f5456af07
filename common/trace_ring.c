// SPDX-License-Identifier: Apache-2.0
/* One writer, readers that never stop it. Positions count bytes from the ring's birth; a record never wraps, a filler stands
 * before the edge instead.
 *
 *        tail                      head
 *   ······[record][record][filler][record]······   writer: moves tail past what it will overwrite, writes, moves head
 *                                                  reader: copies, then believes the copy only if tail has not passed it
 *
 * Words are stored with release and loaded with acquire (plain moves on x86), so a reader that saw a new word also sees the
 * tail that went before it. */
#include "common/trace_ring.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct trace_ring {
	size_t bytes;                /* a multiple of 8 */
	_Atomic uint64_t head, tail;
	_Atomic uint64_t *words;
};

/* At the start of a record; strings follow with their NUL, then the message at the next word. */
struct header {
	uint32_t size;               /* of the whole record, a multiple of 8 */
	uint32_t len;                /* of the message */
	uint64_t time_ns;
	uint16_t id, call_id, from, to; /* lengths with NUL */
	uint32_t protocol;           /* FILLER: nothing follows that counts */
	uint32_t zero;
};

enum { FILLER = 0xff, HEAD_MAX = sizeof(struct header) + 2 * TRACE_ID_MAX + 2 * TRACE_NAME_MAX };

static size_t round_up(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

struct trace_ring *trace_ring_new(size_t bytes)
{
	struct trace_ring *r = calloc(1, sizeof *r);
	void *words;

	if (!r)
		return NULL;
	r->bytes = round_up(bytes < 8 * HEAD_MAX ? 8 * HEAD_MAX : bytes);
	words = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (words == MAP_FAILED) {
		free(r);
		return NULL;
	}
	r->words = words;
	return r;
}

void trace_ring_free(struct trace_ring *r)
{
	if (r)
		munmap((void *)r->words, r->bytes);
	free(r);
}

/* ---- words ---- */

static _Atomic uint64_t *word_at(const struct trace_ring *r, uint64_t position)
{
	return r->words + position % r->bytes / 8;
}

static void store(const struct trace_ring *r, uint64_t position, const void *from, size_t n)
{
	_Atomic uint64_t *to = word_at(r, position);
	const uint8_t *p = from;
	uint64_t w;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&w, p, 8);
		atomic_store_explicit(to++, w, memory_order_release);
	}
	if (n) {
		w = 0;
		memcpy(&w, p, n);
		atomic_store_explicit(to, w, memory_order_release);
	}
}

static void load(const struct trace_ring *r, uint64_t position, void *to, size_t n)
{
	const _Atomic uint64_t *from = word_at(r, position);
	uint8_t *p = to;
	uint64_t w;

	for (; n >= 8; n -= 8, p += 8) {
		w = atomic_load_explicit(from++, memory_order_acquire);
		memcpy(p, &w, 8);
	}
	if (n) {
		w = atomic_load_explicit(from, memory_order_acquire);
		memcpy(p, &w, n);
	}
}

/* ---- the writer ---- */

/* Moves the tail so that [head, head + size) may be written. */
static void make_room(struct trace_ring *r, uint64_t head, size_t size)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	struct header h;

	while (head + size - tail > r->bytes) {
		load(r, tail, &h, 8);
		tail += h.size;
	}
	atomic_store_explicit(&r->tail, tail, memory_order_release);
}

static uint64_t skip_edge(struct trace_ring *r, uint64_t head, size_t size)
{
	size_t left = r->bytes - head % r->bytes;
	struct header filler = { .size = (uint32_t)left, .protocol = FILLER };

	if (left >= size)
		return head;
	make_room(r, head, left);
	store(r, head, &filler, left < sizeof filler ? 8 : sizeof filler); /* a filler shorter than a header is known by its size */
	return head + left;
}

static uint16_t append(char *buffer, size_t *n, const char *text, size_t max)
{
	size_t len = text ? strnlen(text, max - 1) : 0;

	if (len)
		memcpy(buffer + *n, text, len);
	buffer[*n + len] = 0;
	*n += len + 1;
	return (uint16_t)(len + 1);
}

static void blank_out(struct trace_ring *r, uint64_t message, size_t len, const struct trace_span *s, char fill)
{
	uint8_t *bytes = (uint8_t *)r->words + message % r->bytes;

	for (size_t i = s->at; i < s->at + s->len && i < len; i++)
		atomic_store_explicit((_Atomic uint8_t *)bytes + i, (uint8_t)fill, memory_order_release);
}

void trace_ring_put(struct trace_ring *r, uint64_t time_ns, const struct trace_message *m, const struct trace_span *blank, size_t n, char fill)
{
	_Alignas(8) char head[HEAD_MAX];
	size_t used = sizeof(struct header), len = m->bytes.len < r->bytes / 4 ? m->bytes.len : r->bytes / 4, size;
	struct header h = { .len = (uint32_t)len, .time_ns = time_ns, .protocol = m->protocol };
	uint64_t at = atomic_load_explicit(&r->head, memory_order_relaxed);

	h.id = append(head, &used, m->id, TRACE_ID_MAX);
	h.call_id = append(head, &used, m->call_id, TRACE_ID_MAX);
	h.from = append(head, &used, m->from, TRACE_NAME_MAX);
	h.to = append(head, &used, m->to, TRACE_NAME_MAX);
	size = round_up(used) + round_up(len);
	h.size = (uint32_t)size;
	memcpy(head, &h, sizeof h);
	at = skip_edge(r, at, size);
	make_room(r, at, size);
	store(r, at, head, used);
	store(r, at + round_up(used), m->bytes.data, len);
	for (size_t i = 0; i < n; i++)
		blank_out(r, at + round_up(used), len, &blank[i], fill);
	atomic_store_explicit(&r->head, at + size, memory_order_release);
}

/* ---- readers ---- */

static bool overtaken(const struct trace_ring *r, uint64_t position)
{
	return atomic_load_explicit(&r->tail, memory_order_acquire) > position;
}

/* The header at `position`, from the oldest one on if that is gone. False: nothing is there. */
static bool read_header(const struct trace_ring *r, uint64_t *position, struct header *h)
{
	for (;;) {
		uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
		size_t left;

		if (*position < tail)
			*position = tail;
		if (*position >= atomic_load_explicit(&r->head, memory_order_acquire))
			return false;
		left = r->bytes - *position % r->bytes;
		memset(h, 0, sizeof *h);
		load(r, *position, h, left < sizeof *h ? 8 : sizeof *h);
		if (overtaken(r, *position))
			continue;
		if (left >= sizeof *h && h->protocol != FILLER)
			return true;
		*position += h->size;
	}
}

static const char *take(char *to, const char *from, uint16_t len)
{
	memcpy(to, from, len);
	return from + len;
}

bool trace_ring_next(const struct trace_ring *r, uint64_t position, struct trace_record *out)
{
	char strings[HEAD_MAX];
	struct header h;
	const char *p = strings;
	size_t len;

	do {
		if (!read_header(r, &position, &h))
			return false;
		len = (size_t)h.id + h.call_id + h.from + h.to;
		load(r, position + sizeof h, strings, len);
	} while (overtaken(r, position));
	p = take(out->id, p, h.id);
	p = take(out->call_id, p, h.call_id);
	p = take(out->from, p, h.from);
	take(out->to, p, h.to);
	out->time_ns = h.time_ns;
	out->protocol = h.protocol == TRACE_DIAMETER ? TRACE_DIAMETER : TRACE_SIP;
	out->len = h.len;
	out->own_position = position;
	out->position = position + h.size;
	return true;
}

bool trace_ring_bytes(const struct trace_ring *r, const struct trace_record *record, uint8_t *to)
{
	load(r, record->position - round_up(record->len), to, record->len);
	return !overtaken(r, record->own_position);
}
