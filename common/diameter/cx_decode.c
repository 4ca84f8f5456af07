// SPDX-License-Identifier: Apache-2.0
/* Reads a Cx message by its table and believes nothing: every presence, number and value is checked here, for freeDiameter
 * enforces none of them on receipt. [RFC 6733 7.1.5] names the results. */
#include "common/diameter/cx_field.h"
#include "common/text.h"
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 32 };

static int fail(struct cx_decoder *d, enum diameter_result result, struct avp *avp)
{
	d->result = result;
	d->failed = avp;
	return -EBADMSG;
}

static char *take(struct cx_decoder *d, size_t len)
{
	char *p = d->arena;

	if (len > d->left)
		return NULL;
	d->arena += len;
	d->left -= len;
	return p;
}

/* No string of Cx is empty or holds a control character, and none may end early in our hands */
static bool clean(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] < 0x20 || data[i] == 0x7f)
			return false;
	return len > 0;
}

static int read_string(struct cx_decoder *d, struct avp *avp, const union avp_value *v, const char **out)
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

static int read_bytes(struct cx_decoder *d, struct avp *avp, const union avp_value *v, struct bytes *out)
{
	char *copy = take(d, v->os.len);

	if (!copy)
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
	memcpy(copy, v->os.data, v->os.len);
	*out = (struct bytes){ (const uint8_t *)copy, v->os.len };
	return 0;
}

static int read_decimal(struct cx_decoder *d, struct avp *avp, uint32_t n, const char **out)
{
	char *s = take(d, 11);

	if (!s)
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
	text_format(s, 11, "%u", n);
	*out = s;
	return 0;
}

/* The next place of a list, or NULL when it is full */
static void *next(char *base, const struct field *f, size_t *index)
{
	size_t *count = f->kind == FIELD_STRINGS ? &((struct cx_strings *)(void *)(base + f->at))->count
						 : (size_t *)(void *)(base + f->count_at);

	if (*count >= CX_LIST_MAX)
		return NULL;
	*index = (*count)++;
	return count;
}

static int read_repeated(struct cx_decoder *d, struct avp *avp, const union avp_value *v, const struct field *f, char *base)
{
	size_t i;

	if (!next(base, f, &i))
		return fail(d, RESULT_AVP_OCCURS_TOO_MANY_TIMES, avp);
	if (f->kind == FIELD_STRINGS)
		return read_string(d, avp, v, &((struct cx_strings *)(void *)(base + f->at))->item[i]);
	if (f->kind == FIELD_GROUPS)
		return cx_decode(d, avp, f->group, base + f->at + i * f->size);
	((uint32_t *)(void *)(base + f->at))[i] = v->u32;
	return 0;
}

static int read_number(struct cx_decoder *d, struct avp *avp, const union avp_value *v, const struct field *f, void *member)
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

static int read_field(struct cx_decoder *d, struct avp *avp, const union avp_value *v, const struct field *f, char *base)
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
	case FIELD_U32:
	case FIELD_ENUM:
	case FIELD_FLAG:
	case FIELD_BIT:
		return read_number(d, avp, v, f, member);
	case FIELD_STRINGS:
	case FIELD_U32S:
	case FIELD_GROUPS:
		return read_repeated(d, avp, v, f, base);
	case FIELD_GROUP:
		if (f->count_at != NOWHERE)
			*(bool *)(base + f->count_at) = true;
		return cx_decode(d, avp, f->group, member);
	}
	return 0;
}

static bool repeats(const struct field *f)
{
	return f->kind == FIELD_STRINGS || f->kind == FIELD_U32S || f->kind == FIELD_GROUPS;
}

static int read_avp(struct cx_decoder *d, struct avp *avp, const struct field *fields, char *base, uint32_t *seen)
{
	struct avp_hdr *hdr;

	if (fd_msg_avp_hdr(avp, &hdr))
		return fail(d, RESULT_UNABLE_TO_COMPLY, avp);
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

int cx_decode(struct cx_decoder *d, msg_or_avp *from, const struct field *fields, void *to)
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

enum diameter_result cx_decode_result(struct msg *answer)
{
	struct cx_result_avps r = { 0 };
	struct cx_decoder d = { 0 };

	if (cx_decode(&d, answer, cx_result_fields, &r))
		return 0;
	if (r.code)
		return (enum diameter_result)(r.code & ~RESULT_3GPP);
	return r.vendor == VENDOR_3GPP && r.experimental ? (enum diameter_result)(RESULT_3GPP | (r.experimental & ~RESULT_3GPP)) : 0;
}
