// SPDX-License-Identifier: Apache-2.0
/* What is told of each message and of each request's end: trace, metrics, log. */
#include "common/log.h"
#include "common/metrics.h"
#include "common/sip/engine.h"
#include "common/text.h"
#include "common/trace.h"
#include <sofia-sip/msg_header.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { METHODS = 16, PROCEDURES = 32, STATUS_MAX = 700 };

struct wire_counters {
	struct metric *requests, *responses, *seconds, *rejected;
	struct metric_cell *in_flight;
	struct metric_cell *request[METHODS][2];             /* by method; from a UE or the core */
	struct metric_cell *response[METHODS][STATUS_MAX];
	struct { const struct procedure *procedure; struct metric_cell *cell; } procedure[PROCEDURES];
};

static _Thread_local uint8_t buffer[1 << 18]; /* a message as one piece, for the trace */

void wire_register(struct sip_agent *a)
{
	struct wire_counters *c = calloc(1, sizeof *c);

	if (!c)
		abort(); /* at start */
	c->requests = metric_counter("minims_sip_requests_total", "method,from", "Requests received, from a UE or the core");
	c->responses = metric_counter("minims_sip_responses_total", "method,code", "Responses sent");
	c->seconds = metric_histogram("minims_procedure_seconds", "procedure", "From a request's arrival to its final response");
	c->rejected = metric_counter("minims_rejected_total", "procedure,reason", "Requests refused by us");
	c->in_flight = metric_cell(metric_gauge("minims_requests_in_flight", "", "Requests on their way through this daemon"), NULL, NULL);
	a->counters = c;
}

void wire_tick(struct sip_agent *a)
{
	metric_set(a->counters->in_flight, (int64_t)atomic_load_explicit(&a->in_flight, memory_order_relaxed));
}

/* ---- trace ---- */

/* A message as one piece, and the part of it where a credential may stand. */
struct text {
	struct bytes whole, suspect;
};

/* A credential stands in one of these, or in a message inside the message. */
static bool is_suspect(const msg_header_t *h, const sip_t *sip)
{
	msg_hclass_t *c = h->sh_class;

	if (c == sip_payload_class)
		return !sip->sip_content_type || !sip->sip_content_type->c_type || strcasecmp(sip->sip_content_type->c_type, "application/sdp") != 0;
	return c == sip_authorization_class || c == sip_www_authenticate_class || c == sip_authentication_info_class ||
	       c == sip_proxy_authorization_class || c == sip_proxy_authenticate_class || c == sip_proxy_authentication_info_class ||
	       c == sip_error_class;
}

/* The text of a message is the text of its headers, one after the other; one that was changed has none yet. */
static struct text text_of(msg_t *msg)
{
	const sip_t *sip = sip_object(msg);
	struct text t = { .whole = { buffer, 0 } };

	for (msg_header_t *h = *msg_chain_head(msg); h; h = h->sh_succ) {
		uint8_t *at = buffer + t.whole.len;
		size_t room = sizeof buffer - t.whole.len;
		issize_t len = h->sh_data ? (issize_t)h->sh_len : msg_header_e((char *)at, (isize_t)room, h, 0);

		if (len < 0 || (size_t)len > room)
			break;
		if (h->sh_data)
			memcpy(at, h->sh_data, h->sh_len);
		t.whole.len += (size_t)len;
		if (!is_suspect(h, sip))
			continue;
		if (!t.suspect.len)
			t.suspect.data = at;
		t.suspect.len = t.whole.len - (size_t)(t.suspect.data - buffer);
	}
	return t;
}

static void note_text(const struct text *t, const sip_t *sip, const char *id, const char *from, const char *to)
{
	trace_message(&(struct trace_message){ .protocol = TRACE_SIP, .id = id, .call_id = sip->sip_call_id ? sip->sip_call_id->i_id : NULL,
					       .from = from, .to = to, .bytes = t->whole, .suspect = t->suspect });
}

static void note(msg_t *msg, const char *id, const char *from, const char *to)
{
	struct text t = text_of(msg);

	note_text(&t, sip_object(msg), id, from, to);
}

/* "icscf" for a peer of the core that has a name, else its address. */
static const char *hop_label(const struct hop *h, char *out, size_t size)
{
	if (h->name && *h->name && strcmp(h->name, h->host) != 0)
		text_format(out, size, "%.*s", (int)strcspn(h->name, "."), h->name);
	else
		text_format(out, size, "%s:%s", h->host, h->port);
	return out;
}

