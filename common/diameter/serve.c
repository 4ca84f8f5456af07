// SPDX-License-Identifier: Apache-2.0
/* Answering: a message becomes a struct or is refused at once, naming the AVP at fault. [RFC 6733 7.5] */
#include "common/diameter/serve.h"
#include "common/diameter/load.h"
#include "common/diameter/node_private.h"
#include "common/log.h"
#include <freeDiameter/libfdcore.h>
#include <stdlib.h>
#include <string.h>

struct call {
	struct msg *msg;           /* the question */
	const struct command *command;
	const struct service *service;
	struct message_header header;
	void *question;            /* the struct, behind this one, and then its strings */
	enum dict_avp blamed;      /* AVP_COUNT: none */
};

/* ---- the answer ---- */

static int encode_answer(struct call *c, struct msg *msg, enum diameter_result result, const struct field *fields, const void *answer)
{
	const struct diameter_options *o = diameter_node_options(c->service->node);
	struct load *load = diameter_node_load(c->service->node);
	struct message_header header = {
		.session_id = c->header.session_id, .origin_host = o->identity, .origin_realm = o->realm, .auth_session_state = 1,
		.vendor = VENDOR_3GPP, .application = c->command->application,
	};
	int err;

	/* only to who understands it [RFC 7683 5.2.1] */
	if (c->header.has_oc && load) {
		header.has_oc = true;
		header.oc.vector = OC_LOSS;
		header.has_olr = load_report(load, &header.olr);
	}
	err = field_encode(msg, message_header_fields, &header);

	if (!err)
		err = field_encode_result(msg, result);
	if (!err && answer)
		err = field_encode(msg, fields, answer);
	return err;
}

/* The E bit goes with protocol errors only [RFC 6733 7.1.3] */
static void mark_protocol_error(struct msg *msg, enum diameter_result result)
{
	struct msg_hdr *hdr;

	if ((unsigned)result / 1000 == 3 && !fd_msg_hdr(msg, &hdr))
		hdr->msg_flags |= CMD_FLAG_ERROR;
}

void call_blame(struct call *c, enum dict_avp avp)
{
	c->blamed = avp;
}

/* The AVP of the question that the procedure blamed. */
static struct decoder blame(struct msg *question, enum dict_avp blamed)
{
	struct decoder d = { .missing = blamed };

	if (fd_msg_search_avp(question, dict_avp(d.missing), &d.failed))
		d.failed = NULL;
	return d;
}

static void send_answer(struct call *c, enum diameter_result result, const struct field *fields, const void *answer,
			const struct decoder *why)
{
	struct decoder blamed;
	struct msg *msg = c->msg, *query = c->msg;
	bool failed;

	if (c->blamed != AVP_COUNT) {
		blamed = blame(query, c->blamed);
		why = &blamed;
	}
	failed = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &msg, MSGFL_ANSW_NOSID) || msg == query;

	if (!failed)
		failed = encode_answer(c, msg, result, fields, answer) || (why && field_encode_failed(msg, why));
	command_count_result(c->command, failed ? "not_answered" : result_name(result));
	if (failed) {
		log_event(LOG_ERROR, "diameter.answer", "command=%s why=out of memory", c->command->name);
		fd_msg_free(msg);
	} else {
		mark_protocol_error(msg, result);
		if (c->service->host)
			question_send_answer(diameter_node_questions(c->service->node), msg);
		else if (fd_msg_send(&msg, NULL, NULL) && msg)
			fd_msg_free(msg);
	}
	free(c);
}

static void reply(struct call *c, enum diameter_result result, const void *answer, const struct decoder *why)
{
	send_answer(c, result, c->command->answer, answer, why);
}

void call_redirect(struct call *c, const struct redirect *r)
{
	send_answer(c, RESULT_REDIRECT_INDICATION, redirect_fields, r, NULL);
}

void call_answer(struct call *c, enum diameter_result result, const void *answer)
{
	reply(c, result, answer, NULL);
}

const char *call_origin_host(const struct call *c)
{
	return c->header.origin_host;
}

const char *call_origin_realm(const struct call *c)
{
	return c->header.origin_realm;
}

enum drmp call_priority(const struct call *c)
{
	return c->header.has_priority ? c->header.priority : command_priority(c->command, c->question);
}

/* By the name that it has given in its CER, which was admitted. */
uint32_t call_peer(const struct call *c)
{
	DiamId_t source = NULL;
	uint32_t n = 2166136261u;
	size_t len = 0;

	if (fd_msg_source_get(c->msg, &source, &len) || !source)
		return 1;
	for (size_t i = 0; i < len; i++)
		n = (n ^ (uint8_t)source[i]) * 16777619u;
	return n ? n : 1;
}

