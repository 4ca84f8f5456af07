// SPDX-License-Identifier: Apache-2.0
/* Asking: a struct becomes a message, its answer a struct, handed to who asked on the thread that waits.
 * Answers that come together wake the SIP thread once. */
#include "common/diameter/ask.h"
#include "common/diameter/follow.h"
#include "common/diameter/node_private.h"
#include "common/diameter/shed.h"
#include "common/log.h"
#include "common/text.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX = 4096 };

struct ask {
	struct question question;
	struct ask *next;          /* in the queue of answers */
	struct asker *asker;
	const struct command *command;
	uint64_t request;          /* who waits on the SIP thread, */
	void *context;             /* or what the HSS's own question is about */
	command_done *done;
	struct followed followed;
	int err;
	void *answer;              /* the struct and, behind it, its strings */
};

struct asker {
	struct diameter_node *node;
	uint32_t application;
	struct cx_host host;
	const char *realm;
	uint32_t started;          /* the high part of our Session-Ids */
	atomic_uint last;
	pthread_mutex_t mutex;
	struct ask *first, **end;  /* answers for the SIP thread */
};

/* ---- the answer comes back ---- */

static void call_back(struct ask *a, void *who)
{
	a->command->end(a->done, who, a->err ? NULL : a->answer, a->err);
}

static void ask_free(struct ask *a)
{
	free(a->answer);
	free(a);
}

/* SIP thread */
static void deliver_all(void *arg)
{
	struct asker *q = arg;
	struct ask *a;

	pthread_mutex_lock(&q->mutex);
	a = q->first;
	q->first = NULL;
	q->end = &q->first;
	pthread_mutex_unlock(&q->mutex);
	while (a) {
		struct ask *next = a->next;
		struct request *r = q->host.by_id(a->request);

		if (r)
			call_back(a, r);
		else
			command_count_result(a->command, "request_gone");
		ask_free(a);
		a = next;
	}
}

static void deliver(struct ask *a)
{
	struct asker *q = a->asker;
	bool wake;

	pthread_mutex_lock(&q->mutex);
	wake = !q->first;
	a->next = NULL;
	*q->end = a;
	q->end = &a->next;
	pthread_mutex_unlock(&q->mutex);
	if (wake && q->host.post(q->host.loop, deliver_all, q))
		log_event(LOG_ERROR, "diameter.deliver", "why=the SIP thread takes nothing");
}

static void learn_load(const struct ask *a, const struct message_header *header)
{
	if (header->has_olr && header->origin_host)
		shed_learn(diameter_node_shed(a->asker->node), header->origin_host, &header->olr);
}

/* 0, -ENOTCONN, -ENOMEM, or -EBADMSG for an answer we cannot read */
static int decode_answer(struct ask *a, struct msg *msg, enum diameter_result result)
{
	struct decoder d = { 0 };
	struct message_header header = { 0 };
	struct msg_hdr *hdr;
	char *arena;

	if (fd_msg_hdr(msg, &hdr) || hdr->msg_code != a->command->code || !result)
		return -EBADMSG;
	if (result == RESULT_UNABLE_TO_DELIVER)
		return -ENOTCONN;
	a->answer = calloc(1, a->command->answer_size + 2 * hdr->msg_length);
	if (!a->answer)
		return -ENOMEM;
	arena = (char *)a->answer + a->command->answer_size;
	d = (struct decoder){ .arena = arena, .left = 2 * hdr->msg_length };
	if (field_decode(&d, msg, a->command->answer, a->answer))
		return -EBADMSG;
	field_decode(&d, msg, message_header_fields, &header); /* an error answer may lack most of it */
	learn_load(a, &header);
	*(enum diameter_result *)a->answer = result;
	if (a->command->origin_host_at != NOWHERE)
		*(const char **)(void *)((char *)a->answer + a->command->origin_host_at) = header.origin_host;
	return 0;
}

/* True: it was asked again, elsewhere. */
static bool follow(struct ask *a, struct msg *answer, enum diameter_result result)
{
	struct message_header header = { 0 };
	char arena[HEADER_MAX];
	struct decoder d = { .arena = arena, .left = sizeof arena };
	struct msg *question;

	if (!follow_after(diameter_node_follow(a->asker->node), answer, result, &a->followed, &question))
		return false;
	field_decode(&d, answer, message_header_fields, &header);
	learn_load(a, &header);
	command_count_result(a->command, result_name(result));
	question_ask(diameter_node_questions(a->asker->node), &a->question, question);
	return true;
}

static void on_done(struct question *q, struct msg *msg, int err)
{
	struct ask *a = CONTAINER_OF(q, struct ask, question);
	enum diameter_result result = err ? 0 : field_decode_result(msg);

	if (!err && follow(a, msg, result))
		return;
	if (err == -ETIMEDOUT)
		follow_silence(diameter_node_follow(a->asker->node), &a->followed);
	a->err = err ? err : decode_answer(a, msg, result);
	command_count_result(a->command, a->err ? strerrorname_np(-a->err) : result_name(*(enum diameter_result *)a->answer));
	if (a->err == -EBADMSG)
		log_event(LOG_WARN, "diameter.answer", "command=%s why=not readable", a->command->name);
	if (a->request)
		return deliver(a);
	call_back(a, a->context);
	ask_free(a);
}

