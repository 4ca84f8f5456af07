// SPDX-License-Identifier: Apache-2.0
/* The S-CSCF: registrar of its users, and in the path of their calls. [TS 23.228 4.6.3, TS 24.229 5.4] */
#include "common/daemon.h"
#include "common/diameter/start.h"
#include "common/sip/start.h"
#include "scscf/ops.h"
#include "scscf/push.h"
#include "scscf/state.h"

static struct scscf scscf;

/* Along our Service-Route, or an AS that acts for the user. [TS 24.229 5.4.3.1] */
static bool originates(const struct request *r)
{
	struct bytes token;
	const char *purpose;
	bool orig;

	for (int i = 0; request_popped_route(r, i, &purpose, &token, &orig) == 0; i++)
		if (orig)
			return true;
	return false;
}

static const struct procedure *route(const struct request *r)
{
	if (!request_trusted(r))
		return &scscf_stranger;
	if (request_peek(r)->sip->sip_request->rq_method == sip_method_register)
		return &scscf_registration;
	if (!request_initial(r))
		return &scscf_in_dialog;
	if (originates(r))
		return &scscf_originating;
	return sip_names_us(r, scscf.options->sip.name) ? &scscf_own : &scscf_terminating;
}

/* Answers find the agent when they come, so that Cx may be there before it. */
static int post(void *self, void (*fn)(void *arg), void *arg)
{
	return sip_post(((struct scscf *)self)->agent, fn, arg);
}

static const struct cx_host host = { .post = post, .loop = &scscf, .id_of = request_id, .by_id = request_by_id };
static const struct cx_server server = { .self = &scscf, .rtr = push_on_rtr, .ppr = push_on_ppr, .host = &host };

static int prepare_cx(const struct scscf_options *o)
{
	int err = diameter_new_of(&o->base, &o->diameter, &scscf.node);

	if (!err)
		err = cx_serve(scscf.node, &server);
	if (err)
		return err;
	scscf.cx = cx_new(scscf.node, &host, o->diameter.realm);
	return scscf.cx ? 0 : -ENOMEM;
}

/* The timers of what was read back are set before an answer of the HSS can change it. */
static int start_sip(const struct scscf_options *o)
{
	int err = sip_start(&o->base, &o->sip, &o->trust, NULL, &o->mw, scscf.key, route, &scscf, &scscf.agent);

	return err ? err : sip_post(scscf.agent, state_start_timers, &scscf);
}

static int start(struct daemon *d)
{
	const struct scscf_options *o = daemon_options(d);
	int err;

	scscf.options = o;
	daemon_set_self(d, &scscf);
	err = state_open(&scscf);
	if (!err)
		err = prepare_cx(o);
	if (!err)
		err = start_sip(o);
	if (!err)
		err = diameter_start(scscf.node);
	if (!err)
		daemon_ready();
	return err;
}

static bool drained(struct daemon *d)
{
	(void)d;
	sip_agent_drain(scscf.agent);
	return sip_agent_idle(scscf.agent);
}

static void stop(struct daemon *d)
{
	(void)d;
	sip_agent_stop(scscf.agent);
	diameter_stop(scscf.node);
	cx_free(scscf.cx);
	state_close(&scscf);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = { .name = "scscf", .schema = &scscf_schema, .start = start, .drained = drained, .stop = stop,
						 .routes = ops_routes, .route_count = OPS_ROUTE_COUNT };

	return daemon_main(&spec, argc, argv);
}