/* The fourth part of host;high;low;trace [RFC 6733 8.8] */
const char *call_trace_id(const struct call *c)
{
	const char *p = c->header.session_id;

	for (int i = 0; i < 3 && p; i++) {
		p = strchr(p, ';');
		if (p)
			p++;
	}
	return p ? p : "";
}

/* ---- the question ---- */

static void handle(void *arg)
{
	struct call *c = arg;

	c->service->handle(c->service->server, c, c->command->code, c->question);
}

/* What answers need not have, and what only they may have. [RFC 6733 10.1, TS 29.229 6.1] */
static int check_as_question(const struct call *c, struct decoder *d)
{
	static const enum dict_avp of_answers[] = { AVP_RESULT_CODE, AVP_EXPERIMENTAL_RESULT, AVP_FAILED_AVP };

	d->missing = AVP_DESTINATION_REALM;
	d->result = RESULT_MISSING_AVP;
	if (!c->header.destination_realm)
		return -EBADMSG;
	d->result = RESULT_AVP_NOT_ALLOWED;
	for (size_t i = 0; i < ARRAY_LEN(of_answers); i++)
		if (!fd_msg_search_avp(c->msg, dict_avp(of_answers[i]), &d->failed) && d->failed)
			return -EBADMSG;
	d->failed = NULL;
	return 0;
}

static int decode_question(struct call *c, struct decoder *d)
{
	int err = field_decode(d, c->msg, message_header_fields, &c->header);

	if (!err)
		err = check_as_question(c, d);
	if (!err)
		err = field_decode(d, c->msg, c->command->question, c->question);
	if (!err && c->command->question_origin_host_at != NOWHERE)
		*(const char **)(void *)((char *)c->question + c->command->question_origin_host_at) = c->header.origin_host;
	return err;
}

static void refuse(struct call *c, const struct decoder *d)
{
	log_event(LOG_WARN, "diameter.refused", "command=%s from=%s result=%s", c->command->name,
		  c->header.origin_host ? c->header.origin_host : "?", result_name(d->result));
	reply(c, d->result, NULL, d);
}

static struct call *call_new(struct msg *msg, const struct command *command, const struct service *service, struct decoder *d)
{
	struct msg_hdr *hdr;
	struct call *c;

	if (fd_msg_hdr(msg, &hdr))
		return NULL;
	/* header and body are read one after the other: Origin-Host once */
	c = calloc(1, sizeof *c + command->question_size + 2 * hdr->msg_length);
	if (!c)
		return NULL;
	c->question = c + 1;
	*d = (struct decoder){ .arena = (char *)c->question + command->question_size, .left = 2 * hdr->msg_length };
	c->msg = msg;
	c->command = command;
	c->service = service;
	c->blamed = AVP_COUNT;
	return c;
}

static void pass_on(struct call *c)
{
	const struct service *s = c->service;

	if (!s->handles(s->server, c->command->code))
		reply(c, RESULT_COMMAND_UNSUPPORTED, NULL, NULL);
	else if (!load_admits(diameter_node_load(s->node), c->msg, call_priority(c)))
		reply(c, RESULT_TOO_BUSY, NULL, NULL);
	else if (!s->host)
		handle(c);
	else if (s->host->post(s->host->loop, handle, c))
		reply(c, RESULT_TOO_BUSY, NULL, NULL);
}

/* freeDiameter's dispatch thread */
static int on_question(struct msg **msg, struct avp *avp, struct session *session, void *service, enum disp_action *action)
{
	const struct command *command;
	struct decoder d;
	struct msg_hdr *hdr;
	struct call *c;

	(void)avp, (void)session;
	if (fd_msg_hdr(*msg, &hdr) || !(hdr->msg_flags & CMD_FLAG_REQUEST))
		return 0;
	command = command_find(hdr->msg_appl, hdr->msg_code);
	if (!command)
		return 0;
	c = call_new(*msg, command, service, &d);
	if (!c)
		return ENOMEM;
	*msg = NULL;
	*action = DISP_ACT_CONT;
	if (decode_question(c, &d))
		refuse(c, &d);
	else
		pass_on(c);
	return 0;
}

int serve(struct diameter_node *n, struct service *service)
{
	struct disp_when when = { .app = dict_application(service->application) };
	int err = node_speaks(service->application);

	service->node = n;
	for (size_t i = 0; !err && i < command_count; i++) {
		if (commands[i].application != service->application)
			continue;
		when.command = dict_command(&commands[i]);
		err = -fd_disp_register(on_question, DISP_HOW_CC, &when, service, NULL);
	}
	return err;
}
