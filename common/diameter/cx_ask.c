// SPDX-License-Identifier: Apache-2.0
/* Asking over Cx: a struct becomes a message, its answer a struct, handed to who asked on the thread that waits.
 * Answers that come together wake the SIP thread once. */
#include "common/diameter/cx_kind.h"
#include "common/diameter/node_private.h"
#include "common/log.h"
#include "common/text.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

union done {
	cx_uaa_done *uaa;
	cx_maa_done *maa;
	cx_saa_done *saa;
	cx_lia_done *lia;
	void (*rta)(void *context, const struct cx_rta *answer, int err);
	void (*ppa)(void *context, const struct cx_ppa *answer, int err);
};

struct ask {
	struct question question;
	struct ask *next;          /* in the queue of answers */
	struct cx *cx;
	const struct cx_kind *kind;
	uint64_t request;          /* who waits on the SIP thread, */
	void *context;             /* or what the HSS's own question is about */
	union done done;
	int err;
	void *answer;              /* the struct and, behind it, its strings */
};

struct cx {
	struct diameter_node *node;
	struct cx_host host;
	const char *realm;
	uint32_t started;          /* the high part of our Session-Ids */
	atomic_uint last;
	pthread_mutex_t mutex;
	struct ask *first, **end;  /* answers for the SIP thread */
};

/* ---- the answer comes back ---- */

static void call_back(struct ask *a, struct request *r)
{
	const void *answer = a->err ? NULL : a->answer;

	switch (a->kind->code) {
	case CX_UAR:
		return a->done.uaa(r, answer, a->err);
	case CX_MAR:
		return a->done.maa(r, answer, a->err);
	case CX_SAR:
		return a->done.saa(r, answer, a->err);
	case CX_LIR:
		return a->done.lia(r, answer, a->err);
	case CX_RTR:
		return a->done.rta(a->context, answer, a->err);
	case CX_PPR:
		return a->done.ppa(a->context, answer, a->err);
	}
}

static void ask_free(struct ask *a)
{
	free(a->answer);
	free(a);
}

/* SIP thread */
static void deliver_all(void *arg)
{
	struct cx *cx = arg;
	struct ask *a;

	pthread_mutex_lock(&cx->mutex);
	a = cx->first;
	cx->first = NULL;
	cx->end = &cx->first;
	pthread_mutex_unlock(&cx->mutex);
	while (a) {
		struct ask *next = a->next;
		struct request *r = cx->host.by_id(a->request);

		if (r)
			call_back(a, r);
		else
			cx_count(a->kind, "request_gone");
		ask_free(a);
		a = next;
	}
}

static void deliver(struct ask *a)
{
	struct cx *cx = a->cx;
	bool wake;

	pthread_mutex_lock(&cx->mutex);
	wake = !cx->first;
	a->next = NULL;
	*cx->end = a;
	cx->end = &a->next;
	pthread_mutex_unlock(&cx->mutex);
	if (wake && cx->host.post(cx->host.loop, deliver_all, cx))
		log_event(LOG_ERROR, "diameter.deliver", "why=the SIP thread takes nothing");
}

/* 0, -ENOTCONN, -ENOMEM, or -EBADMSG for an answer we cannot read */
static int decode_answer(struct ask *a, struct msg *msg)
{
	struct cx_decoder d = { 0 };
	struct cx_header header = { 0 };
	enum diameter_result result = cx_decode_result(msg);
	struct msg_hdr *hdr;
	char *arena;

	if (fd_msg_hdr(msg, &hdr) || hdr->msg_code != (command_code_t)a->kind->code || !result)
		return -EBADMSG;
	if (result == RESULT_UNABLE_TO_DELIVER)
		return -ENOTCONN;
	a->answer = calloc(1, a->kind->answer_size + 2 * hdr->msg_length);
	if (!a->answer)
		return -ENOMEM;
	arena = (char *)a->answer + a->kind->answer_size;
	d = (struct cx_decoder){ .arena = arena, .left = 2 * hdr->msg_length };
	if (cx_decode(&d, msg, a->kind->answer, a->answer))
		return -EBADMSG;
	cx_decode(&d, msg, cx_header_fields, &header); /* an error answer may lack most of it */
	*(enum diameter_result *)a->answer = result;
	if (a->kind->origin_host_at != NOWHERE)
		*(const char **)(void *)((char *)a->answer + a->kind->origin_host_at) = header.origin_host;
	return 0;
}

static void on_done(struct question *q, struct msg *msg, int err)
{
	struct ask *a = CONTAINER_OF(q, struct ask, question);

	a->err = err ? err : decode_answer(a, msg);
	cx_count(a->kind, a->err ? strerrorname_np(-a->err) : result_name(*(enum diameter_result *)a->answer));
	if (a->err == -EBADMSG)
		log_event(LOG_WARN, "diameter.answer", "command=%s why=not readable", a->kind->name);
	if (a->request)
		return deliver(a);
	call_back(a, NULL);
	ask_free(a);
}

