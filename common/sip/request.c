// SPDX-License-Identifier: Apache-2.0
/* One request on its way through this node: its memory, its number, how its steps end, and its last response. */
#include "common/sip/engine.h"
#include "common/address.h"
#include "common/log.h"
#include <arpa/inet.h>
#include <assert.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRELOAD = 3072, SLOTS_FIRST = 1024, WHY_MAX = 512, TRYING_MS = 200 };

/* ---- numbers: a slot and how often it was used, so that an old number finds nothing ---- */

struct request_slot {
	struct request *request;
	uint32_t generation, next_free;
};

static struct sip_agent *the_agent; /* of this thread's process: request_by_id is asked with a number only */

static bool grow(struct sip_agent *a)
{
	uint32_t n = a->slot_count ? 2 * a->slot_count : SLOTS_FIRST;
	struct request_slot *slots = realloc(a->slots, n * sizeof *slots);

	if (!slots)
		return false;
	for (uint32_t i = a->slot_count; i < n; i++)
		slots[i] = (struct request_slot){ NULL, 1, i + 1 };
	a->slots = slots;
	a->slot_free = a->slot_count;
	a->slot_count = n;
	return true;
}

static bool take_slot(struct sip_agent *a, struct request *r)
{
	uint32_t i = a->slot_free;

	if (i == a->slot_count && !grow(a))
		return false;
	i = a->slot_free;
	a->slot_free = a->slots[i].next_free;
	a->slots[i].request = r;
	r->id = (uint64_t)a->slots[i].generation << 32 | i;
	return true;
}

static void give_slot(struct sip_agent *a, const struct request *r)
{
	uint32_t i = (uint32_t)r->id;

	a->slots[i].request = NULL;
	a->slots[i].generation++;
	a->slots[i].next_free = a->slot_free;
	a->slot_free = i;
}

struct request *request_by_id(uint64_t id)
{
	struct sip_agent *a = the_agent;
	uint32_t i = (uint32_t)id;

	if (!a || i >= a->slot_count || a->slots[i].generation != (uint32_t)(id >> 32))
		return NULL;
	return a->slots[i].request && !a->slots[i].request->ended ? a->slots[i].request : NULL;
}

/* ---- life ---- */

struct request *request_new(struct sip_agent *a)
{
	struct request *r = su_home_new(sizeof *r);

	if (!r)
		return NULL;
	su_home_preload(r->home, 1, PRELOAD);
	the_agent = a;
	r->agent = a;
	r->begin_ns = clock_ns();
	if (!take_slot(a, r)) {
		su_home_unref(r->home);
		return NULL;
	}
	r->next = a->requests;
	if (r->next)
		r->next->prev = r;
	a->requests = r;
	atomic_fetch_add_explicit(&a->in_flight, 1, memory_order_relaxed);
	return r;
}

static void request_free(struct request *r)
{
	struct sip_agent *a = r->agent;
	struct target *t;

	deadline_clear(&a->young, &r->young);
	for (t = r->targets; t; t = t->next)
		target_forget(t);
	if (r->server)
		nta_incoming_destroy(r->server);
	if (r->tport)
		tport_unref(r->tport);
	flow_free(r->flow);
	if (r->reply.msg)
		msg_destroy(r->reply.msg);
	if (r->message.msg)
		msg_destroy(r->message.msg);
	give_slot(a, r);
	*(r->prev ? &r->prev->next : &a->requests) = r->next;
	if (r->next)
		r->next->prev = r->prev;
	atomic_fetch_sub_explicit(&a->in_flight, 1, memory_order_relaxed);
	su_home_unref(r->home);
}

void request_slots_free(struct sip_agent *a)
{
	while (a->requests)
		request_free(a->requests);
	a->gone = NULL;
	free(a->slots);
	a->slots = NULL;
	a->slot_count = a->slot_free = 0;
}

void request_bury(struct sip_agent *a)
{
	struct request *r;

	while ((r = a->gone)) {
		a->gone = r->next_gone;
		request_free(r);
	}
}

