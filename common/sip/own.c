// SPDX-License-Identifier: Apache-2.0
/* Requests of our own: one transaction, one answer to whoever began it. [RFC 3261 8.1] */
#include "common/sip/engine.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_string.h>
#include <stdio.h>
#include <stdlib.h>

typedef void own_done(void *context, int status, const struct sip_message *response);

struct own {
	struct sip_agent *agent;
	msg_t *msg;
	struct hops hops;
	struct flow *flow;
	nta_outgoing_t *client;
	struct sip_timer *timer;
	own_done *done;
	void *context;
	bool finished, finding;
};

static void own_free(struct own *o)
{
	if (o->client) {
		nta_outgoing_bind(o->client, NULL, NULL);
		nta_outgoing_destroy(o->client);
	}
	sip_timer_cancel(o->timer);
	if (o->finding)
		hop_forget(o->agent->hops, o);
	msg_destroy(o->msg);
	flow_free(o->flow);
	free(o);
}

/* Once; a failure before sip_send returned is told a moment later. */
static void finish(void *own)
{
	struct own *o = own;

	o->timer = NULL;
	o->done(o->context, 0, NULL);
	own_free(o);
}

static void fail(struct own *o)
{
	if (o->finished)
		return;
	o->finished = true;
	sip_timer_cancel(o->timer);
	o->timer = sip_timer_set(o->agent, 0, finish, o);
}

static void on_silence(void *own)
{
	struct own *o = own;

	o->timer = NULL;
	fail(o);
}

static const char *id_of(const struct own *o)
{
	const sip_t *sip = sip_object(o->msg);

	return sip->sip_call_id ? sip->sip_call_id->i_id : "";
}

static const char *label(const struct own *o)
{
	return o->flow ? flow_name(o->flow) + 4 : o->hops.count ? o->hops.hop[0].name : "";
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *client, const sip_t *sip)
{
	struct own *o = (struct own *)magic;
	struct sip_message m;

	if (o->finished)
		return 0;
	if (!sip || nta_sip_is_internal(sip)) {
		fail(o);
		return 0;
	}
	sip_timer_cancel(o->timer);
	o->timer = NULL;
	if (sip->sip_status->st_status < 200)
		return 0;
	o->finished = true;
	m = (struct sip_message){ .msg = nta_outgoing_getresponse(client), .sip = (sip_t *)sip };
	m.home = msg_home(m.msg);
	wire_own_answer(id_of(o), m.msg, label(o));
	o->done(o->context, sip->sip_status->st_status, &m);
	msg_destroy(m.msg);
	own_free(o);
	return 0;
}

static void transmit(void *own, int err)
{
	struct own *o = own;
	struct sip_agent *a = o->agent;
	const struct hop *h = o->flow ? NULL : &o->hops.hop[0];
	const struct endpoint *out = endpoint_find(a, o->flow ? "gm" : "mw", h ? h->transport : flow_transport(o->flow));
	const char *url = err || !out ? NULL : h ? peer_url(msg_home(o->msg), h) : flow_url(o->flow);
	tport_t *over = o->flow ? flow_tport(o->flow) : NULL;
	nta_outgoing_t *client;

	o->finding = false;
	if (o->finished)
		return;
	if (!url)
		return fail(o);
	msg_ref_create(o->msg);
	client = nta_outgoing_mcreate(a->nta, on_response, (nta_outgoing_magic_t *)o, URL_STRING_MAKE(url), o->msg,
				      NTATAG_BRANCH_KEY(route_branch(msg_home(o->msg), 0)), TPTAG_MTU(65535),
				      TAG_IF(over, NTATAG_TPORT(over)), TAG_IF(!over, TPTAG_IDENT(out->ident)), TAG_END());
	if (!client) {
		msg_destroy(o->msg);
		return fail(o);
	}
	o->client = client;
	wire_own(id_of(o), o->msg, label(o));
}

static int make_ready(struct own *o, const char *route)
{
	struct sip_message m = { .msg = o->msg, .sip = sip_object(o->msg), .home = msg_home(o->msg) };
	int err = route && *route == '<' ? route_push(&m, route) : 0;

	if (!err && !m.sip->sip_max_forwards)
		err = header_add_text(&m, "Max-Forwards: 70");
	return err;
}

static int find(struct own *o, const char *route)
{
	const sip_t *sip = sip_object(o->msg);
	const url_t *url = sip->sip_route ? sip->sip_route->r_url : sip->sip_request->rq_url;

	if (route && *route != '<')
		url = url_hdup(msg_home(o->msg), URL_STRING_MAKE(route)->us_url);
	return url ? hop_find(o->agent->hops, url, &o->hops, transmit, o) : -ENOMEM;
}

int sip_send(struct sip_agent *a, msg_t *msg, const char *route, struct flow *flow, own_done *done, void *context)
{
	struct own *o = calloc(1, sizeof *o);
	int err;

	if (!o)
		return -ENOMEM;
	*o = (struct own){ .agent = a, .msg = msg, .flow = flow ? flow_ref(flow) : NULL, .done = done, .context = context };
	o->timer = sip_timer_set(a, a->o.first_answer_ms, on_silence, o);
	err = make_ready(o, route);
	o->finding = !err && !flow;
	if (o->finding)
		err = find(o, route);
	if (err && err != -EINPROGRESS) {
		own_free(o);
		return err;
	}
	if (!err)
		transmit(o, 0);
	return 0;
}

int own_options(struct sip_agent *a, const struct hop *h, own_done *done, void *context)
{
	static unsigned count;
	const struct endpoint *e = endpoint_find(a, "mw", h->transport);
	msg_t *msg = e ? nta_msg_create(a->nta, 0) : NULL;
	char text[400];
	struct sip_message m;
	int err;

	if (!msg)
		return e ? -ENOMEM : -ENOTCONN;
	m = (struct sip_message){ .msg = msg, .sip = sip_object(msg), .home = msg_home(msg) };
	snprintf(text, sizeof text, "sip:%s:%s", h->host, h->port);
	m.sip->sip_request = sip_request_create(m.home, SIP_METHOD_OPTIONS, (const url_string_t *)text, NULL);
	err = m.sip->sip_request ? 0 : -ENOMEM;
	snprintf(text, sizeof text, "From: <%s>;tag=p%x", e->uri, ++count);
	err = err ? err : header_add_text(&m, text);
	snprintf(text, sizeof text, "To: <sip:%s:%s>", h->host, h->port);
	err = err ? err : header_add_text(&m, text);
	snprintf(text, sizeof text, "Call-ID: probe-%llx-%x@%s", (unsigned long long)clock_wall_ns(), count, e->host);
	err = err ? err : header_add_text(&m, text);
	err = err ? err : header_add_text(&m, "CSeq: 1 OPTIONS");
	snprintf(text, sizeof text, "sip:%s:%s;transport=%s", h->host, h->port, h->transport == SIP_UDP ? "udp" : h->transport == SIP_TCP ? "tcp" : "tls");
	if (!err)
		return sip_send(a, msg, h->name && strcmp(h->name, h->host) ? peer_url(m.home, h) : text, NULL, done, context);
	msg_destroy(msg);
	return err;
}
