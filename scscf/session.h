// SPDX-License-Identifier: Apache-2.0
/* What the originating and the terminating half have in common: state, charging vector, asserted identity, record of the call.
 * [TS 24.229 5.4.3.2, 5.4.3.3] */
#pragma once
#include "scscf/dialog.h"
#include "scscf/restoration.h"

struct flow_try {                            /* a flow that was tried, of a device that keeps several */
	struct flow_try *next;
	struct target *target;
	const char *instance;
	uint64_t registered_ms;
	bool followed;                       /* by an older one, or there is none */
};

struct session {
	struct restoration restoration;      /* first: restoration_begin */
	enum session_case session_case;
	const char *served;                  /* public identity, canonical, in the request's home */
	const char *icid, *orig_ioi, *term_ioi;
	uint64_t start_ms, answer_ms;
	struct target ***groups;             /* terminating: contacts of one q each, highest first */
	int *group_sizes;
	int group_count, next_group;
	struct flow_try *tries;
	int try_count;
};

struct session *session_of(struct request *r);

/* Keeps the icid, names the originating network [TS 24.229 5.4.3.2 step 5, RFC 7315 4.6]; a missing vector is made. */
void session_charge_request(struct request *r, bool originating);
/* Names the terminating network in a response [5.4.3.3]. */
void session_charge_response(struct request *r, struct sip_message *response, bool terminating);

/* Asserts the tel URI beside the SIP URI, or the other way round [5.4.3.2 step 4B, 5.4.3.3]. */
void session_complete_asserted(struct sip_message *m, const struct user *u);
/* First URI of P-Asserted-Identity, canonical; *second the next; NULL without. */
const char *session_asserted(su_home_t *home, const struct sip_message *m, const char **second);

/* Our Record-Route entry says whose half it is. */
void session_record_route(struct request *r);
/* A response passes: a 2xx to an INVITE begins a dialog. */
void session_note_response(struct request *r, const struct sip_message *response);
/* The final status went up: records of messages and of calls that did not come about. */
void session_note_end(struct request *r, int status);
/* "<sip:x;transport=tcp;lr>" is not wanted towards a lone next hop: "sip:host;transport=tcp". */
const char *session_next_hop(const struct request *r, su_home_t *home, const char *host);
