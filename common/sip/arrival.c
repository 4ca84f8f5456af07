// SPDX-License-Identifier: Apache-2.0
/* A message arrives: what no procedure should see is refused here. [RFC 3261 16.3, 16.4, 16.10, 16.11]
 *
 *   response without a transaction ─▶ a late 2xx goes up, another is dropped
 *   CANCEL without a transaction ──▶ 481
 *   cut off before the blank line ──▶ 400
 *   request ─▶ overload? 503 ─▶ Max-Forwards? 483 ─▶ scheme? 416 ─▶ a loop? 482 ─▶ Proxy-Require? 420 ─▶ our Routes popped ─▶ procedure */
#include "common/sip/engine.h"
#include "common/address.h"
#include "common/log.h"
#include <assert.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_string.h>
#include <stdlib.h>
#include <strings.h>

enum { RETRY_AFTER_S = 2, METHOD_MAX = 32 };

/* ---- who sent it ---- */

static bool name_matches(const char *rule, const char *name)
{
	size_t r = strlen(rule), n = strlen(name);

	if (*rule == '.')
		return n > r && !strcasecmp(name + n - r, rule);
	return !strcasecmp(rule, name);
}

static bool trusted_by_name(const struct sip_agent *a, const su_strlst_t *names)
{
	for (usize_t i = 0; names && i < su_strlst_len(names); i++)
		for (const char *const *rule = a->o.trusted_names; rule && *rule; rule++)
			if (name_matches(*rule, su_strlst_item(names, i)))
				return true;
	return false;
}

static bool trusted(const struct sip_agent *a, const tport_t *tp, msg_t *msg)
{
	const struct sockaddr *from = (const struct sockaddr *)msg_addr(msg);

	for (size_t i = 0; i < a->trusted_count; i++)
		if (cidr_matches(&a->trusted[i], from))
			return true;
	return tp && tport_has_tls(tp) && trusted_by_name(a, tport_delivered_from_subjects((tport_t *)tp, msg));
}

/* ---- responses and stray requests ---- */

/* A 2xx to an INVITE whose transaction is over: a retransmission, or a second callee. [RFC 6026 7.2, RFC 3261 13.3.1.4]
 * No procedure sees it, so it goes without what procedures judge: who is asserted, what is charged. [TS 24.229 4.4] */
static void late_response(struct sip_agent *a, msg_t *msg, sip_t *sip)
{
	const sip_via_t *v = sip->sip_via;
	struct sip_message m = { .msg = msg, .sip = sip, .home = msg_home(msg) };

	if (!sip->sip_separator || !v || !v->v_next || sip->sip_status->st_status / 100 != 2 || !sip->sip_cseq ||
	    sip->sip_cseq->cs_method != sip_method_invite || !accepted_knows(a, v->v_branch))
		return msg_destroy(msg);
	header_strip_trust_domain(&m);
	if (sip_complete_message(msg) < 0) /* a datagram may come without Content-Length; a stream would be lost without [RFC 3261 18.3] */
		return msg_destroy(msg);
	nta_msg_tsend(a->nta, msg, NULL, TAG_END());
}

static void refuse(struct sip_agent *a, msg_t *msg, const sip_t *sip, int status)
{
	sip_retry_after_t after[1];

	sip_retry_after_init(after);
	after->af_delta = RETRY_AFTER_S;
	if (sip->sip_request->rq_method == sip_method_ack)
		msg_destroy(msg);
	else if (status == 503)
		nta_msg_treply(a->nta, msg, SIP_503_SERVICE_UNAVAILABLE, SIPTAG_RETRY_AFTER(after), TAG_END());
	else
		nta_msg_treply(a->nta, msg, status, wire_phrase(status), TAG_END());
}

/* ---- a request as the procedures see it ---- */

/* New work is what overload and drain keep off; what ends work never. */
static bool is_new_work(const sip_t *sip)
{
	const sip_contact_t *c = sip->sip_contact;

	if (sip->sip_to->a_tag || sip->sip_request->rq_method == sip_method_ack || sip->sip_request->rq_method == sip_method_cancel)
		return false;
	if (sip->sip_request->rq_method != sip_method_register)
		return true;
	if (sip->sip_expires && sip->sip_expires->ex_delta == 0)
		return false;
	return !(c && c->m_expires && !strcmp(c->m_expires, "0"));
}

/* At the edge, what comes from the core was let in before, there or here: its first half is done, and would be for nothing. */
static bool was_let_in(const struct sip_agent *a, const tport_t *tp, msg_t *msg)
{
	return a->edge && trusted(a, tp, msg);
}

/* [TS 24.229 4.5.x, RFC 3261 8.2.2.1] what a Request-URI may be */
static bool scheme_known(const url_t *u)
{
	return u->url_type == url_sip || u->url_type == url_sips || u->url_type == url_tel ||
	       (u->url_scheme && !strcasecmp(u->url_scheme, "urn"));
}

/* [RFC 3261 16.3 step 5] the extensions that a proxy must know: only these two are asked of proxies in an IMS, and we do what they say */
static const char *unknown_proxy_require(const sip_t *sip)
{
	for (const sip_proxy_require_t *q = sip->sip_proxy_require; q; q = q->k_next)
		for (const msg_param_t *item = q->k_items; item && *item; item++)
			if (strcasecmp(*item, "sec-agree") && strcasecmp(*item, "privacy"))
				return *item;
	return NULL;
}