static void on_drop(struct question *q)
{
	ask_free(CONTAINER_OF(q, struct ask, question));
}

/* ---- the question goes out ---- */

/* identity;high;low[;trace id] [RFC 6733 8.8] */
static void session_id(struct asker *q, const char *trace_id, char *out, size_t size)
{
	text_format(out, size, "%s;%u;%u%s%.128s", diameter_node_options(q->node)->identity, q->started, atomic_fetch_add(&q->last, 1),
		 trace_id && *trace_id ? ";" : "", trace_id ? trace_id : "");
}

static const char *string_at(const void *base, size_t at)
{
	return at == NOWHERE ? NULL : *(const char *const *)(const void *)((const char *)base + at);
}

static struct msg *encode_question(struct asker *q, const struct command *command, const void *question)
{
	const struct diameter_options *o = diameter_node_options(q->node);
	char session[512];
	struct message_header header = {
		.session_id = session, .origin_host = o->identity, .origin_realm = o->realm, .destination_realm = q->realm,
		.destination_host = string_at(question, command->destination_host_at), .auth_session_state = 1,
		.vendor = VENDOR_3GPP, .application = command->application, .has_priority = true,
		.priority = command_priority(command, question), .has_oc = command->origin_host_at != NOWHERE, .oc.vector = OC_LOSS,
	};
	struct msg *msg;

	if (string_at(question, command->destination_realm_at))
		header.destination_realm = string_at(question, command->destination_realm_at);
	session_id(q, string_at(question, command->trace_id_at), session, sizeof session);
	if (fd_msg_new(dict_command(command), MSGFL_ALLOC_ETEID, &msg))
		return NULL;
	if (field_encode(msg, message_header_fields, &header) || field_encode(msg, command->question, question)) {
		fd_msg_free(msg);
		return NULL;
	}
	return msg;
}

/* What those who may be asked want less, per cent; of several the one that wants it least, for any of them will do. */
static unsigned reduction(const struct asker *q, const char *host)
{
	const struct diameter_options *o = diameter_node_options(q->node);
	struct shed *s = diameter_node_shed(q->node);
	bool slf = diameter_node_has_slf(q->node);
	unsigned least = 100;

	if (host)
		return shed_reduction(s, host);
	for (size_t i = 0; i < o->peer_count; i++) {
		unsigned n = slf && !o->peers[i].slf ? least : shed_reduction(s, o->peers[i].identity);

		least = n < least ? n : least;
	}
	return o->peer_count ? least : 0;
}

static bool is_shed(const struct asker *q, const struct ask *a, const void *question)
{
	struct shed *s = diameter_node_shed(q->node);
	const char *host = a->followed.host ? a->followed.host : string_at(question, a->command->destination_host_at);

	return shed_in_use(s) && shed_drop(s, reduction(q, host), command_priority(a->command, question));
}

static void ask(struct asker *q, const struct command *command, const void *question, const struct ask *template)
{
	struct ask *a = malloc(sizeof *a);
	struct msg *msg = encode_question(q, command, question);

	if (!a || !msg)
		abort(); /* out of memory: who asked would wait for ever */
	*a = *template;
	a->asker = q;
	a->command = command;
	a->question.done = on_done;
	a->question.drop = on_drop;
	a->followed.fixed = string_at(question, command->destination_host_at);
	follow_before(diameter_node_follow(q->node), msg, &a->followed);
	if (!is_shed(q, a, question))
		return question_ask(diameter_node_questions(q->node), &a->question, msg);
	fd_msg_free(msg);
	question_refuse(diameter_node_questions(q->node), &a->question);
}

void ask_for_request(struct asker *q, uint32_t code, const void *question, const struct request *r, command_done *done)
{
	ask(q, command_find(q->application, code), question, &(struct ask){ .request = q->host.id_of(r), .done = done });
}

void ask_for_context(struct asker *q, uint32_t code, const void *question, void *context, command_done *done)
{
	ask(q, command_find(q->application, code), question, &(struct ask){ .context = context, .done = done });
}

/* ---- life ---- */

struct asker *asker_new(struct diameter_node *n, uint32_t application, const struct cx_host *host, const char *destination_realm)
{
	struct asker *q = node_speaks(application) ? NULL : calloc(1, sizeof *q);

	if (!q)
		return NULL;
	q->node = n;
	q->application = application;
	if (host)
		q->host = *host;
	q->realm = destination_realm;
	q->started = (uint32_t)(clock_wall_ns() / 1000000000u);
	q->end = &q->first;
	pthread_mutex_init(&q->mutex, NULL);
	return q;
}

void asker_free(struct asker *q)
{
	if (!q)
		return;
	for (struct ask *a = q->first, *next; a; a = next) {
		next = a->next;
		ask_free(a);
	}
	pthread_mutex_destroy(&q->mutex);
	free(q);
}