static void on_drop(struct question *q)
{
	ask_free(CONTAINER_OF(q, struct ask, question));
}

/* ---- the question goes out ---- */

/* identity;high;low[;trace id] [RFC 6733 8.8] */
static void session_id(struct cx *cx, const char *trace_id, char *out, size_t size)
{
	text_format(out, size, "%s;%u;%u%s%.128s", diameter_node_options(cx->node)->identity, cx->started, atomic_fetch_add(&cx->last, 1),
		 trace_id && *trace_id ? ";" : "", trace_id ? trace_id : "");
}

static const char *string_at(const void *base, size_t at)
{
	return at == NOWHERE ? NULL : *(const char *const *)(const void *)((const char *)base + at);
}

static struct msg *encode_question(struct cx *cx, const struct cx_kind *kind, const void *question)
{
	const struct diameter_options *o = diameter_node_options(cx->node);
	char session[512];
	struct cx_header header = {
		.session_id = session, .origin_host = o->identity, .origin_realm = o->realm, .destination_realm = cx->realm,
		.destination_host = string_at(question, kind->destination_host_at), .auth_session_state = 1,
		.vendor = VENDOR_3GPP, .application = APPLICATION_CX,
	};
	struct msg *msg;

	session_id(cx, string_at(question, kind->trace_id_at), session, sizeof session);
	if (fd_msg_new(dict_command(kind->code), MSGFL_ALLOC_ETEID, &msg))
		return NULL;
	if (cx_encode(msg, cx_header_fields, &header) || cx_encode(msg, kind->question, question)) {
		fd_msg_free(msg);
		return NULL;
	}
	return msg;
}

static void ask(struct cx *cx, enum cx_command code, const void *question, const struct ask *template)
{
	struct ask *a = malloc(sizeof *a);
	struct msg *msg = encode_question(cx, cx_kind(code), question);

	if (!a || !msg)
		abort(); /* out of memory: who asked would wait for ever */
	*a = *template;
	a->cx = cx;
	a->kind = cx_kind(code);
	a->question.done = on_done;
	a->question.drop = on_drop;
	question_ask(diameter_node_questions(cx->node), &a->question, msg);
}

void cx_ask_uar(struct cx *cx, struct request *r, const struct cx_uar *uar, cx_uaa_done *done)
{
	ask(cx, CX_UAR, uar, &(struct ask){ .request = cx->host.id_of(r), .done.uaa = done });
}

void cx_ask_mar(struct cx *cx, struct request *r, const struct cx_mar *mar, cx_maa_done *done)
{
	ask(cx, CX_MAR, mar, &(struct ask){ .request = cx->host.id_of(r), .done.maa = done });
}

void cx_ask_sar(struct cx *cx, struct request *r, const struct cx_sar *sar, cx_saa_done *done)
{
	ask(cx, CX_SAR, sar, &(struct ask){ .request = cx->host.id_of(r), .done.saa = done });
}

void cx_ask_lir(struct cx *cx, struct request *r, const struct cx_lir *lir, cx_lia_done *done)
{
	ask(cx, CX_LIR, lir, &(struct ask){ .request = cx->host.id_of(r), .done.lia = done });
}

void cx_push_rtr(struct cx *cx, const struct cx_rtr *rtr, void (*done)(void *context, const struct cx_rta *answer, int err), void *context)
{
	ask(cx, CX_RTR, rtr, &(struct ask){ .context = context, .done.rta = done });
}

void cx_push_ppr(struct cx *cx, const struct cx_ppr *ppr, void (*done)(void *context, const struct cx_ppa *answer, int err), void *context)
{
	ask(cx, CX_PPR, ppr, &(struct ask){ .context = context, .done.ppa = done });
}

/* ---- life ---- */

struct cx *cx_new(struct diameter_node *n, const struct cx_host *host, const char *destination_realm)
{
	struct cx *cx = calloc(1, sizeof *cx);

	if (!cx)
		return NULL;
	cx->node = n;
	if (host)
		cx->host = *host;
	cx->realm = destination_realm;
	cx->started = (uint32_t)(clock_wall_ns() / 1000000000u);
	cx->end = &cx->first;
	pthread_mutex_init(&cx->mutex, NULL);
	return cx;
}

void cx_free(struct cx *cx)
{
	if (!cx)
		return;
	for (struct ask *a = cx->first, *next; a; a = next) {
		next = a->next;
		ask_free(a);
	}
	pthread_mutex_destroy(&cx->mutex);
	free(cx);
}
