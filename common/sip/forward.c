// SPDX-License-Identifier: Apache-2.0
/* Responses on their way up: provisional ones and a 2xx at once, of the others the best when all targets are done.
 * [RFC 3261 16.7, 16.10] */
#include "common/sip/engine.h"
#include "common/log.h"
#include <sofia-sip/msg_header.h>

static void finish_target(struct target *t);

/* ---- down ---- */

void request_forward(struct request *r, struct target *targets[], int n)
{
	r->step = STEP_FORWARD;
	if (r->ended || r->cancelled) {
		for (int i = 0; i < n; i++)
			target_forget(targets[i]);
		return r->ended ? (void)0 : request_answer(r, 487, NULL);
	}
	for (int i = n - 1; i >= 0; i--) {
		targets[i]->next = r->targets;
		r->targets = targets[i];
		r->open++;
	}
	for (int i = 0; i < n && !r->ended; i++)
		target_start(targets[i]);
}

void request_forward_onward(struct request *r)
{
	struct target *t = target_new(r, NULL, NULL);

	if (!t)
		return request_answer(r, 500, "out of memory");
	request_forward(r, &t, 1);
}

/* ---- up ---- */

/* Takes msg. Our Via comes off, the procedure has a look, and it is kept for retransmissions. */
static void send_up(struct target *t, msg_t *msg, sip_t *sip)
{
	struct request *r = t->request;
	struct sip_message m = { .msg = msg, .sip = sip, .home = msg_home(msg) };

	header_drop(&m, sip->sip_via);
	deadline_clear(&r->agent->young, &r->young);
	if (r->procedure->on_response)
		r->procedure->on_response(r, t, &m);
	msg_ref_create(msg);
	nta_incoming_mreply(r->server, msg);
	wire_response_up(r, msg);
	msg_destroy(msg);
}

void forward_provisional(struct target *t, msg_t *msg, sip_t *sip)
{
	if (t->request->ended || t->request->method != sip_method_invite)
		msg_destroy(msg); /* [RFC 4320 4.2] only 100 is allowed to others, and that one ends here */
	else
		send_up(t, msg, sip);
}

static void succeed(struct target *t, msg_t *msg, sip_t *sip, int status)
{
	struct request *r = t->request;

	send_up(t, msg, sip);
	for (struct target *other = r->targets; other; other = other->next)
		if (other->stage != TARGET_DONE)
			target_cancel(other);
	request_finish(r, status);
}

void forward_final(struct target *t, msg_t *msg, sip_t *sip)
{
	struct request *r = t->request;
	int status = sip->sip_status->st_status;

	t->stage = TARGET_DONE;
	t->status = status;
	t->internal = false;
	deadline_clear(&r->agent->ringing, &t->ringing);
	if (status < 300)
		return succeed(t, msg, sip, status);
	t->response = msg;
	if (status >= 600) /* [RFC 3261 16.7 step 5] nobody else shall ring */
		for (struct target *other = r->targets; other; other = other->next)
			if (other->stage != TARGET_DONE)
				target_cancel(other);
	finish_target(t);
}

void forward_failed(struct target *t, int status, bool internal)
{
	if (t->stage == TARGET_DONE)
		return;
	t->stage = TARGET_DONE;
	t->status = status;
	t->internal = internal;
	finish_target(t);
}

/* ---- the best of what failed ---- */

/* The smaller the better. [RFC 3261 16.7 step 6] */
static int rank(const struct target *t)
{
	static const int telling[] = { 401, 407, 415, 420, 484 };

	if (t->internal)
		return 10000 + t->status;
	if (t->status >= 600)
		return t->status - 600;
	for (size_t i = 0; i < ARRAY_LEN(telling); i++)
		if (t->status == telling[i])
			return 4000 - 100 + (int)i;
	if (t->status == 503 || t->status == 430) /* about the next hop, about a flow: not about the callee [RFC 5626 11.5] */
		return 9000 + t->status;
	return t->status / 100 * 1000 + t->status % 100;
}

static struct target *best_of(struct request *r)
{
	struct target *best = NULL;

	for (struct target *t = r->targets; t; t = t->next)
		if (t->stage == TARGET_DONE && (!best || rank(t) < rank(best)))
			best = t;
	return best;
}

/* [RFC 3261 16.7 step 7] the challenges of all are for the caller */
static void collect_challenges(struct request *r, const struct target *best, sip_t *sip)
{
	for (const struct target *t = r->targets; t; t = t->next) {
		const sip_t *other = t->response ? sip_object(t->response) : NULL;

		if (t == best || !other || (t->status != 401 && t->status != 407))
			continue;
		if (other->sip_www_authenticate)
			sip_add_dup(best->response, sip, (const sip_header_t *)other->sip_www_authenticate);
		if (other->sip_proxy_authenticate)
			sip_add_dup(best->response, sip, (const sip_header_t *)other->sip_proxy_authenticate);
	}
}

static void send_best(struct request *r, struct target *best)
{
	msg_t *msg = best->response;
	sip_t *sip = sip_object(msg);
	int status = best->status;

	if (status == 401 || status == 407)
		collect_challenges(r, best, sip);
	best->response = NULL;
	send_up(best, msg, sip);
	request_finish(r, status);
}

static void answer_for(struct request *r, const struct target *best)
{
	if (r->cancelled)
		return request_answer(r, 487, NULL);
	if (best->status == 503 || best->status == 500)
		return request_failed(r, 500, best->internal ? "the next hop is not reached" : "the next hop is overloaded");
	request_failed(r, best->status, best->status == 408 ? "no answer in time" : "the request could not be sent on");
}

static void exhausted(struct request *r)
{
	struct target *best = best_of(r);

	r->step = STEP_OPEN;
	if (r->procedure->on_exhausted && !r->cancelled)
		r->procedure->on_exhausted(r, best->internal ? 0 : best->status);
	if (r->ended || r->step != STEP_OPEN)
		return;
	/* [RFC 3261 16.7 step 6] a 503 is about the one that said it, not about us */
	if (best->response && best->status != 503)
		send_best(r, best);
	else
		answer_for(r, best);
}

static void finish_target(struct target *t)
{
	struct request *r = t->request;

	deadline_clear(&r->agent->first_answers, &t->first_answer);
	deadline_clear(&r->agent->ringing, &t->ringing);
	if (r->open > 0)
		r->open--;
	if (r->open || r->ended)
		return;
	if (r->server)
		exhausted(r);
	else
		request_finish(r, t->status); /* an ACK that could not be sent on */
}

/* ---- the caller gave up ---- */

/* [RFC 3261 16.10] the 487 of the targets goes up as any response does; without one that could say it, it is ours */
void request_on_cancel(struct request *r)
{
	bool sent = false;

	if (r->ended || r->cancelled)
		return;
	r->cancelled = true;
	if (r->procedure->on_cancel)
		r->procedure->on_cancel(r);
	for (struct target *t = r->targets; t && !r->ended; t = t->next) {
		sent |= t->stage == TARGET_SENT;
		if (t->stage != TARGET_DONE)
			target_cancel(t);
	}
	if (!sent && !r->ended)
		request_answer(r, 487, NULL);
}