static void answer_here(struct request *r, int status, const char *why)
{
	static const struct procedure nobody = { .name = "sip.arrival" };

	r->procedure = &nobody;
	if (r->server)
		request_answer(r, status, "%s", why);
	else
		request_drop(r);
}

/* Refused before a procedure has it: true. */
static bool check(struct request *r)
{
	const sip_t *sip = r->message.sip;
	const char *extension = unknown_proxy_require(sip);

	if (sip->sip_max_forwards && sip->sip_max_forwards->mf_count == 0 && !route_names_us(r->agent, sip->sip_request->rq_url))
		return answer_here(r, 483, "Max-Forwards is used up"), true;
	if (!scheme_known(sip->sip_request->rq_url))
		return answer_here(r, 416, "a Request-URI of a scheme that is not known"), true;
	if (route_loops(r->agent, sip, r->fate))
		return answer_here(r, 482, "the request has been here before"), true;
	if (!extension)
		return false;
	if (r->server)
		header_add_text(request_reply(r), home_format(r->home, "Unsupported: %s", extension));
	return answer_here(r, 420, "an extension in Proxy-Require is not known"), true;
}

static int on_ack_or_cancel(nta_incoming_magic_t *magic, nta_incoming_t *server, const sip_t *sip)
{
	struct request *r = (struct request *)magic;

	wire_ack_or_cancel(r, server);
	if (sip && sip->sip_request && sip->sip_request->rq_method == sip_method_cancel)
		request_on_cancel(r);
	return 0;
}

/* Sofia-SIP would number our 1xx itself when the caller requires 100rel; a proxy leaves that to the callee. And it would copy the
 * Record-Route for its own responses, which has not been taken apart. */
static nta_incoming_t *begin_transaction(struct request *r, msg_t *msg, sip_t *sip)
{
	sip_require_t *require = sip->sip_require;
	sip_record_route_t *record_route = sip->sip_record_route;
	nta_incoming_t *server;

	if (r->method == sip_method_invite)
		sip->sip_require = NULL;
	sip->sip_record_route = NULL;
	completed_pretend(r);
	server = nta_incoming_create(r->agent->nta, NULL, msg, sip, NTATAG_TPORT(r->tport), TAG_END());
	completed_pretend(NULL);
	sip->sip_require = require;
	sip->sip_record_route = record_route;
	if (!server)
		return NULL;
	nta_incoming_bind(server, on_ack_or_cancel, (nta_incoming_magic_t *)r);
	if (r->method == sip_method_invite)
		nta_incoming_set_params(server, NTATAG_EXTRA_100(1), TAG_END()); /* 100 after 200 ms [RFC 3261 17.2.1] */
	return server;
}

static struct request *make_request(struct sip_agent *a, tport_t *tp, msg_t *msg, sip_t *sip)
{
	struct request *r = request_new(a);
	socklen_t len = (socklen_t)sizeof r->source;

	if (!r)
		return NULL;
	r->method = sip->sip_request->rq_method;
	r->initial = !sip->sip_to->a_tag;
	r->trusted = trusted(a, tp, msg);
	r->endpoint = endpoint_of_tport(a, tp);
	r->tport = tport_ref(tp);
	msg_maxsize(msg, UINT32_MAX); /* it is within the bound; to be sent on it takes as much room again */
	msg_get_address(msg, (su_sockaddr_t *)&r->source, &len);
	r->message = (struct sip_message){ .msg = msg_ref_create(msg), .sip = sip, .home = msg_home(msg) };
	return r;
}

/* Sofia-SIP takes a message whose end came before the blank line, and would send its text on as it is: over a stream the next message
 * would then be read as more of this one. */
static void on_request(struct sip_agent *a, msg_t *msg, sip_t *sip)
{
	tport_t *tp = tport_delivered_by(a->tports, msg);
	struct request *r;

	if (!sip->sip_separator)
		return refuse(a, msg, sip, 400);
	if (sip->sip_request->rq_method == sip_method_cancel)
		return refuse(a, msg, sip, 481);
	if (completed_answer(a, endpoint_of_tport(a, tp), msg, sip))
		return msg_destroy(msg);
	if (is_new_work(sip) && (atomic_load_explicit(&a->draining, memory_order_relaxed) || (overload_now(a) && !was_let_in(a, tp, msg))))
		return refuse(a, msg, sip, 503);
	r = make_request(a, tp, msg, sip);
	if (!r)
		return refuse(a, msg, sip, 500);
	wire_request_in(r);
	completed_note_key(r);
	if (r->method != sip_method_ack)
		r->server = begin_transaction(r, msg, sip); /* takes msg */
	else
		msg_destroy(msg);
	if (r->method != sip_method_ack && !r->server)
		return request_drop(r);
	r->fate = route_fate(sip);
	if (check(r))
		return;
	route_pop(r);
	r->procedure = a->route(r);
	request_arrived(r);
}

int arrival_on_message(nta_agent_magic_t *magic, nta_agent_t *nta, msg_t *msg, sip_t *sip)
{
	struct sip_agent *a = (struct sip_agent *)magic;

	(void)nta;
	request_bury(a);
	if (sip->sip_status)
		late_response(a, msg, sip);
	else
		on_request(a, msg, sip);
	return 0;
}
