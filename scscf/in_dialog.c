// SPDX-License-Identifier: Apache-2.0
/* Requests inside a dialog pass along their Route; a BYE ends the call in our books. [TS 24.229 5.4.3.2, 5.4.3.3: "target refresh
 * request" and "subsequent request other than a target refresh"] */
#include "scscf/dialog.h"

static void on_request(struct request *r)
{
	request_forward_onward(r);
}

static void end_half(struct request *r, enum session_case c, int status)
{
	const sip_t *sip = request_peek(r)->sip;

	dialog_ended(scscf_of(r)->dialogs, sip->sip_call_id->i_id, c, status);
}

/* Any final answer to a BYE ends the dialog [RFC 3261 15.1.1]. Our own Record-Route entries, just popped, say which of its
 * halves we keep: both when caller and callee are served here. */
static void on_end(struct request *r, int status)
{
	const sip_t *sip = request_peek(r)->sip;
	const char *purpose;
	struct bytes token;
	bool orig;

	if (sip->sip_request->rq_method != sip_method_bye)
		return;
	for (int i = 0; request_popped_route(r, i, &purpose, &token, &orig) == 0; i++)
		if (token.len == 1)
			end_half(r, token.data[0] == 'O' ? CASE_ORIGINATING : CASE_TERMINATING, status / 100 == 2 ? 200 : status);
}

const struct procedure scscf_in_dialog = { .name = "scscf.in_dialog", .on_request = on_request, .on_end = on_end };
