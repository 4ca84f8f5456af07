// SPDX-License-Identifier: Apache-2.0
/* One AVP of a message is doubled, dropped, put into another, given another length, flags, code, vendor or value; or the message is cut,
 * its header is changed, some bits flip. */
#include "test/fuzz/octets.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 20, AVPS_MAX = 256, MESSAGE_MAX = 1 << 18 };

struct pieces { /* where the AVPs begin; `at[n]` is the end */
	size_t at[AVPS_MAX + 1], n;
};

uint64_t octets_next(struct octets_random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t octets_below(struct octets_random *r, uint32_t n)
{
	return n ? (uint32_t)(octets_next(r) % n) : 0;
}

static uint32_t get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | get24(p + 1);
}

static void put24(uint8_t *p, uint32_t n)
{
	p[0] = (uint8_t)(n >> 16);
	p[1] = (uint8_t)(n >> 8);
	p[2] = (uint8_t)n;
}

static struct pieces cut_up(const uint8_t *m, size_t from, size_t to)
{
	struct pieces p = { .n = 0 };
	size_t at = from;

	while (at + 8 <= to && p.n < AVPS_MAX) {
		size_t size = (get24(m + at + 5) + 3) & ~(size_t)3;

		p.at[p.n++] = at;
		at = size < 8 || size > to - at ? to : at + size;
	}
	p.at[p.n] = at;
	return p;
}

/* `m` with the octets [from, to) replaced. */
static uint8_t *splice(uint8_t *m, size_t *len, size_t from, size_t to, const uint8_t *by, size_t by_len)
{
	size_t whole = *len - (to - from) + by_len;
	uint8_t *out;

	if (whole > MESSAGE_MAX)
		return m;
	out = malloc(whole);
	memcpy(out, m, from);
	memcpy(out + from, by, by_len);
	memcpy(out + from + by_len, m + to, *len - to);
	free(m);
	*len = whole;
	return out;
}

/* ---- an AVP of its own ---- */

static size_t write_avp(uint8_t *to, uint32_t code, uint8_t flags, uint32_t vendor, const uint8_t *data, size_t len)
{
	size_t head = flags & 0x80 ? 12 : 8;

	to[0] = (uint8_t)(code >> 24);
	put24(to + 1, code & 0xffffff);
	to[4] = flags;
	put24(to + 5, (uint32_t)(head + len));
	if (flags & 0x80) {
		to[8] = (uint8_t)(vendor >> 24);
		put24(to + 9, vendor & 0xffffff);
	}
	memcpy(to + head, data, len);
	memset(to + head + len, 0, -len & 3);
	return head + len + (-len & 3);
}

static size_t head_of(const uint8_t *avp)
{
	return avp[4] & 0x80 ? 12 : 8;
}

/* Other octets in the same AVP. */
static uint8_t *revalue(struct octets_random *r, uint8_t *m, size_t *len, size_t at, size_t end)
{
	static const char *const values[] = { "", "\xff\xff\xff\xff", "%n%s", "sip:\x01@", "\xc3\x28", "\x80\0\0\0", "<<<<<<<<" };
	uint8_t out[16 + 4096], data[4096];
	size_t size = octets_below(r, 4) ? octets_below(r, 9) : octets_below(r, sizeof data);
	const char *value = values[octets_below(r, sizeof values / sizeof values[0])];
	bool fixed = octets_below(r, 2);

	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)octets_next(r);
	if (fixed) {
		size = strlen(value);
		memcpy(data, value, size);
	}
	if (end - at < head_of(m + at))
		return m;
	size = write_avp(out, get32(m + at), m[at + 4], end - at >= 12 ? get32(m + at + 8) : 0, data, size);
	return splice(m, len, at, end, out, size);
}

