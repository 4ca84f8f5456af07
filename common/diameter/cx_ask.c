// SPDX-License-Identifier: Apache-2.0
/* Asking over Cx. */
#include "common/diameter/ask.h"

/* The asker by its name in cx.h: a pointer to the one is a pointer to the other, and nobody looks inside. */
static struct asker *plain(struct cx *cx)
{
	return (struct asker *)cx;
}

struct cx *cx_new(struct diameter_node *n, const struct cx_host *host, const char *destination_realm)
{
	return (struct cx *)asker_new(n, APPLICATION_CX, host, destination_realm);
}

void cx_free(struct cx *cx)
{
	asker_free(plain(cx));
}

void cx_ask_uar(struct cx *cx, struct request *r, const struct cx_uar *uar, cx_uaa_done *done)
{
	ask_for_request(plain(cx), CX_UAR, uar, r, (command_done *)done);
}

void cx_ask_mar(struct cx *cx, struct request *r, const struct cx_mar *mar, cx_maa_done *done)
{
	ask_for_request(plain(cx), CX_MAR, mar, r, (command_done *)done);
}

void cx_ask_sar(struct cx *cx, struct request *r, const struct cx_sar *sar, cx_saa_done *done)
{
	ask_for_request(plain(cx), CX_SAR, sar, r, (command_done *)done);
}

void cx_ask_lir(struct cx *cx, struct request *r, const struct cx_lir *lir, cx_lia_done *done)
{
	ask_for_request(plain(cx), CX_LIR, lir, r, (command_done *)done);
}

void cx_push_rtr(struct cx *cx, const struct cx_rtr *rtr, void (*done)(void *context, const struct cx_rta *answer, int err), void *context)
{
	ask_for_context(plain(cx), CX_RTR, rtr, context, (command_done *)done);
}

void cx_push_ppr(struct cx *cx, const struct cx_ppr *ppr, void (*done)(void *context, const struct cx_ppa *answer, int err), void *context)
{
	ask_for_context(plain(cx), CX_PPR, ppr, context, (command_done *)done);
}