/* Targets that were cancelled have still to hear of it, or to end. [RFC 3261 9.1] */
static bool lingers(const struct request *r)
{
	for (const struct target *t = r->targets; t; t = t->next)
		if (t->stage == TARGET_SENT && t->cancelling)
			return true;
	return false;
}

void request_let_go(struct request *r)
{
	if (!r->ended || r->let_go || lingers(r))
		return;
	r->let_go = true;
	r->next_gone = r->agent->gone;
	r->agent->gone = r;
}

void request_finish(struct request *r, int status)
{
	if (r->ended)
		return;
	r->ended = true;
	r->status = status;
	deadline_clear(&r->agent->young, &r->young);
	wire_ended(r);
	if (r->procedure && r->procedure->on_end)
		r->procedure->on_end(r, status);
	request_let_go(r);
}

/* Half of what the one before us waits: for a first answer, and for any. [RFC 3261 17.1.2 timer F] */
static uint32_t young_ms(const struct sip_agent_options *o)
{
	uint32_t timer_f = 64 * o->t1_ms;

	return (o->first_answer_ms < timer_f ? o->first_answer_ms : timer_f) / 2;
}

/* Of an INVITE over a datagram Sofia-SIP itself says after 200 ms that it is here; over a stream only after T2/2, when the node before
 * us has given us up. [RFC 3261 17.2.1, TS 24.229 5.2.7.1, 5.4.4] */
static void watch_youth(struct request *r)
{
	uint32_t half = young_ms(&r->agent->o);

	if (r->method != sip_method_invite && r->trusted)
		deadline_set(&r->agent->young, &r->young, half);
	else if (r->method == sip_method_invite && r->endpoint->transport != SIP_UDP)
		deadline_set(&r->agent->young, &r->young, half < TRYING_MS ? half : TRYING_MS);
}

void request_arrived(struct request *r)
{
	r->procedure->on_request(r);
	assert(r->step != STEP_OPEN); /* our own mistake: the caller would wait for ever */
	if (r->server && !r->ended)
		watch_youth(r);
}

/* ---- the ends of a step ---- */

const char *wire_phrase(int status)
{
	const char *phrase = sip_status_phrase(status);

	if (phrase && *phrase)
		return phrase;
	return status == 430 ? "Flow Failed" : status == 439 ? "First Hop Lacks Outbound Support" : status == 469 ? "Bad Info Package" : "Unknown";
}

/* Ours: what the procedure put into request_reply(), and what every response has. */
static void send_reply(struct request *r, int status)
{
	msg_t *msg = r->reply.msg ? r->reply.msg : nta_msg_create(r->agent->nta, 0);

	r->reply.msg = NULL;
	if (!msg || nta_incoming_complete_response(r->server, msg, status, wire_phrase(status), TAG_END()) < 0) {
		log_event(LOG_ERROR, "sip.request", "trace=%s status=%d not sent: out of memory", request_trace_id(r), status);
		if (msg)
			msg_destroy(msg);
		nta_incoming_treply(r->server, 500, "Server Internal Error", TAG_END());
		return;
	}
	msg_ref_create(msg);
	nta_incoming_mreply(r->server, msg);
	wire_response_up(r, msg);
	msg_destroy(msg);
}

static void answer(struct request *r, int status)
{
	r->step = STEP_ANSWER;
	if (r->ended)
		return;
	if (r->server)
		send_reply(r, status);
	for (struct target *t = r->targets; t; t = t->next)
		if (t->stage != TARGET_DONE)
			target_cancel(t);
	request_finish(r, status);
}

void request_failed(struct request *r, int status, const char *why)
{
	if (!r->ended)
		wire_refused(r, status, why, why);
	answer(r, status);
}

void request_answer(struct request *r, int status, const char *why, ...)
{
	char text[WHY_MAX] = "";
	va_list ap;

	if (why) {
		va_start(ap, why);
		vsnprintf(text, sizeof text, why, ap);
		va_end(ap);
	}
	if (why && !r->ended)
		wire_refused(r, status, why, text);
	answer(r, status);
}

