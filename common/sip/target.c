// SPDX-License-Identifier: Apache-2.0
/* One place that a request is sent to: its message made ready, its addresses tried one after the other, its timers.
 * [RFC 3261 16.6, 16.8, 16.9; RFC 3263 4.3]
 *
 *   start ─▶ message ready ─▶ addresses found ─▶ sent ─┬─ response ────────────────────────────────────────▶ forward.c
 *                                  ▲                   ├─ silence, refused connection, 503 ─┬─ another one ──┐
 *                                  └───────────────────┼────────────────────────────────────┘                │
 *                                                      └─ none left: failed ◀─────────────────────────────────
 */
#include "common/sip/engine.h"
#include "common/log.h"
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>

static void send_it(struct target *t);

/* ---- made by a procedure ---- */

struct target *target_new(struct request *r, const char *uri, const char *route)
{
	struct target *t = su_zalloc(r->home, sizeof *t);

	if (!t)
		return NULL;
	t->request = r;
	t->side = "mw";
	t->uri = uri ? su_strdup(r->home, uri) : NULL;
	if (route && *route != '<' && !strchr(route, '<'))
		t->hop_uri = url_hdup(r->home, URL_STRING_MAKE(route)->us_url);
	else if (route)
		t->route = su_strdup(r->home, route);
	return (uri && !t->uri) || (route && !t->hop_uri && !t->route) ? NULL : t;
}

void target_set_flow(struct target *t, struct flow *f)
{
	t->flow = flow_ref(f);
}

void target_set_side(struct target *t, const char *side)
{
	t->side = side;
}

void target_set_first_answer_ms(struct target *t, uint32_t ms)
{
	t->first_answer_ms = ms;
	t->first_answer_given = true;
}

const char *target_uri(const struct target *t)
{
	return t->uri;
}

int target_status(const struct target *t)
{
	return t->status;
}

/* ---- its address ---- */

static void on_found(void *context, int err)
{
	struct target *t = context;

	deadline_clear(&t->request->agent->first_answers, &t->first_answer);
	if (err)
		forward_failed(t, 503, true);
	else
		send_it(t);
}

static const url_t *next_hop(const struct target *t)
{
	const sip_t *sip = t->message.sip;

	return t->hop_uri ? t->hop_uri : sip->sip_route ? sip->sip_route->r_url : sip->sip_request->rq_url;
}

void target_start(struct target *t)
{
	int err = target_make_ready(t);

	t->stage = TARGET_FINDING;
	if (err)
		return forward_failed(t, err == -EINVAL ? 400 : 500, false);
	if (t->flow)
		return send_it(t);
	err = hop_find(t->request->agent->hops, next_hop(t), &t->hops, on_found, t);
	if (err == -EINPROGRESS) {
		if (t->stage == TARGET_FINDING)
			deadline_set(&t->request->agent->first_answers, &t->first_answer, t->request->agent->o.first_answer_ms);
		return;
	}
	if (err == -EINVAL || err == -EPROTONOSUPPORT)
		return forward_failed(t, 416, false);
	on_found(t, err);
}

/* ---- sent ---- */

/* A peer known to be silent is not asked again before it answers our probe or its time is over. */
static const struct hop *usable_hop(struct target *t)
{
	while (t->hops.next < t->hops.count) {
		const struct hop *h = &t->hops.hop[t->hops.next++];

		if (peer_usable(h))
			return h;
	}
	return NULL;
}

static void try_next(struct target *t, int status)
{
	if (t->request->ended) {
		t->stage = TARGET_DONE;
		return request_let_go(t->request);
	}
	if (t->flow || t->hops.next >= t->hops.count || t->request->cancelled)
		return forward_failed(t, status, true);
	send_it(t);
}

static void drop_client(struct target *t)
{
	nta_outgoing_t *client = t->client;

	t->client = NULL;
	if (!client)
		return;
	nta_outgoing_bind(client, NULL, NULL);
	nta_outgoing_destroy(client);
}

static void on_silence(struct target *t)
{
	struct sip_agent *a = t->request->agent;

	if (!t->flow && t->hops.next && !t->provisional) /* one that said 100 waits for somebody else */
		peer_failed(&t->hops.hop[t->hops.next - 1], t->sent_ns);
	deadline_clear(&a->first_answers, &t->first_answer);
	deadline_clear(&a->ringing, &t->ringing);
}

/* The request has its answer, and this target was cancelled: it hears so, and a 2xx that crossed the CANCEL goes up all the same. */
static int after_the_end(struct target *t, nta_outgoing_t *client, const sip_t *sip, int status)
{
	struct request *r = t->request;

	if (sip && status < 200) {
		target_cancel_held(t);
		t->provisional = true;
		return 0;
	}
	if (sip && status < 300)
		forward_final(t, nta_outgoing_getresponse(client), (sip_t *)sip);
	t->stage = TARGET_DONE;
	request_let_go(r);
	return 0;
}

