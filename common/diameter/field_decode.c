// SPDX-License-Identifier: Apache-2.0
/* Reads a message by its table and believes nothing: every presence, number and value is checked here, for freeDiameter
 * enforces none of them on receipt. [RFC 6733 7.1.5] names the results. */
#include "common/diameter/field.h"
#include "common/text.h"
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 32, E164_MAX = 16 };

static int fail(struct decoder *d, enum diameter_result result, struct avp *avp)
{
	d->result = result;
	d->failed = avp;
	return -EBADMSG;
}

static char *take(struct decoder *d, size_t len)
{
	char *p = d->arena;

	if (len > d->left)
		return NULL;
	d->arena += len;
	d->left -= len;
	return p;
}

/* No string of ours is empty or holds a control character, and none may end early in our hands */
static bool clean(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] < 0x20 || data[i] == 0x7f)
			return false;
	return len > 0;
}

static int read_string(struct decoder *d, struct avp *avp, const union avp_value *v, const char **out)
{
	char *s;

	if (!clean(v->os.data, v->os.len))
		return fail(d, RESULT_INVALID_AVP_VALUE, avp);
	s = take(d, v->os.len + 1);
	if (!s)
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
	memcpy(s, v->os.data, v->os.len);
	s[v->os.len] = '\0';
	*out = s;
	return 0;
}

static int read_bytes(struct decoder *d, struct avp *avp, const union avp_value *v, struct bytes *out)
{
	char *copy = take(d, v->os.len);

	if (!copy)
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
	memcpy(copy, v->os.data, v->os.len);
	*out = (struct bytes){ (const uint8_t *)copy, v->os.len };
	return 0;
}

static int read_decimal(struct decoder *d, struct avp *avp, uint32_t n, const char **out)
{
	char *s = take(d, 11);

	if (!s)
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
	text_format(s, 11, "%u", n);
	*out = s;
	return 0;
}

/* Two digits an octet, the first one low, 1111 fills up [TS 29.329 6.3.2] */
static int read_tbcd(struct decoder *d, struct avp *avp, const union avp_value *v, const char **out)
{
	size_t len = 2 * v->os.len;
	char *s;

	if (!len || len > E164_MAX)
		return fail(d, RESULT_INVALID_AVP_VALUE, avp);
	s = take(d, len + 1);
	if (!s)
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
	for (size_t i = 0; i < len; i++) {
		unsigned digit = v->os.data[i / 2] >> (i % 2 ? 4 : 0) & 0xf;

		if (digit == 0xf && i == len - 1)
			len--;
		else if (digit > 9)
			return fail(d, RESULT_INVALID_AVP_VALUE, avp);
		else
			s[i] = (char)('0' + digit);
	}
	if (!len)
		return fail(d, RESULT_INVALID_AVP_VALUE, avp);
	s[len] = '\0';
	*out = s;
	return 0;
}

