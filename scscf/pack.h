// SPDX-License-Identifier: Apache-2.0
/* Values of the local state: numbers and byte strings one after the other, first a version byte. Pure. */
#pragma once
#include "common/base.h"

struct pack {
	uint8_t *data;               /* free() it */
	size_t len, room;
	bool failed;                 /* out of memory: what was written is not whole */
};

void pack_number(struct pack *p, uint64_t n);
void pack_bytes(struct pack *p, const void *data, size_t len);
void pack_text(struct pack *p, const char *text);        /* NULL is kept as NULL */
static inline struct bytes pack_value(const struct pack *p)
{
	return (struct bytes){ p->data, p->len };
}

struct unpack {
	struct bytes left;
	bool failed;                 /* cut short, or another version */
};

uint64_t unpack_number(struct unpack *u);
struct bytes unpack_bytes(struct unpack *u);             /* borrowed; data NULL for one that was NULL */
char *unpack_text(struct unpack *u);                     /* malloc'd; NULL for one that was NULL */
