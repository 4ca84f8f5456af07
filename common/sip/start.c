// SPDX-License-Identifier: Apache-2.0
/* The SIP agent from a daemon's options. */
#include "common/sip/start.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ENDPOINTS_MAX = 6 };

enum sip_transport sip_transport_of(const char *word)
{
	return !strcmp(word, "tls") ? SIP_TLS : !strcmp(word, "tcp") ? SIP_TCP : SIP_UDP;
}

bool sip_names_us(const struct request *r, const char *name)
{
	const url_t *u = request_peek(r)->sip->sip_request->rq_url;
	const char *ours = endpoint_uri(request_endpoint(r));
	size_t n = u->url_host ? strlen(u->url_host) : 0;

	if (!n || (u->url_user && *u->url_user))
		return false;
	ours += strncmp(ours, "sips:", 5) ? 4 : 5;
	return !strcasecmp(u->url_host, name) || (!strncasecmp(u->url_host, ours, n) && (!ours[n] || strchr(":;", ours[n])));
}

static size_t add_side(struct endpoint_options *e, size_t n, const char *side, char *const addresses[3])
{
	static const enum sip_transport transports[3] = { SIP_UDP, SIP_TCP, SIP_TLS };

	for (int i = 0; i < 3; i++)
		if (addresses[i])
			e[n++] = (struct endpoint_options){ side, transports[i], addresses[i] };
	return n;
}

/* A list of the options, with the NULL at its end that the agent wants. */
static const char **terminated(char *const *list, unsigned count)
{
	const char **copy = calloc(count + 1, sizeof *copy);

	for (unsigned i = 0; copy && i < count; i++)
		copy[i] = list[i];
	return copy;
}

int sip_start(const struct base_options *b, const struct sip_options *sip, const struct trust_options *trust,
	      const struct gm_options *gm, const struct mw_options *mw, struct token_key *key, router *route, void *daemon, struct sip_agent **out)
{
	struct endpoint_options endpoints[ENDPOINTS_MAX];
	struct sip_agent_options o = {
		.name = sip->name, .endpoints = endpoints, .dns = b->dns,
		.certificate = b->tls.certificate, .ca = b->tls.ca, .tls_minimum = b->tls.minimum,
		.tls_verify_peer = mw->tls != NULL, .token_key = key,
		.t1_ms = sip->t1_ms, .t2_ms = sip->t2_ms, .t4_ms = sip->t4_ms, .timer_c_ms = sip->timer_c_ms,
		.first_answer_ms = sip->first_answer_ms, .peer_skip_ms = sip->peer_skip_ms,
		.overload_queue_ms = sip->overload_queue_ms, .message_max = sip->message_max,
	};

	if (gm)
		o.endpoint_count = add_side(endpoints, 0, "gm", (char *const[]){ gm->udp, gm->tcp, gm->tls });
	o.endpoint_count = add_side(endpoints, o.endpoint_count, "mw", (char *const[]){ mw->udp, mw->tcp, mw->tls });
	/* borrowed for as long as the agent lives: with the process */
	o.trusted_addresses = terminated(trust->addresses, trust->addresses_count);
	o.trusted_names = terminated(trust->names, trust->names_count);
	if (!o.trusted_addresses || !o.trusted_names)
		return -ENOMEM;
	return sip_agent_start(&o, route, daemon, out);
}
