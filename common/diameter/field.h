// SPDX-License-Identifier: Apache-2.0
/* A message as a table: one row an AVP, with the member of the struct it fills, so that encode and decode cannot disagree.
 * The tables stand in cx_field.c and sh_field.c. Only under common/diameter. [TS 29.229 6.1, TS 29.329 6.1] */
#pragma once
#include "common/diameter/cx.h"
#include "common/diameter/dict.h"
#include "common/diameter/overload.h"
#include "common/diameter/redirect.h"

enum field_kind {
	FIELD_STRING,    /* const char *; never empty, no control characters */
	FIELD_STRINGS,   /* struct cx_strings: the AVP repeats */
	FIELD_BYTES,     /* struct bytes */
	FIELD_BYTES_LIST,/* struct bytes[most] and a size_t count: repeats */
	FIELD_U32,       /* uint32_t; 0 is not written unless needed; `count_at`: a bool that tells its presence instead, or NOWHERE */
	FIELD_U64,       /* uint64_t; 0 is not written unless needed */
	FIELD_U32S,      /* uint32_t[most] and a size_t count: repeats */
	FIELD_ENUM,      /* an enum of 0..highest; `count_at`: a bool that tells its presence, or NOWHERE: always written */
	FIELD_FLAG,      /* bool: the value `truth` is true; false is 1 - truth when needed, else nothing is written */
	FIELD_BIT,       /* bool: bit 0 */
	FIELD_DECIMAL,   /* const char * of digits, Unsigned32 on the wire */
	FIELD_TBCD,      /* const char * of digits, two an octet on the wire [TS 29.329 6.3.2] */
	FIELD_TIME,      /* int64_t, seconds since 1970; 0 is not written [RFC 6733 4.3.1] */
	FIELD_GROUP,     /* a struct inside; `count_at`: a bool that tells its presence, or NOWHERE: present when something is in it */
	FIELD_GROUPS,    /* an array of `most` of `size` and a size_t count: repeats */
};
#define NOWHERE ((size_t)-1)
#define FIELD_TIME_1970 2208988800 /* seconds from 1900 */

struct field {
	enum dict_avp avp;
	enum field_kind kind;
	bool needed;               /* {AVP} of the ABNF: 5005 without it */
	size_t at, count_at;
	uint32_t highest, truth;
	const struct field *group; /* ends with AVP_COUNT */
	size_t size, most;
	bool has_m_bit;            /* of FIELD_GROUPS: the M bit itself says something, kept at `m_bit_at` of the struct inside */
	size_t m_bit_at;
};

/* ---- to write such a table ---- */

