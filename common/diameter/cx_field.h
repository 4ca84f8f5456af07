// SPDX-License-Identifier: Apache-2.0
/* A Cx message as a table: one row an AVP, with the member of the struct it fills, so that encode and decode cannot disagree.
 * Only under common/diameter. [TS 29.229 6.1] */
#pragma once
#include "common/diameter/cx.h"
#include "common/diameter/dict.h"

enum field_kind {
	FIELD_STRING,    /* const char *; never empty, no control characters */
	FIELD_STRINGS,   /* struct cx_strings: the AVP repeats */
	FIELD_BYTES,     /* struct bytes */
	FIELD_U32,       /* uint32_t; 0 is not written unless needed */
	FIELD_U32S,      /* uint32_t[CX_LIST_MAX] and a size_t count: repeats */
	FIELD_ENUM,      /* an enum of 0..highest */
	FIELD_FLAG,      /* bool: the value `truth` is true; false is 1 - truth when needed, else nothing is written */
	FIELD_BIT,       /* bool: bit 0 */
	FIELD_DECIMAL,   /* const char * of digits, Unsigned32 on the wire */
	FIELD_GROUP,     /* a struct inside; `count_at`: a bool that tells its presence, or NOWHERE: present when something is in it */
	FIELD_GROUPS,    /* an array of CX_LIST_MAX of `size` and a size_t count: repeats */
};
#define NOWHERE ((size_t)-1)

struct field {
	enum dict_avp avp;
	enum field_kind kind;
	bool needed;               /* {AVP} of the ABNF: 5005 without it */
	size_t at, count_at;
	uint32_t highest, truth;
	const struct field *group; /* ends with AVP_COUNT */
	size_t size;
};

/* Tables of the bodies, and of the header every request has. */
extern const struct field cx_uar_fields[], cx_uaa_fields[], cx_mar_fields[], cx_maa_fields[], cx_sar_fields[], cx_saa_fields[],
	cx_lir_fields[], cx_lia_fields[], cx_rtr_fields[], cx_rta_fields[], cx_ppr_fields[], cx_ppa_fields[], cx_header_fields[],
	cx_result_fields[];

struct cx_header {
	const char *session_id, *origin_host, *origin_realm, *destination_host, *destination_realm;
	uint32_t auth_session_state;
	uint32_t vendor, application;  /* Vendor-Specific-Application-Id */
};
struct cx_result_avps { uint32_t code, vendor, experimental; };

/* Adds the AVPs of `from` to a message or group. 0 or -ENOMEM. */
int cx_encode(msg_or_avp *to, const struct field *fields, const void *from);
int cx_encode_result(struct msg *answer, enum diameter_result result);

/* What a decode says of a message. Strings and bytes are copied into `arena`, which needs no more than the message's length. */
struct cx_decoder {
	char *arena;
	size_t left;
	enum diameter_result result;  /* RESULT_SUCCESS, or what to answer [RFC 6733 7.1.5] */
	struct avp *failed;           /* the AVP at fault, in the message; NULL with 5005 */
	enum dict_avp missing;
};
/* Fills the zeroed struct `to`. 0, or -EBADMSG with result, failed or missing set. */
int cx_decode(struct cx_decoder *d, msg_or_avp *from, const struct field *fields, void *to);
/* The result of an answer, base or experimental; 0 when it has none. */
enum diameter_result cx_decode_result(struct msg *answer);
/* Adds Failed-AVP: a copy of the AVP at fault, or an empty one of the missing kind [RFC 6733 7.5]. 0 or -ENOMEM. */
int cx_encode_failed(struct msg *answer, const struct cx_decoder *d);
