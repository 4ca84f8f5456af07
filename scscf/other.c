// SPDX-License-Identifier: Apache-2.0
/* Requests to the S-CSCF itself, and those of strangers. [TS 24.229 4.4, 5.4.3.1; RFC 3261 11] */
#include "scscf/scscf.h"

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
	request_answer(r, 405, "a request for the S-CSCF itself");
}

/* Only peers of the core are served: everybody else comes through a P-CSCF or an I-CSCF [TS 24.229 4.4]. */
static void refuse_stranger(struct request *r)
{
	if (request_peek(r)->sip->sip_request->rq_method == sip_method_ack)
		return request_drop(r);
	request_answer(r, 403, "not a peer of the core: %s", request_source(r));
}

const struct procedure scscf_own = { .name = "scscf.own", .on_request = answer_own };
const struct procedure scscf_stranger = { .name = "scscf.stranger", .on_request = refuse_stranger };