/* Seconds since 1900; those below the middle are of the time after 2036 [RFC 6733 4.3.1, RFC 5905 6] */
static int read_time(struct decoder *d, struct avp *avp, const union avp_value *v, int64_t *out)
{
	const uint8_t *p = v->os.data;
	int64_t seconds;

	if (v->os.len != 4)
		return fail(d, RESULT_INVALID_AVP_LENGTH, avp);
	seconds = (int64_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
	*out = (p[0] & 0x80 ? seconds : seconds + ((int64_t)1 << 32)) - FIELD_TIME_1970;
	return 0;
}

/* The next place of a list. False: it is full. */
static bool next(char *base, const struct field *f, size_t *index)
{
	struct cx_strings *strings = (void *)(base + f->at);
	size_t *count = f->kind == FIELD_STRINGS ? &strings->count : (size_t *)(void *)(base + f->count_at);

	if (*count >= (f->kind == FIELD_STRINGS ? ARRAY_LEN(strings->item) : f->most))
		return false;
	*index = (*count)++;
	return true;
}

static int read_member(struct decoder *d, struct avp *avp, const struct field *f, char *to)
{
	struct avp_hdr *hdr;

	if (f->has_m_bit && !fd_msg_avp_hdr(avp, &hdr))
		*(bool *)(to + f->m_bit_at) = hdr->avp_flags & AVP_FLAG_MANDATORY;
	return field_decode(d, avp, f->group, to);
}

static int read_repeated(struct decoder *d, struct avp *avp, const union avp_value *v, const struct field *f, char *base)
{
	size_t i;

	if (!next(base, f, &i))
		return fail(d, RESULT_AVP_OCCURS_TOO_MANY_TIMES, avp);
	if (f->kind == FIELD_STRINGS)
		return read_string(d, avp, v, &((struct cx_strings *)(void *)(base + f->at))->item[i]);
	if (f->kind == FIELD_BYTES_LIST)
		return read_bytes(d, avp, v, &((struct bytes *)(void *)(base + f->at))[i]);
	if (f->kind == FIELD_GROUPS)
		return read_member(d, avp, f, base + f->at + i * f->size);
	((uint32_t *)(void *)(base + f->at))[i] = v->u32;
	return 0;
}

static int read_number(struct decoder *d, struct avp *avp, const union avp_value *v, const struct field *f, void *member)
{
	if ((f->kind == FIELD_ENUM || f->kind == FIELD_FLAG) && v->u32 > f->highest)
		return fail(d, RESULT_INVALID_AVP_VALUE, avp);
	if (f->kind == FIELD_FLAG)
		*(bool *)member = v->u32 == f->truth;
	else if (f->kind == FIELD_BIT)
		*(bool *)member = v->u32 & 1;
	else if (f->kind == FIELD_ENUM)
		*(int *)member = (int)v->u32;
	else
		*(uint32_t *)member = v->u32;
	return 0;
}

static int read_field(struct decoder *d, struct avp *avp, const union avp_value *v, const struct field *f, char *base)
{
	void *member = base + f->at;

	/* only a group has no value of its own; others lose theirs when they did not parse */
	if (!v && f->kind != FIELD_GROUP && f->kind != FIELD_GROUPS)
		return fail(d, RESULT_INVALID_AVP_LENGTH, avp);
	switch (f->kind) {
	case FIELD_STRING:
		return read_string(d, avp, v, member);
	case FIELD_BYTES:
		return read_bytes(d, avp, v, member);
	case FIELD_DECIMAL:
		return read_decimal(d, avp, v->u32, member);
	case FIELD_TBCD:
		return read_tbcd(d, avp, v, member);
	case FIELD_TIME:
		return read_time(d, avp, v, member);
	case FIELD_U64:
		*(uint64_t *)member = v->u64;
		return 0;
	case FIELD_ENUM:
	case FIELD_U32:
		if (f->count_at != NOWHERE)
			*(bool *)(base + f->count_at) = true;
		return read_number(d, avp, v, f, member);
	case FIELD_FLAG:
	case FIELD_BIT:
		return read_number(d, avp, v, f, member);
	case FIELD_STRINGS:
	case FIELD_BYTES_LIST:
	case FIELD_U32S:
	case FIELD_GROUPS:
		return read_repeated(d, avp, v, f, base);
	case FIELD_GROUP:
		if (f->count_at != NOWHERE)
			*(bool *)(base + f->count_at) = true;
		return field_decode(d, avp, f->group, member);
	}
	return 0;
}

static bool repeats(const struct field *f)
{
	return f->kind == FIELD_STRINGS || f->kind == FIELD_BYTES_LIST || f->kind == FIELD_U32S || f->kind == FIELD_GROUPS;
}

static int refuse_broken(struct decoder *d, const struct avp_hdr *hdr)
{
	d->broken = true;
	d->broken_code = hdr->avp_code & DICT_BROKEN_CODE;
	d->broken_vendor = hdr->avp_code & DICT_BROKEN_3GPP ? VENDOR_3GPP : 0;
	return fail(d, RESULT_INVALID_AVP_LENGTH, NULL);
}

/* V, M and, of old, P; "an unrecognized bit SHOULD be considered an error" [RFC 6733 4.1] */
enum { KNOWN_BITS = AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY | AVP_FLAG_RESERVED3 };

static int read_avp(struct decoder *d, struct avp *avp, const struct field *fields, char *base, uint32_t *seen)
{
	struct avp_hdr *hdr;

	if (fd_msg_avp_hdr(avp, &hdr))
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
	if ((hdr->avp_code & DICT_BROKEN) == DICT_BROKEN && !(hdr->avp_flags & AVP_FLAG_VENDOR))
		return refuse_broken(d, hdr);
	if (hdr->avp_flags & ~KNOWN_BITS)
		return fail(d, RESULT_INVALID_AVP_BITS, avp);
	for (int i = 0; fields[i].avp != AVP_COUNT && i < FIELDS_MAX; i++) {
		if (!dict_is(fields[i].avp, hdr))
			continue;
		if ((*seen & 1u << i) && !repeats(&fields[i]))
			return fail(d, RESULT_AVP_OCCURS_TOO_MANY_TIMES, avp);
		*seen |= 1u << i;
		return read_field(d, avp, hdr->avp_value, &fields[i], base);
	}
	return 0; /* *[ AVP ]: what we do not know and need not */
}

int field_decode(struct decoder *d, msg_or_avp *from, const struct field *fields, void *to)
{
	struct avp *avp = NULL;
	uint32_t seen = 0;

	fd_msg_browse(from, MSG_BRW_FIRST_CHILD, &avp, NULL);
	while (avp) {
		if (read_avp(d, avp, fields, to, &seen))
			return -EBADMSG;
		if (fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL))
			break;
	}
	for (int i = 0; fields[i].avp != AVP_COUNT && i < FIELDS_MAX; i++) {
		if (!fields[i].needed || seen & 1u << i)
			continue;
		d->missing = fields[i].avp;
		return fail(d, RESULT_MISSING_AVP, NULL);
	}
	return 0;
}

enum diameter_result field_decode_result(struct msg *answer)
{
	struct message_result r = { 0 };
	struct decoder d = { 0 };

	if (field_decode(&d, answer, message_result_fields, &r))
		return 0;
	if (r.code)
		return (enum diameter_result)(r.code & ~RESULT_3GPP);
	return r.vendor == VENDOR_3GPP && r.experimental ? (enum diameter_result)(RESULT_3GPP | (r.experimental & ~RESULT_3GPP)) : 0;
}