void request_wait(struct request *r)
{
	if (r->step == STEP_OPEN)
		r->step = STEP_WAIT;
}

void request_drop(struct request *r)
{
	r->step = STEP_DROP;
	request_finish(r, 0);
}

/* No word yet after half of what the one before us gives us: it shall know that we live. For other than INVITE this is earlier than RFC 4320
 * 4.1 wants of a datagram hop; between nodes of one core, whose timers are these, it spares a needless failover. */
void request_young_due(struct deadline *d)
{
	struct request *r = CONTAINER_OF(d, struct request, young);

	if (r->server && !r->ended)
		nta_incoming_treply(r->server, SIP_100_TRYING, TAG_END());
}

struct request *request_begin(struct sip_agent *a, const struct procedure *p, const char *identity)
{
	struct request *r = request_new(a);

	if (!r)
		return NULL;
	r->procedure = p;
	r->trusted = r->initial = true;
	if (identity)
		request_set_identity(r, identity);
	return r;
}

/* ---- what a procedure works with ---- */

struct sip_message *request_message(struct request *r)
{
	return &r->message;
}

const struct sip_message *request_peek(const struct request *r)
{
	return &r->message;
}

struct sip_message *request_reply(struct request *r)
{
	if (!r->reply.msg) {
		r->reply.msg = nta_msg_create(r->agent->nta, 0);
		if (!r->reply.msg)
			abort(); /* Sofia-SIP itself ends so a moment later */
		r->reply.sip = sip_object(r->reply.msg);
		r->reply.home = msg_home(r->reply.msg);
	}
	return &r->reply;
}

struct su_home_s *request_home(struct request *r)
{
	return r->home;
}

void *request_state(struct request *r, size_t size)
{
	if (!r->state) {
		r->state = su_zalloc(r->home, (isize_t)size);
		r->state_size = size;
		if (!r->state)
			abort();
	}
	assert(size <= r->state_size); /* less: its first member */
	return r->state;
}

uint64_t request_id(const struct request *r)
{
	return r->id;
}

void *request_daemon(const struct request *r)
{
	return r->agent->daemon;
}

struct sip_agent *request_agent(const struct request *r)
{
	return r->agent;
}

bool request_initial(const struct request *r)
{
	return r->initial;
}

bool request_cancelled(const struct request *r)
{
	return r->cancelled;
}

static const char *find_trace_id(const struct request *r)
{
	const char *vector, *icid;

	if (!r->message.msg)
		return r->identity ? r->identity : "own";
	vector = header_get(&r->message, HEADER_P_CHARGING_VECTOR);
	icid = vector ? header_param(&r->message, vector, "icid-value") : NULL;
	return icid ? icid : r->message.sip->sip_call_id ? r->message.sip->sip_call_id->i_id : "";
}

const char *request_trace_id(const struct request *r)
{
	struct request *w = (struct request *)r; /* remembers the answer */

	if (!r->trace_id)
		w->trace_id = su_strdup(w->home, find_trace_id(r));
	return r->trace_id ? r->trace_id : "";
}

void request_set_trace_id(struct request *r, const char *icid)
{
	r->trace_id = su_strdup(r->home, icid);
}

void request_set_identity(struct request *r, const char *identity)
{
	r->identity = su_strdup(r->home, identity);
}

/* ---- where it came from ---- */

const struct endpoint *request_endpoint(const struct request *r)
{
	return r->endpoint;
}

bool request_trusted(const struct request *r)
{
	return r->trusted;
}

const char *request_source_ip(const struct request *r)
{
	struct request *w = (struct request *)r;
	char text[INET6_ADDRSTRLEN];

	address_ip_text((const struct sockaddr *)&r->source, text);
	return su_strdup(w->home, text);
}

const char *request_source(const struct request *r)
{
	struct request *w = (struct request *)r; /* remembers the answer */
	char text[INET6_ADDRSTRLEN + 8];

	if (r->source_text)
		return r->source_text;
	address_text((const struct sockaddr *)&r->source, text);
	w->source_text = su_strdup(w->home, text);
	return r->source_text ? r->source_text : "";
}
