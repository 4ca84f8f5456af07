// SPDX-License-Identifier: Apache-2.0
/* The SIP agent from a daemon's options, the same for all CSCFs. */
#pragma once
#include "common/options.h"
#include "common/sip/agent.h"

/* `gm` NULL: there is none; `key` NULL: no tokens, else borrowed for as long as the agent lives. As sip_agent_start; `dns`, `tls` and the rest come from the options. */
int sip_start(const struct base_options *b, const struct sip_options *sip, const struct trust_options *trust,
	      const struct gm_options *gm, const struct mw_options *mw, struct token_key *key, router *route, void *daemon, struct sip_agent **out);

/* The Request-URI is this node itself: no user, and `name` or an address we listen on as its host. */
bool sip_names_us(const struct request *r, const char *name);

/* The transport of the word in mw.transport. */
enum sip_transport sip_transport_of(const char *word);