static bool same_via(const sip_via_t *a, const sip_via_t *b)
{
	return su_casematch(a->v_protocol, b->v_protocol) && su_casematch(a->v_host, b->v_host) && su_strmatch(a->v_port, b->v_port) &&
	       su_casematch(a->v_branch, b->v_branch);
}

/* One that ended before its blank line must not go on, see arrival.c; one whose Vias are not ours would be taken by nobody before us,
 * who would think that we are silent. [RFC 3261 8.2.6.2] */
static bool fit_to_go_up(const struct target *t, const sip_t *sip)
{
	const sip_via_t *theirs = sip->sip_via, *ours = t->message.sip->sip_via;

	while (theirs && ours && same_via(theirs, ours)) {
		theirs = theirs->v_next;
		ours = ours->v_next;
	}
	return sip->sip_separator && !theirs && !ours;
}

static int ignore(struct target *t, int status)
{
	if (status < 200)
		return 0;
	if (!t->request->ended) {
		forward_failed(t, 502, false);
		return 0;
	}
	t->stage = TARGET_DONE;
	request_let_go(t->request);
	return 0;
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *client, const sip_t *sip)
{
	struct target *t = (struct target *)magic;
	struct sip_agent *a = t->request->agent;
	int status = sip ? sip->sip_status->st_status : nta_outgoing_status(client);
	msg_t *msg;

	if (t->stage != TARGET_SENT)
		return 0;
	if (sip && !nta_sip_is_internal(sip) && !fit_to_go_up(t, sip))
		return ignore(t, status);
	if (t->request->ended)
		return after_the_end(t, client, sip, status);
	if (!sip || nta_sip_is_internal(sip)) {
		on_silence(t);
		drop_client(t);
		try_next(t, status);
		return 0;
	}
	if (!t->flow)
		peer_answered(&t->hops.hop[t->hops.next - 1]);
	if (status == 503 && !t->flow && t->hops.next < t->hops.count) { /* [RFC 3263 4.3] */
		drop_client(t);
		try_next(t, status);
		return 0;
	}
	deadline_clear(&a->first_answers, &t->first_answer);
	msg = nta_outgoing_getresponse(client);
	msg_maxsize(msg, UINT32_MAX); /* it is within the bound; to be sent on it takes as much room again */
	wire_response_in(t, msg);
	if (status / 100 == 2 && t->request->method == sip_method_invite)
		accepted_note(a, t->branch);
	if (status < 200)
		target_cancel_held(t);
	t->provisional = true;
	if (status < 200 && t->request->method == sip_method_invite && !t->cancelling)
		deadline_set(&a->ringing, &t->ringing, a->o.timer_c_ms); /* [RFC 3261 16.7 step 2] */
	if (status == 100)
		msg_destroy(msg);
	else if (status < 200)
		forward_provisional(t, msg, (sip_t *)sip);
	else
		forward_final(t, msg, (sip_t *)sip);
	return 0;
}

/* What goes in one piece: a datagram has a bound, and Sofia would hold streams to it as well. */
static uint32_t mtu(const struct target *t)
{
	return t->out->transport == SIP_UDP ? UINT16_MAX : INT32_MAX;
}

/* An ACK of a 2xx has no transaction. [RFC 3261 17.1.1.3, 13.2.2.4] */
static void send_ack(struct target *t, const char *url, const char *branch, tport_t *over)
{
	struct request *r = t->request;

	msg_ref_create(t->message.msg);
	if (over)
		nta_msg_tsend(r->agent->nta, t->message.msg, URL_STRING_MAKE(url), NTATAG_BRANCH_KEY(branch), NTATAG_TPORT(over), TAG_END());
	else
		nta_msg_tsend(r->agent->nta, t->message.msg, URL_STRING_MAKE(url), NTATAG_BRANCH_KEY(branch), TPTAG_IDENT(t->out->ident),
			      TPTAG_MTU(mtu(t)), TAG_END());
	wire_request_out(t, t->message.msg);
	t->stage = TARGET_DONE;
	request_finish(r, 0);
}

static nta_outgoing_t *begin_transaction(struct target *t, const char *url, const char *branch, tport_t *over)
{
	nta_agent_t *nta = t->request->agent->nta;
	nta_outgoing_magic_t *magic = (nta_outgoing_magic_t *)t;
	const url_string_t *us = URL_STRING_MAKE(url);

	if (over)
		return nta_outgoing_mcreate(nta, on_response, magic, us, t->message.msg, NTATAG_BRANCH_KEY(branch), NTATAG_TPORT(over), TAG_END());
	return nta_outgoing_mcreate(nta, on_response, magic, us, t->message.msg, NTATAG_BRANCH_KEY(branch), TPTAG_IDENT(t->out->ident),
				    TPTAG_MTU(mtu(t)), TAG_END());
}

