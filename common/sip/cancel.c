// SPDX-License-Identifier: Apache-2.0
/* CANCEL of a request that was sent on. [RFC 3261 9.1, 16.10]
 *
 * It waits for the first provisional response. Sofia-SIP's own nta_outgoing_tcancel() forgets the INVITE over a reliable transport
 * as soon as the CANCEL has gone, so that nobody would see and acknowledge the 487; hence a request of our own. */
#include "common/sip/engine.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_status.h>

/* The INVITE's Request-URI, topmost Via, Route, From, To, Call-ID and number. [RFC 3261 9.1] */
static msg_t *make(struct sip_agent *a, const sip_t *invite)
{
	msg_t *msg = nta_msg_create(a->nta, 0);
	sip_t *sip = msg ? sip_object(msg) : NULL;
	su_home_t *home = msg ? msg_home(msg) : NULL;
	sip_via_t via[1];

	if (!msg)
		return NULL;
	*via = *invite->sip_via;
	via->v_next = NULL;
	sip->sip_request = sip_request_create(home, SIP_METHOD_CANCEL, (const url_string_t *)invite->sip_request->rq_url, NULL);
	if (sip->sip_request && sip_add_dup(msg, sip, (const sip_header_t *)via) >= 0 &&
	    (!invite->sip_route || sip_add_dup(msg, sip, (const sip_header_t *)invite->sip_route) >= 0) &&
	    sip_add_dup(msg, sip, (const sip_header_t *)invite->sip_from) >= 0 && sip_add_dup(msg, sip, (const sip_header_t *)invite->sip_to) >= 0 &&
	    sip_add_dup(msg, sip, (const sip_header_t *)invite->sip_call_id) >= 0 &&
	    sip_add_tl(msg, sip, SIPTAG_CSEQ(sip_cseq_create(home, invite->sip_cseq->cs_seq, SIP_METHOD_CANCEL)), SIPTAG_MAX_FORWARDS_STR("70"),
		       TAG_END()) >= 0)
		return msg;
	msg_destroy(msg);
	return NULL;
}

/* Nobody waits for its answer: the one to the INVITE counts. */
static void send_cancel(struct target *t)
{
	struct sip_agent *a = t->request->agent;
	msg_t *msg = make(a, t->message.sip);
	const char *branch = msg ? sip_object(msg)->sip_via->v_branch : NULL;
	tport_t *over = t->flow ? flow_tport(t->flow) : NULL;
	const char *url = t->flow ? flow_url(t->flow) : peer_url(t->message.home, &t->hops.hop[t->hops.next - 1]);
	nta_outgoing_t *client;

	if (!msg)
		return;
	msg_ref_create(msg);
	client = nta_outgoing_mcreate(a->nta, NULL, NULL, (const url_string_t *)url, msg, NTATAG_USER_VIA(1), NTATAG_BRANCH_KEY(branch),
				      TAG_IF(over, NTATAG_TPORT(over)), TAG_IF(!over, TPTAG_IDENT(t->out->ident)), TAG_END());
	if (client) {
		wire_request_out(t, msg);
		nta_outgoing_destroy(client);
	} else {
		msg_destroy(msg);
	}
	msg_destroy(msg);
}

/* It will not be sent; what else the request waits for, or its end that is near, goes on without it. */
static void give_up_finding(struct target *t)
{
	struct request *r = t->request;

	hop_forget(r->agent->hops, t);
	deadline_clear(&r->agent->first_answers, &t->first_answer);
	t->stage = TARGET_DONE;
	t->status = 487;
	t->internal = true;
	r->open -= r->open > 0;
}

void target_cancel(struct target *t)
{
	struct sip_agent *a = t->request->agent;

	if (t->stage == TARGET_FINDING)
		return give_up_finding(t);
	if (t->stage != TARGET_SENT || t->cancelling || t->request->method != sip_method_invite || !t->client)
		return;
	t->cancelling = true;
	deadline_set(&a->ringing, &t->ringing, 64u * a->o.t1_ms);
	if (t->provisional)
		send_cancel(t);
}

void target_cancel_held(struct target *t)
{
	if (t->cancelling && !t->provisional)
		send_cancel(t);
}
