// SPDX-License-Identifier: Apache-2.0
/* Answering over Sh: each command to its handler, each answer to who asked. */
#include "common/diameter/node_private.h"
#include "common/diameter/serve.h"
#include "common/diameter/sh.h"

/* The call of serve.c by its name in sh.h: a pointer to the one is a pointer to the other, and nobody looks inside. */
static struct sh_call *named(struct call *c)
{
	return (struct sh_call *)c;
}

static struct call *plain(struct sh_call *c)
{
	return (struct call *)c;
}

static bool handles(const void *server, uint32_t code)
{
	const struct sh_server *s = server;

	switch ((enum sh_command)code) {
	case SH_UDR: return s->udr;
	case SH_PUR: return s->pur;
	case SH_SNR: return s->snr;
	case SH_PNR: return s->pnr;
	}
	return false;
}

static void handle(const void *server, struct call *c, uint32_t code, const void *question)
{
	const struct sh_server *s = server;

	switch ((enum sh_command)code) {
	case SH_UDR: return s->udr(s->self, named(c), question);
	case SH_PUR: return s->pur(s->self, named(c), question);
	case SH_SNR: return s->snr(s->self, named(c), question);
	case SH_PNR: return s->pnr(s->self, named(c), question);
	}
}

int sh_serve(struct diameter_node *n, const struct sh_server *server)
{
	static struct service service = { .application = APPLICATION_SH, .handles = handles, .handle = handle };

	service.server = server;
	service.host = server->host;
	if (server->udr)
		diameter_node_serves(n);
	return serve(n, &service);
}

/* ---- the answers ---- */

void sh_answer_uda(struct sh_call *c, const struct sh_uda *uda)
{
	call_answer(plain(c), uda->result, uda);
}

void sh_answer_pua(struct sh_call *c, const struct sh_pua *pua)
{
	call_answer(plain(c), pua->result, pua);
}

void sh_answer_sna(struct sh_call *c, const struct sh_sna *sna)
{
	call_answer(plain(c), sna->result, sna);
}

void sh_answer_pna(struct sh_call *c, const struct sh_pna *pna)
{
	call_answer(plain(c), pna->result, pna);
}

void sh_answer_redirect(struct sh_call *c, const struct redirect *r)
{
	call_redirect(plain(c), r);
}

/* ---- what a handler asks of its call ---- */

void sh_call_blame(struct sh_call *c, enum sh_avp avp)
{
	static const enum dict_avp avps[] = { [SH_AVP_NONE] = AVP_COUNT, [SH_AVP_USER_IDENTITY] = AVP_USER_IDENTITY,
					      [SH_AVP_DATA_REFERENCE] = AVP_DATA_REFERENCE,
					      [SH_AVP_SERVICE_INDICATION] = AVP_SERVICE_INDICATION, [SH_AVP_SERVER_NAME] = AVP_SERVER_NAME,
					      [SH_AVP_DSAI_TAG] = AVP_DSAI_TAG, [SH_AVP_REQUESTED_DOMAIN] = AVP_REQUESTED_DOMAIN,
					      [SH_AVP_USER_DATA] = AVP_SH_USER_DATA, [SH_AVP_IDENTITY_SET] = AVP_IDENTITY_SET,
					      [SH_AVP_SUPPORTED_FEATURES] = AVP_SUPPORTED_FEATURES,
					      [SH_AVP_EXPIRY_TIME] = AVP_EXPIRY_TIME };

	call_blame(plain(c), avps[avp]);
}

const char *sh_call_origin_host(const struct sh_call *c)
{
	return call_origin_host((const struct call *)c);
}

const char *sh_call_origin_realm(const struct sh_call *c)
{
	return call_origin_realm((const struct call *)c);
}

const char *sh_call_trace_id(const struct sh_call *c)
{
	return call_trace_id((const struct call *)c);
}

enum drmp sh_call_priority(const struct sh_call *c)
{
	return call_priority((const struct call *)c);
}

uint32_t sh_call_peer(const struct sh_call *c)
{
	return call_peer((const struct call *)c);
}