static void start_timers(struct target *t)
{
	struct sip_agent *a = t->request->agent;
	uint32_t ms = t->first_answer_given ? t->first_answer_ms : t->flow ? 0 : a->o.first_answer_ms;

	if (ms && !t->provisional)
		deadline_set(&a->first_answers, &t->first_answer, ms);
	if (t->request->method == sip_method_invite)
		deadline_set(&a->ringing, &t->ringing, a->o.timer_c_ms);
}

static bool may_begin_dialog(const struct request *r)
{
	switch ((int)r->method) {
	case sip_method_message:
	case sip_method_options:
	case sip_method_publish:
	case sip_method_register:
	case sip_method_info:
		return false;
	default: /* INVITE, SUBSCRIBE, REFER, NOTIFY, and methods of tomorrow */
		return r->initial;
	}
}

static void transmit(struct target *t, const char *url)
{
	struct request *r = t->request;
	const char *branch = route_branch(r->home, r->fate);
	tport_t *over = t->flow ? flow_tport(t->flow) : NULL;
	unsigned attempt = ++t->attempt;
	nta_outgoing_t *client;

	t->stage = TARGET_SENT;
	t->branch = branch;
	t->sent_ns = clock_ns();
	if (r->method == sip_method_ack)
		return send_ack(t, url, branch, over);
	msg_ref_create(t->message.msg);
	client = begin_transaction(t, url, branch, over);
	if (!client)
		msg_destroy(t->message.msg);
	if (t->attempt != attempt || t->stage != TARGET_SENT || !client) { /* failed at once, and perhaps went on already */
		if (client) {
			nta_outgoing_bind(client, NULL, NULL);
			nta_outgoing_destroy(client);
		} else if (t->attempt == attempt && t->stage == TARGET_SENT) {
			forward_failed(t, 500, true);
		}
		return;
	}
	t->client = client;
	wire_request_out(t, t->message.msg);
	start_timers(t);
}

static void send_it(struct target *t)
{
	struct sip_agent *a = t->request->agent;
	const struct hop *h = t->flow ? NULL : usable_hop(t);

	if (!t->flow && !h)
		return forward_failed(t, 503, true);
	t->out = endpoint_find(a, t->side, h ? h->transport : flow_transport(t->flow));
	if (!t->out) {
		log_event(LOG_ERROR, "sip.target", "trace=%s no socket towards %s of this transport", request_trace_id(t->request), t->side);
		return forward_failed(t, 500, false);
	}
	if (t->attempt && target_renew(t))
		return forward_failed(t, 500, false);
	if (t->request->procedure->record_route && may_begin_dialog(t->request) && route_record(t))
		return forward_failed(t, 500, false);
	transmit(t, h ? peer_url(t->message.home, h) : flow_url(t->flow));
}

/* ---- timers ---- */

/* Nothing at all from a core peer: it is dead. */
void target_first_answer_due(struct deadline *d)
{
	struct target *t = CONTAINER_OF(d, struct target, first_answer);
	nta_outgoing_t *client = t->client;

	if (t->stage == TARGET_FINDING) { /* the name server is silent */
		hop_forget(t->request->agent->hops, t);
		return forward_failed(t, 503, true);
	}
	on_silence(t);
	t->client = NULL;
	if (client) {
		nta_outgoing_bind(client, NULL, NULL);
		if (t->request->method == sip_method_invite)
			nta_outgoing_tcancel(client, NULL, NULL, NTATAG_CANCEL_408(1), TAG_END()); /* no more retransmissions */
		nta_outgoing_destroy(client);
	}
	try_next(t, 408);
}

/* Timer C, or the time that a cancelled target has to say 487. [RFC 3261 16.8, 9.1] */
void request_timer_c(struct deadline *d)
{
	struct target *t = CONTAINER_OF(d, struct target, ringing);
	bool given_up = t->cancelling;

	if (!given_up)
		target_cancel(t);
	deadline_clear(&t->request->agent->ringing, &t->ringing);
	if (t->request->ended) {
		t->stage = TARGET_DONE;
		return request_let_go(t->request);
	}
	forward_failed(t, given_up && t->request->cancelled ? 487 : 408, false);
}

void target_forget(struct target *t)
{
	struct sip_agent *a = t->request->agent;

	deadline_clear(&a->first_answers, &t->first_answer);
	deadline_clear(&a->ringing, &t->ringing);
	if (t->stage == TARGET_FINDING)
		hop_forget(a->hops, t);
	if (t->request->method == sip_method_invite)
		accepted_note(a, t->branch);
	drop_client(t);
	if (t->message.msg)
		msg_destroy(t->message.msg);
	if (t->response)
		msg_destroy(t->response);
	flow_free(t->flow);
	t->flow = NULL;
}
