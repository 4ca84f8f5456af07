// SPDX-License-Identifier: Apache-2.0
/* The six commands by number: their tables, structs and names. Only under common/diameter. */
#pragma once
#include "common/diameter/cx_field.h"

union cx_question { struct cx_uar uar; struct cx_mar mar; struct cx_sar sar; struct cx_lir lir; struct cx_rtr rtr; struct cx_ppr ppr; };

struct cx_kind {
	enum cx_command code;
	const char *name;                       /* "UAR" */
	const struct field *question, *answer;
	size_t question_size, answer_size;      /* every answer begins with its enum diameter_result */
	size_t origin_host_at;                  /* in the answer, or NOWHERE */
	size_t destination_host_at, trace_id_at;/* in the question, or NOWHERE */
	size_t question_origin_host_at;         /* of RTR and PPR */
};

extern const struct cx_kind cx_kinds[];
enum { CX_KINDS = 6 };
const struct cx_kind *cx_kind(enum cx_command code);

/* One more of minims_diameter_total{command,result}. */
void cx_count(const struct cx_kind *kind, const char *result);
