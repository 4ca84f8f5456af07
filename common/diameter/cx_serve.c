// SPDX-License-Identifier: Apache-2.0
/* Answering over Cx: each command to its handler, each answer to who asked. */
#include "common/diameter/node_private.h"
#include "common/diameter/serve.h"

/* The call of serve.c by its name in cx.h: a pointer to the one is a pointer to the other, and nobody looks inside. */
static struct cx_call *named(struct call *c)
{
	return (struct cx_call *)c;
}

static struct call *plain(struct cx_call *c)
{
	return (struct call *)c;
}

static bool handles(const void *server, uint32_t code)
{
	const struct cx_server *s = server;

	switch ((enum cx_command)code) {
	case CX_UAR: return s->uar;
	case CX_MAR: return s->mar;
	case CX_SAR: return s->sar;
	case CX_LIR: return s->lir;
	case CX_RTR: return s->rtr;
	case CX_PPR: return s->ppr;
	}
	return false;
}

static void handle(const void *server, struct call *c, uint32_t code, const void *question)
{
	const struct cx_server *s = server;

	switch ((enum cx_command)code) {
	case CX_UAR: return s->uar(s->self, named(c), question);
	case CX_MAR: return s->mar(s->self, named(c), question);
	case CX_SAR: return s->sar(s->self, named(c), question);
	case CX_LIR: return s->lir(s->self, named(c), question);
	case CX_RTR: return s->rtr(s->self, named(c), question);
	case CX_PPR: return s->ppr(s->self, named(c), question);
	}
}

int cx_serve(struct diameter_node *n, const struct cx_server *server)
{
	static struct service service = { .application = APPLICATION_CX, .handles = handles, .handle = handle };

	service.server = server;
	service.host = server->host;
	if (server->uar)
		diameter_node_serves(n);
	return serve(n, &service);
}

/* ---- the answers ---- */

void cx_answer_uaa(struct cx_call *c, const struct cx_uaa *uaa)
{
	call_answer(plain(c), uaa->result, uaa);
}

void cx_answer_maa(struct cx_call *c, const struct cx_maa *maa)
{
	call_answer(plain(c), maa->result, maa);
}

void cx_answer_saa(struct cx_call *c, const struct cx_saa *saa)
{
	call_answer(plain(c), saa->result, saa);
}

void cx_answer_lia(struct cx_call *c, const struct cx_lia *lia)
{
	call_answer(plain(c), lia->result, lia);
}

void cx_answer_rta(struct cx_call *c, const struct cx_rta *rta)
{
	call_answer(plain(c), rta->result, rta);
}

void cx_answer_ppa(struct cx_call *c, const struct cx_ppa *ppa)
{
	call_answer(plain(c), ppa->result, ppa);
}

void cx_answer_redirect(struct cx_call *c, const struct redirect *r)
{
	call_redirect(plain(c), r);
}

/* ---- what a handler asks of its call ---- */

void cx_call_blame(struct cx_call *c, enum cx_avp avp)
{
	static const enum dict_avp avps[] = { [CX_AVP_NONE] = AVP_COUNT, [CX_AVP_USER_NAME] = AVP_USER_NAME,
					      [CX_AVP_PUBLIC_IDENTITY] = AVP_PUBLIC_IDENTITY,
					      [CX_AVP_SIP_AUTH_DATA_ITEM] = AVP_SIP_AUTH_DATA_ITEM,
					      [CX_AVP_SCSCF_RESTORATION_INFO] = AVP_SCSCF_RESTORATION_INFO };

	call_blame(plain(c), avps[avp]);
}

const char *cx_call_origin_host(const struct cx_call *c)
{
	return call_origin_host((const struct call *)c);
}

const char *cx_call_trace_id(const struct cx_call *c)
{
	return call_trace_id((const struct call *)c);
}

enum drmp cx_call_priority(const struct cx_call *c)
{
	return call_priority((const struct call *)c);
}

uint32_t cx_call_peer(const struct cx_call *c)
{
	return call_peer((const struct call *)c);
}
