// SPDX-License-Identifier: Apache-2.0
/* Which procedure a request belongs to, and requests to the P-CSCF itself. [TS 24.229 5.2.1; RFC 3261 11] */
#include "common/sip/start.h"
#include "pcscf/pcscf.h"
#include <string.h>

static bool along_our_path(const struct request *r)
{
	struct bytes token;
	const char *purpose;
	bool orig;

	for (int i = 0; request_popped_route(r, i, &purpose, &token, &orig) == 0; i++)
		if (!strcmp(purpose, "path"))
			return true;
	return false;
}

const struct procedure *pcscf_route(const struct request *r)
{
	if (request_peek(r)->sip->sip_request->rq_method == sip_method_register)
		return &pcscf_registration;
	if (!request_initial(r))
		return &pcscf_in_dialog;
	if (along_our_path(r))
		return &pcscf_terminating;
	if (sip_names_us(r, pcscf_of(r)->options->sip.name))
		return &pcscf_own;
	return &pcscf_originating;
}

static void answer_options(struct request *r)
{
	struct sip_message *reply = request_reply(r);

	header_add_text(reply, "Accept: application/sdp");
	header_add_text(reply, "Supported: path, outbound");
	request_answer(r, 200, NULL);
}

static void answer_own(struct request *r)
{
	const sip_t *sip = request_peek(r)->sip;

	if (sip->sip_request->rq_method == sip_method_ack)
		return request_drop(r);
	if (sip->sip_request->rq_method == sip_method_options)
		return answer_options(r);
	header_add_text(request_reply(r), "Allow: OPTIONS, REGISTER");
	request_answer(r, 405, "a request for the P-CSCF itself");
}

const struct procedure pcscf_own = { .name = "pcscf.own", .on_request = answer_own };
