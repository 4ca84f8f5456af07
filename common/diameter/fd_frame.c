// SPDX-License-Identifier: Apache-2.0
/* A question with an AVP whose length cannot be, put so that it can be answered.
 *
 * freeDiameter finds no AVPs in such a message, and closes the connection of everybody behind the CSCF that sent it. [RFC 6733 7.1.5]
 * wants an answer that names the AVP. So before it is read, that AVP and what follows it become one of a code that nobody uses, in which
 * the decoder knows it again (field_decode.c). */
#include "common/diameter/dict.h"
#include "common/diameter/fd.h"

enum { HEADER = 20, AVP_HEADER = 8, VENDOR_AVP_HEADER = 12 };

static uint32_t be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | be24(p + 1);
}

static void put32(uint8_t *p, uint32_t n)
{
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

/* `left` octets are there. 0: it cannot be. */
static size_t size_of(const uint8_t *avp, size_t left)
{
	size_t size = be24(avp + 5), least = avp[4] & AVP_FLAG_VENDOR ? VENDOR_AVP_HEADER : AVP_HEADER;

	return size < least || size > left ? 0 : size;
}

static void mark(uint8_t *avp, size_t left)
{
	bool of_3gpp = avp[4] & AVP_FLAG_VENDOR && left >= VENDOR_AVP_HEADER && be32(avp + 8) == VENDOR_3GPP;

	put32(avp, DICT_BROKEN | (of_3gpp ? DICT_BROKEN_3GPP : 0) | (be32(avp) & DICT_BROKEN_CODE));
	put32(avp + 4, (uint32_t)left); /* and no flags */
}

void fd_frame_mend(uint8_t *message, size_t len)
{
	size_t at = HEADER;

	if (len < HEADER || !(message[4] & CMD_FLAG_REQUEST) || !be32(message + 8) || len % 4)
		return;
	while (len - at >= AVP_HEADER) {
		size_t size = size_of(message + at, len - at);

		if (!size)
			return mark(message + at, len - at);
		at += (size + 3) & ~(size_t)3;
	}
}