#define NEEDED .needed = true
#define AT(type, member) .at = offsetof(type, member), .count_at = NOWHERE
#define ROOM(type, member) .size = sizeof(((type *)0)->member[0]), .most = ARRAY_LEN(((type *)0)->member)
#define STRING(id, type, member) .avp = AVP_##id, .kind = FIELD_STRING, AT(type, member)
#define STRINGS(id, type, member) .avp = AVP_##id, .kind = FIELD_STRINGS, AT(type, member)
#define BYTES(id, type, member) .avp = AVP_##id, .kind = FIELD_BYTES, AT(type, member)
#define BYTES_LIST(id, type, member) .avp = AVP_##id, .kind = FIELD_BYTES_LIST, .at = offsetof(type, member), \
	.count_at = offsetof(type, member##_count), ROOM(type, member)
#define U32(id, type, member) .avp = AVP_##id, .kind = FIELD_U32, AT(type, member)
#define U32_IF(id, type, member) .avp = AVP_##id, .kind = FIELD_U32, .at = offsetof(type, member), .count_at = offsetof(type, has_##member)
#define U64(id, type, member) .avp = AVP_##id, .kind = FIELD_U64, AT(type, member)
#define U32S(id, type, member) .avp = AVP_##id, .kind = FIELD_U32S, .at = offsetof(type, member), \
	.count_at = offsetof(type, member##_count), ROOM(type, member)
#define ENUM(id, type, member, max) .avp = AVP_##id, .kind = FIELD_ENUM, .highest = max, AT(type, member)
#define ENUM_IF(id, type, member, max) .avp = AVP_##id, .kind = FIELD_ENUM, .highest = max, .at = offsetof(type, member), \
	.count_at = offsetof(type, has_##member)
#define FLAG(id, type, member, is, max) .avp = AVP_##id, .kind = FIELD_FLAG, .truth = is, .highest = max, AT(type, member)
#define BIT(id, type, member) .avp = AVP_##id, .kind = FIELD_BIT, AT(type, member)
#define DECIMAL(id, type, member) .avp = AVP_##id, .kind = FIELD_DECIMAL, AT(type, member)
#define TBCD(id, type, member) .avp = AVP_##id, .kind = FIELD_TBCD, AT(type, member)
#define TIME(id, type, member) .avp = AVP_##id, .kind = FIELD_TIME, AT(type, member)
#define GROUP(id, where, fields) .avp = AVP_##id, .kind = FIELD_GROUP, .at = where, .count_at = NOWHERE, .group = fields
#define GROUP_IF(id, type, member, fields) .avp = AVP_##id, .kind = FIELD_GROUP, .at = offsetof(type, member), \
	.count_at = offsetof(type, has_##member), .group = fields
#define GROUPS(id, type, member, count, fields) .avp = AVP_##id, .kind = FIELD_GROUPS, .at = offsetof(type, member), \
	.count_at = offsetof(type, count), .group = fields, ROOM(type, member)
#define M_BIT(type, member) .has_m_bit = true, .m_bit_at = offsetof(type, member)
#define END { .avp = AVP_COUNT }

/* ---- what every message has ---- */

struct message_header {
	const char *session_id, *origin_host, *origin_realm, *destination_host, *destination_realm;
	uint32_t auth_session_state;
	uint32_t vendor, application;  /* Vendor-Specific-Application-Id */
	bool has_priority, has_oc, has_olr;
	enum drmp priority;            /* DRMP [RFC 7944 8] */
	struct oc_features { uint64_t vector; } oc; /* OC-Supported-Features [RFC 7683 7.1] */
	struct overload_report olr;    /* OC-OLR [RFC 7683 7.3] */
};
struct message_result { uint32_t code, vendor, experimental; };
extern const struct field message_header_fields[], message_result_fields[];

/* Of an answer that says who has the user: struct redirect. */
extern const struct field redirect_fields[];

/* Supported-Features, of both applications. */
extern const struct field features_fields[];
#define FEATURES(type) GROUPS(SUPPORTED_FEATURES, type, features, feature_count, features_fields), M_BIT(struct cx_features, required)

/* Adds the AVPs of `from` to a message or group. 0 or -ENOMEM. */
int field_encode(msg_or_avp *to, const struct field *fields, const void *from);
int field_encode_result(struct msg *answer, enum diameter_result result);

/* What a decode says of a message. Strings and bytes are copied into `arena`, which needs no more than the message's length. */
struct decoder {
	char *arena;
	size_t left;
	enum diameter_result result;  /* RESULT_SUCCESS, or what to answer [RFC 6733 7.1.5] */
	struct avp *failed;           /* the AVP at fault, in the message; NULL with 5005, and with 5014 when its length could not be */
	enum dict_avp missing;
	bool broken;                  /* the latter, */
	uint32_t broken_code, broken_vendor; /* and which AVP that is */
};
/* Fills the zeroed struct `to`. 0, or -EBADMSG with result, failed or missing set. */
int field_decode(struct decoder *d, msg_or_avp *from, const struct field *fields, void *to);
/* The result of an answer, base or experimental; 0 when it has none. */
enum diameter_result field_decode_result(struct msg *answer);
/* Adds Failed-AVP: a copy of the AVP at fault, or an empty one of the missing kind [RFC 6733 7.5]. 0 or -ENOMEM. */
int field_encode_failed(struct msg *answer, const struct decoder *d);
