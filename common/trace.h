// SPDX-License-Identifier: Apache-2.0
/* What happened, message by message: a ring a thread (one writer, bytes as received, formatted only when read) and a table of
 * the last failure per identity for `imsctl explain`. The trace id is the icid of the first message of a Call-ID; every daemon
 * maps Call-ID and icid to it; Cx carries it as the optional last part of the Session-Id [RFC 6733 8.8].
 *
 * Modes: off keeps nothing but the last failures; failures keeps every message while it is among the newest, for nobody knows
 * beforehand which call will fail, and lists the procedures that failed; all lists every procedure. */
#pragma once
#include "common/base.h"
#include "common/http.h"

enum trace_mode { TRACE_OFF, TRACE_FAILURES, TRACE_ALL };
enum trace_protocol { TRACE_SIP, TRACE_DIAMETER };

int trace_start(const char *daemon, enum trace_mode mode, size_t ring_bytes); /* once a process, before threads; 0 or -errno */

struct trace_message {
	enum trace_protocol protocol;
	const char *id;              /* trace id; Call-ID or Session-Id when no icid is known yet */
	const char *call_id;         /* NULL for Diameter */
	const char *from, *to;       /* "pcscf", "icscf", "hss" when known, else "127.0.0.9:5060" */
	struct bytes bytes;          /* as on the wire; secrets (response=, ck=, ik=, Authorization's, HA1, XRES) are blanked on entry */
	struct bytes suspect;        /* SIP: the part of them, in whole lines, where a secret may stand; the rest is not searched */
};
void trace_message(const struct trace_message *m);        /* hot: a memcpy into this thread's ring; a line at log level debug */
bool trace_on(void);                                      /* somebody wants messages: the ring or the log */
const char *trace_self(void);                             /* the instance's name, for from and to */

/* A procedure ended after `ns` nanoseconds: one line of `imsctl trace`. Called by the engine for every request it answered or
 * forwarded to its end. */
void trace_procedure(const char *id, const char *identity, const char *procedure, int status, uint64_t ns);

/* The last failure of an identity, in plain words; written by request_answer for a refusal. */
void trace_failure(const char *identity, const char *id, const char *procedure, int status, const char *why);

/* GET /trace, /trace/ID (an icid, a Call-ID or an identity), /explain?identity= for the ops server. */
extern const struct http_route trace_routes[];
extern const size_t trace_route_count;
