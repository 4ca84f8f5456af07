// SPDX-License-Identifier: Apache-2.0
/* Values of the local state. Numbers are eight octets, strings have their length first; all ones stand for NULL. */
#include "scscf/pack.h"
#include <stdlib.h>
#include <string.h>

#define ABSENT UINT64_MAX

static uint8_t *grow(struct pack *p, size_t len)
{
	size_t room = p->room ? p->room : 256;
	uint8_t *data;

	while (room - p->len < len)
		room *= 2;
	if (room != p->room) {
		data = realloc(p->data, room);
		if (!data) {
			p->failed = true;
			return NULL;
		}
		p->data = data;
		p->room = room;
	}
	p->len += len;
	return p->data + p->len - len;
}

void pack_number(struct pack *p, uint64_t n)
{
	uint8_t *to = grow(p, sizeof n);

	if (to)
		memcpy(to, &n, sizeof n); /* never leaves this machine: its own byte order will do */
}

void pack_bytes(struct pack *p, const void *data, size_t len)
{
	uint8_t *to;

	pack_number(p, data ? len : ABSENT);
	to = data && len ? grow(p, len) : NULL;
	if (to)
		memcpy(to, data, len);
}

void pack_text(struct pack *p, const char *text)
{
	pack_bytes(p, text, text ? strlen(text) : 0);
}

uint64_t unpack_number(struct unpack *u)
{
	uint64_t n = 0;

	if (u->failed || u->left.len < sizeof n) {
		u->failed = true;
		return 0;
	}
	memcpy(&n, u->left.data, sizeof n);
	u->left.data += sizeof n;
	u->left.len -= sizeof n;
	return n;
}

struct bytes unpack_bytes(struct unpack *u)
{
	uint64_t len = unpack_number(u);
	struct bytes b = { u->left.data, 0 };

	if (u->failed || len == ABSENT)
		return (struct bytes){ NULL, 0 };
	if (len > u->left.len) {
		u->failed = true;
		return (struct bytes){ NULL, 0 };
	}
	b.len = (size_t)len;
	u->left.data += b.len;
	u->left.len -= b.len;
	return b;
}

char *unpack_text(struct unpack *u)
{
	struct bytes b = unpack_bytes(u);
	char *text = b.data ? malloc(b.len + 1) : NULL;

	if (!text)
		return NULL;
	memcpy(text, b.data, b.len);
	text[b.len] = 0;
	return text;
}
