// SPDX-License-Identifier: Apache-2.0
/* Answering over Cx: a message becomes a struct or is refused at once, naming the AVP at fault. [RFC 6733 7.5] */
#include "common/diameter/cx_kind.h"
#include "common/diameter/node_private.h"
#include "common/log.h"
#include <freeDiameter/libfdcore.h>
#include <stdlib.h>
#include <string.h>

struct cx_call {
	struct msg *msg;           /* the question */
	const struct cx_kind *kind;
	const struct cx_server *server;
	struct diameter_node *node;
	struct cx_header header;
	union cx_question question;
	enum cx_avp blamed;
	char arena[];
};

static struct {
	const struct cx_server *server;
	struct diameter_node *node;
} the; /* freeDiameter has one set of handlers a process */

/* ---- the answer ---- */

static int encode_answer(struct cx_call *c, struct msg *msg, enum diameter_result result, const void *answer)
{
	const struct diameter_options *o = diameter_node_options(c->node);
	const struct cx_header header = {
		.session_id = c->header.session_id, .origin_host = o->identity, .origin_realm = o->realm, .auth_session_state = 1,
		.vendor = VENDOR_3GPP, .application = APPLICATION_CX,
	};
	int err = cx_encode(msg, cx_header_fields, &header);

	if (!err)
		err = cx_encode_result(msg, result);
	if (!err && answer)
		err = cx_encode(msg, c->kind->answer, answer);
	return err;
}

/* The E bit goes with protocol errors only [RFC 6733 7.1.3] */
static void mark_protocol_error(struct msg *msg, enum diameter_result result)
{
	struct msg_hdr *hdr;

	if ((unsigned)result / 1000 == 3 && !fd_msg_hdr(msg, &hdr))
		hdr->msg_flags |= CMD_FLAG_ERROR;
}

void cx_call_blame(struct cx_call *c, enum cx_avp avp)
{
	c->blamed = avp;
}

/* The AVP of the question that the procedure blamed. */
static struct cx_decoder blame(struct msg *question, enum cx_avp blamed)
{
	static const enum dict_avp avps[] = { [CX_AVP_USER_NAME] = AVP_USER_NAME, [CX_AVP_PUBLIC_IDENTITY] = AVP_PUBLIC_IDENTITY,
					      [CX_AVP_SIP_AUTH_DATA_ITEM] = AVP_SIP_AUTH_DATA_ITEM };
	struct cx_decoder d = { .missing = avps[blamed] };

	if (fd_msg_search_avp(question, dict_avp(d.missing), &d.failed))
		d.failed = NULL;
	return d;
}

static void reply(struct cx_call *c, enum diameter_result result, const void *answer, const struct cx_decoder *why)
{
	struct cx_decoder blamed;
	struct msg *msg = c->msg, *query = c->msg;
	bool failed;

	if (c->blamed) {
		blamed = blame(query, c->blamed);
		why = &blamed;
	}
	failed = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &msg, MSGFL_ANSW_NOSID) || msg == query;

	if (!failed)
		failed = encode_answer(c, msg, result, answer) || (why && cx_encode_failed(msg, why));
	cx_count(c->kind, failed ? "not_answered" : result_name(result));
	if (failed) {
		log_event(LOG_ERROR, "diameter.answer", "command=%s why=out of memory", c->kind->name);
		fd_msg_free(msg);
	} else {
		mark_protocol_error(msg, result);
		if (c->server->host)
			question_send_answer(diameter_node_questions(c->node), msg);
		else if (fd_msg_send(&msg, NULL, NULL) && msg)
			fd_msg_free(msg);
	}
	free(c);
}

void cx_answer_uaa(struct cx_call *c, const struct cx_uaa *uaa)
{
	reply(c, uaa->result, uaa, NULL);
}

void cx_answer_maa(struct cx_call *c, const struct cx_maa *maa)
{
	reply(c, maa->result, maa, NULL);
}

void cx_answer_saa(struct cx_call *c, const struct cx_saa *saa)
{
	reply(c, saa->result, saa, NULL);
}

void cx_answer_lia(struct cx_call *c, const struct cx_lia *lia)
{
	reply(c, lia->result, lia, NULL);
}

void cx_answer_rta(struct cx_call *c, const struct cx_rta *rta)
{
	reply(c, rta->result, rta, NULL);
}

