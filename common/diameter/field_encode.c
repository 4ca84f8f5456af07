// SPDX-License-Identifier: Apache-2.0
/* Writes a message by its table. [RFC 6733 4.1] Only strings a caller set appear; nothing is checked here. */
#include "common/diameter/field.h"
#include <stdlib.h>
#include <string.h>

enum { TBCD_MAX = 16 };

static int add(msg_or_avp *to, enum dict_avp id, union avp_value *value)
{
	struct avp *avp;

	if (fd_msg_avp_new(dict_avp(id), 0, &avp))
		return -ENOMEM;
	if ((value && fd_msg_avp_setvalue(avp, value)) || fd_msg_avp_add(to, MSG_BRW_LAST_CHILD, avp)) {
		fd_msg_free(avp);
		return -ENOMEM;
	}
	return 0;
}

static int add_bytes(msg_or_avp *to, enum dict_avp id, const void *data, size_t len)
{
	union avp_value v = { .os = { .data = (uint8_t *)data, .len = len } };

	return add(to, id, &v);
}

static int add_string(msg_or_avp *to, enum dict_avp id, const char *s)
{
	return s ? add_bytes(to, id, s, strlen(s)) : 0;
}

static int add_u32(msg_or_avp *to, enum dict_avp id, uint32_t n)
{
	union avp_value v = { .u32 = n };

	return add(to, id, &v);
}

static int add_tbcd(msg_or_avp *to, enum dict_avp id, const char *digits)
{
	uint8_t octets[TBCD_MAX];
	size_t n = digits ? strlen(digits) : 0;

	if (!n)
		return 0;
	if (n > 2 * sizeof octets)
		return -ENOMEM;
	for (size_t i = 0; i < n; i += 2)
		octets[i / 2] = (uint8_t)((digits[i] & 0xf) | (i + 1 < n ? digits[i + 1] & 0xf : 0xf) << 4);
	return add_bytes(to, id, octets, (n + 1) / 2);
}

static int add_time(msg_or_avp *to, enum dict_avp id, int64_t seconds)
{
	uint32_t n = (uint32_t)(seconds + FIELD_TIME_1970);
	const uint8_t octets[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	return seconds ? add_bytes(to, id, octets, sizeof octets) : 0;
}

static int add_flag(msg_or_avp *to, const struct field *f, bool set)
{
	if (!set && !f->needed)
		return 0;
	return add_u32(to, f->avp, set ? f->truth : 1 - f->truth);
}

static void set_m_bit(struct avp *group, const struct field *f, const char *from)
{
	struct avp_hdr *hdr;

	if (!f->has_m_bit || fd_msg_avp_hdr(group, &hdr))
		return;
	hdr->avp_flags &= (uint8_t)~AVP_FLAG_MANDATORY;
	if (*(const bool *)(from + f->m_bit_at))
		hdr->avp_flags |= AVP_FLAG_MANDATORY;
}

static int add_group(msg_or_avp *to, const struct field *f, const void *from, bool always)
{
	struct avp *group, *first = NULL;
	int err;

	if (fd_msg_avp_new(dict_avp(f->avp), 0, &group))
		return -ENOMEM;
	set_m_bit(group, f, from);
	err = field_encode(group, f->group, from);
	fd_msg_browse(group, MSG_BRW_FIRST_CHILD, &first, NULL);
	if (err || (!first && !always) || fd_msg_avp_add(to, MSG_BRW_LAST_CHILD, group)) {
		fd_msg_free(group);
		return !err && !first ? 0 : -ENOMEM;
	}
	return 0;
}

/* AVPs that repeat */
static int add_all(msg_or_avp *to, const struct field *f, const char *base, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++) {
		if (f->kind == FIELD_U32S)
			err = add_u32(to, f->avp, ((const uint32_t *)(const void *)(base + f->at))[i]);
		else if (f->kind == FIELD_STRINGS)
			err = add_string(to, f->avp, ((const struct cx_strings *)(const void *)(base + f->at))->item[i]);
		else if (f->kind == FIELD_BYTES_LIST)
			err = add_bytes(to, f->avp, ((const struct bytes *)(const void *)(base + f->at))[i].data,
					((const struct bytes *)(const void *)(base + f->at))[i].len);
		else
			err = add_group(to, f, base + f->at + i * f->size, true);
	}
	return err;
}