/* Something else of any of the codes there are, perhaps a group around what stood there. */
static uint8_t *foreign(struct octets_random *r, uint8_t *m, size_t *len, size_t at, size_t end)
{
	static const uint32_t codes[] = { 0, 1, 257, 258, 260, 268, 279, 297, 4711, 0xffffffff };
	uint32_t code = octets_below(r, 2) ? 600 + octets_below(r, 123) : codes[octets_below(r, sizeof codes / sizeof codes[0])];
	static const uint32_t vendors[] = { 10415, 10415, 0, 1, 0xffffffff };
	static const uint8_t flags[] = { 0xc0, 0xc0, 0x80, 0x40, 0, 0xff };
	size_t inner = end - at > 4096 ? 4096 : end - at;
	uint8_t out[4096 + 16], copy[4096];
	size_t size;

	memcpy(copy, m + at, inner);
	size = write_avp(out, code, flags[octets_below(r, sizeof flags)], vendors[octets_below(r, sizeof vendors / sizeof vendors[0])], copy,
			 inner);
	return splice(m, len, at, octets_below(r, 2) ? end : at, out, size);
}

static void relength(struct octets_random *r, uint8_t *avp, size_t whole)
{
	uint32_t size = get24(avp + 5);
	const uint32_t sizes[] = { 0, 1, 7, 8, 11, 12, 13, size - 4, size - 1, size + 1, size + 4, size + 100, 0xffffff, (uint32_t)whole };

	put24(avp + 5, sizes[octets_below(r, sizeof sizes / sizeof sizes[0])] & 0xffffff);
}

static uint8_t *change_avp(struct octets_random *r, uint8_t *m, size_t *len, size_t from, size_t to);

/* Inside a group; its own length follows. */
static uint8_t *inside(struct octets_random *r, uint8_t *m, size_t *len, size_t at, size_t end)
{
	size_t before = *len, head = head_of(m + at);

	if (end - at < head + 16)
		return revalue(r, m, len, at, end);
	m = change_avp(r, m, len, at + head, end);
	put24(m + at + 5, (uint32_t)(get24(m + at + 5) + *len - before) & 0xffffff);
	return m;
}

/* One of those between `from` and `to`. */
static uint8_t *change_avp(struct octets_random *r, uint8_t *m, size_t *len, size_t from, size_t to)
{
	struct pieces p = cut_up(m, from, to);
	uint32_t i = octets_below(r, (uint32_t)p.n), j = octets_below(r, (uint32_t)p.n);
	size_t at = p.at[i], end = p.at[i + 1];
	uint8_t *copy;

	if (!p.n)
		return m;
	switch (octets_below(r, 9)) {
	case 0: /* dropped */
		return splice(m, len, at, end, m, 0);
	case 1: /* doubled, perhaps elsewhere */
		copy = malloc(end - at);
		memcpy(copy, m + at, end - at);
		for (uint32_t n = octets_below(r, 4) ? 1 : octets_below(r, 40); n; n--)
			m = splice(m, len, p.at[j], p.at[j], copy, end - at);
		free(copy);
		return m;
	case 2:
		relength(r, m + at, *len);
		return m;
	case 3: /* flags, and with them where the value begins */
		m[at + 4] = (uint8_t)octets_next(r);
		return m;
	case 4:
		return foreign(r, m, len, at, end);
	case 5:
	case 6:
		return revalue(r, m, len, at, end);
	default:
		return inside(r, m, len, at, end);
	}
}

/* ---- the message ---- */

static void change_header(struct octets_random *r, uint8_t *m)
{
	switch (octets_below(r, 4)) {
	case 0:
		m[4] = (uint8_t)octets_next(r);
		break;
	case 1:
		put24(m + 5, 300 + octets_below(r, 11));
		break;
	case 2:
		m[11] ^= 1; /* Cx is Sh, and the other way round */
		break;
	default:
		m[8 + octets_below(r, 4)] = (uint8_t)octets_next(r);
	}
}

static void flip(struct octets_random *r, uint8_t *m, size_t len)
{
	for (uint32_t n = 1 + octets_below(r, 4); n; n--)
		m[4 + octets_below(r, (uint32_t)len - 4)] ^= (uint8_t)(1 << octets_below(r, 8));
}

uint8_t *octets_mutate(struct octets_random *r, uint8_t *m, size_t *len)
{
	uint32_t what = octets_below(r, 16);

	if (*len <= HEADER + 8)
		return m;
	if (what == 0)
		change_header(r, m);
	else if (what < 3)
		flip(r, m, *len);
	else if (what == 3)
		*len = HEADER + (octets_below(r, (uint32_t)*len - HEADER) & ~3u); /* cut */
	else
		m = change_avp(r, m, len, HEADER, *len);
	put24(m + 1, (uint32_t)*len);
	return m;
}
