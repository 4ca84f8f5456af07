// SPDX-License-Identifier: Apache-2.0
/* What is neither a registration nor an initial request for a user: requests that carry a Route beyond us, OPTIONS to the
 * I-CSCF itself, and REGISTERs of strangers. [TS 24.229 5.3.2.1A, RFC 3261 11, 16.12] */
#include "icscf/icscf.h"

static void forward_onward(struct request *r)
{
	/* the I-CSCF does not record-route, and it is no relay for strangers [TS 24.229 5.3.2.1] */
	if (request_trusted(r))
		return request_forward_onward(r);
	if (request_peek(r)->sip->sip_request->rq_method == sip_method_ack)
		return request_drop(r);
	request_answer(r, 403, "a stranger's request for somewhere else: %s", request_source(r));
}

static void answer_options(struct request *r)
{
	struct sip_message *reply = request_reply(r);

	header_add_text(reply, "Accept: application/sdp");
	header_add_text(reply, "Supported: path");
	request_answer(r, 200, NULL);
}

static void answer_own(struct request *r)
{
	const sip_t *sip = request_message(r)->sip;

	if (sip->sip_request->rq_method == sip_method_ack)
		return request_drop(r);
	if (sip->sip_request->rq_method == sip_method_options)
		return answer_options(r);
	header_add_text(request_reply(r), "Allow: OPTIONS");
	request_answer(r, 405, "a request for the I-CSCF itself");
}

const struct procedure icscf_onward = { .name = "icscf.onward", .on_request = forward_onward };
const struct procedure icscf_own = { .name = "icscf.own", .on_request = answer_own };