static int add_field(msg_or_avp *to, const struct field *f, const char *base)
{
	const void *member = base + f->at;

	switch (f->kind) {
	case FIELD_STRING:
		return add_string(to, f->avp, *(const char *const *)member);
	case FIELD_DECIMAL:
		return *(const char *const *)member ? add_u32(to, f->avp, (uint32_t)strtoul(*(const char *const *)member, NULL, 10)) : 0;
	case FIELD_BYTES: {
		const struct bytes *b = member;

		return b->len || f->needed ? add_bytes(to, f->avp, b->data, b->len) : 0;
	}
	case FIELD_U32: {
		uint32_t n = *(const uint32_t *)member;
		bool there = f->count_at == NOWHERE ? n || f->needed : *(const bool *)(base + f->count_at);

		return there ? add_u32(to, f->avp, n) : 0;
	}
	case FIELD_U64: {
		union avp_value n = { .u64 = *(const uint64_t *)member };

		return n.u64 || f->needed ? add(to, f->avp, &n) : 0;
	}
	case FIELD_TBCD:
		return add_tbcd(to, f->avp, *(const char *const *)member);
	case FIELD_TIME:
		return add_time(to, f->avp, *(const int64_t *)member);
	case FIELD_ENUM:
		if (f->count_at != NOWHERE && !*(const bool *)(base + f->count_at))
			return 0;
		return add_u32(to, f->avp, (uint32_t)*(const int *)member);
	case FIELD_FLAG:
		return add_flag(to, f, *(const bool *)member);
	case FIELD_BIT:
		return *(const bool *)member ? add_u32(to, f->avp, 1) : 0;
	case FIELD_STRINGS:
		return add_all(to, f, base, ((const struct cx_strings *)member)->count);
	case FIELD_BYTES_LIST:
	case FIELD_U32S:
	case FIELD_GROUPS:
		return add_all(to, f, base, *(const size_t *)(const void *)(base + f->count_at));
	case FIELD_GROUP:
		if (f->count_at != NOWHERE && !*(const bool *)(base + f->count_at))
			return 0;
		return add_group(to, f, member, f->needed);
	}
	return 0;
}

int field_encode(msg_or_avp *to, const struct field *fields, const void *from)
{
	int err = 0;

	for (const struct field *f = fields; !err && f->avp != AVP_COUNT; f++)
		err = add_field(to, f, from);
	return err;
}

/* Result-Code, or Experimental-Result of 3GPP [TS 29.229 6.2] */
int field_encode_result(struct msg *answer, enum diameter_result result)
{
	struct avp *group;
	int err;

	if (!((unsigned)result & RESULT_3GPP))
		return add_u32(answer, AVP_RESULT_CODE, (uint32_t)result);
	if (fd_msg_avp_new(dict_avp(AVP_EXPERIMENTAL_RESULT), 0, &group))
		return -ENOMEM;
	err = add_u32(group, AVP_VENDOR_ID, VENDOR_3GPP);
	if (!err)
		err = add_u32(group, AVP_EXPERIMENTAL_RESULT_CODE, (uint32_t)result & ~RESULT_3GPP);
	if (err || fd_msg_avp_add(answer, MSG_BRW_LAST_CHILD, group)) {
		fd_msg_free(group);
		return -ENOMEM;
	}
	return 0;
}

/* One that the dictionary does not have: its header, and no data. */
static struct avp *header_only(const struct avp_hdr *of)
{
	union avp_value nothing = { .os = { .data = (uint8_t *)"" } };
	struct avp_hdr *hdr;
	struct avp *avp;

	if (fd_msg_avp_new(dict_avp(AVP_ANY), 0, &avp))
		return NULL;
	if (fd_msg_avp_setvalue(avp, &nothing) || fd_msg_avp_hdr(avp, &hdr)) {
		fd_msg_free(avp);
		return NULL;
	}
	hdr->avp_code = of->avp_code;
	hdr->avp_flags = of->avp_flags & (AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY);
	hdr->avp_vendor = of->avp_vendor;
	return avp;
}

/* [RFC 6733 7.1.5, 7.5] of a missing AVP an example with zeroes, of one with a wrong length, too; of a group at fault an empty group */
static struct avp *at_fault(const struct decoder *d)
{
	union avp_value zero = { .u64 = 0 };
	struct dict_object *model = d->failed ? NULL : d->broken ? dict_find(d->broken_code, d->broken_vendor) : dict_avp(d->missing);
	struct dict_avp_data type = { 0 };
	struct avp_hdr *hdr = NULL;
	struct avp *copy;

	if (d->failed && (fd_msg_model(d->failed, &model) || fd_msg_avp_hdr(d->failed, &hdr)))
		return NULL;
	if (!model && hdr) /* what bears the V bit and no vendor is none of freeDiameter's */
		model = dict_find(hdr->avp_code, hdr->avp_flags & AVP_FLAG_VENDOR ? hdr->avp_vendor : 0);
	if (!model && (hdr || d->broken))
		return header_only(hdr ? hdr : &(struct avp_hdr){ .avp_code = d->broken_code, .avp_vendor = d->broken_vendor,
								  .avp_flags = d->broken_vendor ? AVP_FLAG_VENDOR : 0 });
	if (!model || fd_dict_getval(model, &type) || fd_msg_avp_new(model, 0, &copy))
		return NULL;
	if (type.avp_basetype == AVP_TYPE_OCTETSTRING)
		zero.os.data = (uint8_t *)"";
	if (type.avp_basetype != AVP_TYPE_GROUPED && fd_msg_avp_setvalue(copy, hdr && hdr->avp_value ? hdr->avp_value : &zero)) {
		fd_msg_free(copy);
		return NULL;
	}
	return copy;
}

int field_encode_failed(struct msg *answer, const struct decoder *d)
{
	struct avp *copy = at_fault(d), *failed;

	if (!copy)
		return -ENOMEM;
	if (fd_msg_avp_new(dict_avp(AVP_FAILED_AVP), 0, &failed)) {
		fd_msg_free(copy);
		return -ENOMEM;
	}
	fd_msg_avp_add(failed, MSG_BRW_LAST_CHILD, copy);
	return fd_msg_avp_add(answer, MSG_BRW_LAST_CHILD, failed) ? -ENOMEM : 0;
}
