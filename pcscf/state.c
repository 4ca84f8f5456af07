// SPDX-License-Identifier: Apache-2.0
/* Local state of the P-CSCF: registered users and their flows, read back whole at the start after a death. */
#include "pcscf/state.h"
#include "common/log.h"
#include "pcscf/access.h"
#include "pcscf/binding.h"
#include <string.h>

enum { SWEEP_MS = 10000 };

static int failed(const char *what, const char *path, int err)
{
	log_event(LOG_ERROR, "pcscf.state", "%s path=%s: %s", what, path, strerror(-err));
	return err;
}

int state_open(struct pcscf *p)
{
	const struct pcscf_options *o = p->options;
	int err = keep_open(o->base.state, (size_t)o->state_mb << 20, &p->keep);

	if (err)
		return failed("local state not opened", o->base.state, err);
	p->bindings_gauge = metric_cell(metric_gauge("minims_bindings", "", "Users registered through this P-CSCF"), NULL, NULL);
	p->bindings = bindings_new(p->keep);
	if (!p->bindings)
		return failed("no memory", "", -ENOMEM);
	err = bindings_load(p->bindings);
	if (err)
		return failed("local state not read", o->base.state, err);
	access_count(p);
	log_event(LOG_INFO, "pcscf.state", "registered=%zu read back", bindings_count(p->bindings));
	return 0;
}

/* A registration that ran out is not found any more; here its memory and its place in local state are given back. */
static void sweep(void *pcscf)
{
	struct pcscf *p = pcscf;

	if (bindings_expire(p->bindings, clock_wall_ns() / 1000000))
		access_count(p);
	sip_timer_set(p->agent, SWEEP_MS, sweep, p);
}

void state_start_timers(void *pcscf)
{
	struct pcscf *p = pcscf;

	sip_timer_set(p->agent, SWEEP_MS, sweep, p);
}

void state_close(struct pcscf *p)
{
	bindings_free(p->bindings);
	if (p->keep)
		keep_close(p->keep);
}
