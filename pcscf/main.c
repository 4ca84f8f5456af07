// SPDX-License-Identifier: Apache-2.0
/* The P-CSCF: the first node a UE meets, and the border of the trust domain. [TS 23.228 4.6.1, TS 24.229 5.2] */
#include "common/daemon.h"
#include "common/log.h"
#include "common/sip/start.h"
#include "pcscf/ops.h"
#include "pcscf/pcscf.h"
#include "pcscf/state.h"
#include <string.h>

static struct pcscf pcscf;
static struct token_key *key;

static int load_key(const struct pcscf_options *o)
{
	int err = token_key_load(o->token_key, &key);

	if (err)
		log_event(LOG_ERROR, "pcscf", "token_key=%s error=\"%s\"", o->token_key, err == -EPERM ? "others may read it" : strerror(-err));
	return err;
}

static int start_sip(const struct pcscf_options *o)
{
	int err = sip_start(&o->base, &o->sip, &o->trust, &o->gm, &o->mw, key, pcscf_route, &pcscf, &pcscf.agent);

	return err ? err : sip_post(pcscf.agent, state_start_timers, &pcscf);
}

static int start(struct daemon *d)
{
	const struct pcscf_options *o = daemon_options(d);
	int err;

	pcscf.options = o;
	daemon_set_self(d, &pcscf);
	err = load_key(o);
	if (!err)
		err = state_open(&pcscf);
	if (!err)
		err = start_sip(o);
	if (!err)
		daemon_ready();
	return err;
}

static bool drained(struct daemon *d)
{
	(void)d;
	sip_agent_drain(pcscf.agent);
	return sip_agent_idle(pcscf.agent);
}

static void stop(struct daemon *d)
{
	(void)d;
	sip_agent_stop(pcscf.agent);
	state_close(&pcscf);
	token_key_free(key);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = { .name = "pcscf", .schema = &pcscf_schema, .start = start, .drained = drained, .stop = stop,
						 .routes = ops_routes, .route_count = OPS_ROUTE_COUNT };

	return daemon_main(&spec, argc, argv);
}
