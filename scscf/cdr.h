// SPDX-License-Identifier: Apache-2.0
/* Charging data records: one JSON line per registration, call and message. [TS 32.260 5.2.2 as a guide] */
#pragma once
#include "scscf/scscf.h"

struct cdr_session {
	const char *type;            /* "call", "message" */
	const char *session_case;    /* "originating", "terminating" */
	const char *icid, *orig_ioi, *term_ioi, *from, *to, *call_id;
	uint64_t start_ms, answer_ms, end_ms; /* since 1970; 0: never */
	int result;
};

int cdr_open(const char *path);      /* a descriptor, or -errno; again on SIGHUP */
void cdr_registration(const struct request *r, const char *impu, const char *impi, int result);
void cdr_session(const struct scscf *s, const struct cdr_session *c);