static const char *target_label(const struct target *t, char *out, size_t size)
{
	if (t->flow)
		return flow_name(t->flow) + 4;
	return t->hops.next ? hop_label(&t->hops.hop[t->hops.next - 1], out, size) : "";
}

void wire_request_out(struct target *t, msg_t *msg)
{
	char label[96];

	if (trace_on())
		note(msg, request_trace_id(t->request), trace_self(), target_label(t, label, sizeof label));
}

void wire_response_in(struct target *t, msg_t *msg)
{
	char label[96];

	if (trace_on())
		note(msg, request_trace_id(t->request), target_label(t, label, sizeof label), trace_self());
}

void wire_own(const char *id, msg_t *msg, const char *to)
{
	if (trace_on())
		note(msg, id, trace_self(), to);
}

void wire_own_answer(const char *id, msg_t *msg, const char *from)
{
	if (trace_on())
		note(msg, id, from, trace_self());
}

void wire_ack_or_cancel(struct request *r, nta_incoming_t *server)
{
	msg_t *msg = trace_on() ? nta_incoming_getrequest_ackcancel(server) : NULL;

	if (!msg)
		return;
	note(msg, request_trace_id(r), request_source(r), trace_self());
	msg_destroy(msg);
}

/* ---- trace and metrics ---- */

void wire_request_in(struct request *r)
{
	struct wire_counters *c = r->agent->counters;
	unsigned m = (unsigned)r->method < METHODS ? (unsigned)r->method : 0;
	struct metric_cell **cell = &c->request[m][r->trusted];

	if (!*cell)
		*cell = metric_cell(c->requests, m ? r->message.sip->sip_request->rq_method_name : "other", r->trusted ? "core" : "ue");
	metric_add(*cell, 1);
	if (trace_on())
		note(r->message.msg, request_trace_id(r), request_source(r), trace_self());
}

void wire_response_up(struct request *r, msg_t *msg)
{
	struct wire_counters *c = r->agent->counters;
	const sip_t *sip = sip_object(msg);
	int status = sip->sip_status ? sip->sip_status->st_status : 0;
	unsigned m = (unsigned)r->method < METHODS ? (unsigned)r->method : 0;
	struct metric_cell **cell;
	struct text text;
	char code[8];

	if (status < 100 || status >= STATUS_MAX)
		return;
	text = text_of(msg);
	if (status >= 200 && r->key)
		completed_keep(r, text.whole);
	cell = &c->response[m][status];
	if (!*cell) {
		text_format(code, sizeof code, "%d", status);
		*cell = metric_cell(c->responses, m ? nta_incoming_method_name(r->server) : "other", code);
	}
	metric_add(*cell, 1);
	if (trace_on())
		note_text(&text, sip, request_trace_id(r), trace_self(), request_source(r));
}

/* ---- the end ---- */

static struct metric_cell *seconds_of(struct wire_counters *c, const struct procedure *p)
{
	size_t i;

	for (i = 0; i < PROCEDURES - 1 && c->procedure[i].procedure; i++)
		if (c->procedure[i].procedure == p)
			return c->procedure[i].cell;
	c->procedure[i].procedure = p;
	c->procedure[i].cell = metric_cell(c->seconds, p->name, NULL);
	return c->procedure[i].cell;
}

void wire_ended(struct request *r)
{
	uint64_t ns = clock_ns() - r->begin_ns;

	if (!r->procedure || (!r->status && r->step == STEP_DROP) || r->method == sip_method_ack)
		return;
	metric_observe_ns(seconds_of(r->agent->counters, r->procedure), ns);
	if (trace_on())
		trace_procedure(request_trace_id(r), r->identity, r->procedure->name, r->status, ns);
}

void wire_refused(struct request *r, int status, const char *reason, const char *why)
{
	struct wire_counters *c = r->agent->counters;
	const char *name = r->procedure ? r->procedure->name : "sip";

	if (status < 300)
		return;
	metric_add(metric_cell(c->rejected, name, reason), 1);
	trace_failure(r->identity, request_trace_id(r), name, status, why);
	log_event(status == 401 || status == 407 ? LOG_DEBUG : LOG_INFO, name, "impu=%s trace=%s status=%d why=\"%s\"",
		  r->identity ? r->identity : "-", request_trace_id(r), status, why);
}
