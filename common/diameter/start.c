// SPDX-License-Identifier: Apache-2.0
/* The Diameter node from a daemon's options. */
#include "common/diameter/start.h"
#include "common/daemon.h"
#include <stdlib.h>

static void on_peer(const char *identity, bool up, bool required)
{
	daemon_peer(identity, "cx", up, required);
}

int diameter_new_of(const struct base_options *b, const struct diameter_group *g, struct diameter_node **out)
{
	struct diameter_peer *peers = calloc(g->peers_count + 1, sizeof *peers);
	const char **admit = calloc(g->admit_count + 1, sizeof *admit);
	int err;
	struct diameter_options o = {
		.identity = g->identity, .realm = g->realm, .address = g->address, .port = (uint16_t)g->port,
		.tls_port = (uint16_t)g->tls_port, .certificate = b->tls.certificate, .key = b->tls.key, .ca = b->tls.ca, .dh = g->dh,
		.tls_minimum = b->tls.minimum, .peers = peers, .peer_count = g->peers_count, .admit = admit,
		.timeout_ms = g->timeout_ms, .watchdog_s = g->watchdog_s, .on_peer = on_peer,
	};

	if (!peers || !admit) {
		free(peers);
		free(admit);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < g->peers_count; i++)
		peers[i] = (struct diameter_peer){ g->peers[i].identity, g->peers[i].address, (uint16_t)g->peers[i].port,
						   g->peers[i].tls == OPTION_YES, g->peers[i].slf };
	for (unsigned i = 0; i < g->admit_count; i++)
		admit[i] = g->admit[i];
	err = diameter_new(&o, out);
	free(peers);
	free(admit);
	return err;
}
