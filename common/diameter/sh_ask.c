// SPDX-License-Identifier: Apache-2.0
/* Asking over Sh: an AS the HSS, and the HSS that tells an AS. */
#include "common/diameter/ask.h"
#include "common/diameter/sh.h"

/* The asker by its name in sh.h: a pointer to the one is a pointer to the other, and nobody looks inside. */
static struct asker *plain(struct sh *sh)
{
	return (struct asker *)sh;
}

struct sh *sh_new(struct diameter_node *n, const struct cx_host *host, const char *destination_realm)
{
	return (struct sh *)asker_new(n, APPLICATION_SH, host, destination_realm);
}

void sh_free(struct sh *sh)
{
	asker_free(plain(sh));
}

void sh_ask_udr(struct sh *sh, struct request *r, const struct sh_udr *udr, sh_uda_done *done)
{
	ask_for_request(plain(sh), SH_UDR, udr, r, (command_done *)done);
}

void sh_ask_pur(struct sh *sh, struct request *r, const struct sh_pur *pur, sh_pua_done *done)
{
	ask_for_request(plain(sh), SH_PUR, pur, r, (command_done *)done);
}

void sh_ask_snr(struct sh *sh, struct request *r, const struct sh_snr *snr, sh_sna_done *done)
{
	ask_for_request(plain(sh), SH_SNR, snr, r, (command_done *)done);
}

void sh_push_pnr(struct sh *sh, const struct sh_pnr *pnr, void (*done)(void *context, const struct sh_pna *answer, int err), void *context)
{
	ask_for_context(plain(sh), SH_PNR, pnr, context, (command_done *)done);
}