void cx_answer_ppa(struct cx_call *c, const struct cx_ppa *ppa)
{
	reply(c, ppa->result, ppa, NULL);
}

const char *cx_call_origin_host(const struct cx_call *c)
{
	return c->header.origin_host;
}

/* The fourth part of host;high;low;trace [RFC 6733 8.8] */
const char *cx_call_trace_id(const struct cx_call *c)
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

static bool handled(const struct cx_server *s, enum cx_command code)
{
	switch (code) {
	case CX_UAR: return s->uar;
	case CX_MAR: return s->mar;
	case CX_SAR: return s->sar;
	case CX_LIR: return s->lir;
	case CX_RTR: return s->rtr;
	case CX_PPR: return s->ppr;
	}
	return false;
}

static void handle(void *arg)
{
	struct cx_call *c = arg;
	const struct cx_server *s = c->server;

	switch (c->kind->code) {
	case CX_UAR: return s->uar(s->self, c, &c->question.uar);
	case CX_MAR: return s->mar(s->self, c, &c->question.mar);
	case CX_SAR: return s->sar(s->self, c, &c->question.sar);
	case CX_LIR: return s->lir(s->self, c, &c->question.lir);
	case CX_RTR: return s->rtr(s->self, c, &c->question.rtr);
	case CX_PPR: return s->ppr(s->self, c, &c->question.ppr);
	}
}

static int decode_question(struct cx_call *c, struct cx_decoder *d)
{
	int err = cx_decode(d, c->msg, cx_header_fields, &c->header);

	if (!err)
		err = cx_decode(d, c->msg, c->kind->question, &c->question);
	if (!err && c->kind->question_origin_host_at != NOWHERE)
		*(const char **)(void *)((char *)&c->question + c->kind->question_origin_host_at) = c->header.origin_host;
	return err;
}

static void refuse(struct cx_call *c, const struct cx_decoder *d)
{
	log_event(LOG_WARN, "diameter.refused", "command=%s from=%s result=%s", c->kind->name,
		  c->header.origin_host ? c->header.origin_host : "?", result_name(d->result));
	reply(c, d->result, NULL, d);
}

static struct cx_call *call_new(struct msg *msg, const struct cx_kind *kind, struct cx_decoder *d)
{
	struct msg_hdr *hdr;
	struct cx_call *c;

	if (fd_msg_hdr(msg, &hdr))
		return NULL;
	c = calloc(1, sizeof *c + 2 * hdr->msg_length); /* header and body are read one after the other: Origin-Host once */
	if (!c)
		return NULL;
	*d = (struct cx_decoder){ .arena = c->arena, .left = 2 * hdr->msg_length };
	c->msg = msg;
	c->kind = kind;
	c->server = the.server;
	c->node = the.node;
	return c;
}

/* freeDiameter's dispatch thread */
static int on_question(struct msg **msg, struct avp *avp, struct session *session, void *kind, enum disp_action *action)
{
	struct cx_decoder d;
	struct msg_hdr *hdr;
	struct cx_call *c;

	(void)avp, (void)session;
	if (fd_msg_hdr(*msg, &hdr) || !(hdr->msg_flags & CMD_FLAG_REQUEST))
		return 0;
	c = call_new(*msg, kind, &d);
	if (!c)
		return ENOMEM;
	*msg = NULL;
	*action = DISP_ACT_CONT;
	if (decode_question(c, &d))
		refuse(c, &d);
	else if (!handled(c->server, c->kind->code))
		reply(c, RESULT_COMMAND_UNSUPPORTED, NULL, NULL);
	else if (!c->server->host)
		handle(c);
	else if (c->server->host->post(c->server->host->loop, handle, c))
		reply(c, RESULT_TOO_BUSY, NULL, NULL);
	return 0;
}

int cx_serve(struct diameter_node *n, const struct cx_server *server)
{
	struct disp_when when = { .app = dict_application() };
	int err = 0;

	the.server = server;
	the.node = n;
	if (server->uar)
		diameter_node_serves(n);
	for (int i = 0; !err && i < CX_KINDS; i++) {
		when.command = dict_command(cx_kinds[i].code);
		err = fd_disp_register(on_question, DISP_HOW_CC, &when, (void *)&cx_kinds[i], NULL);
	}
	return -err;
}
