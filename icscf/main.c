// SPDX-License-Identifier: Apache-2.0
/* The I-CSCF: the way into the home network; asks the HSS which S-CSCF serves a user. [TS 23.228 4.6.2, TS 24.229 5.3] */
#include "common/daemon.h"
#include "common/diameter/start.h"
#include "common/sip/start.h"
#include "icscf/icscf.h"

static struct icscf icscf;

/* The I-CSCF is in no dialog: what has a To tag, or a Route beyond us, is only passed on. */
static const struct procedure *route(const struct request *r)
{
	const sip_t *sip = request_peek(r)->sip;

	if (sip->sip_request->rq_method == sip_method_register)
		return &icscf_registration;
	if (!request_initial(r) || sip->sip_route)
		return &icscf_onward;
	if (sip_names_us(r, icscf.options->sip.name))
		return &icscf_own;
	return &icscf_session;
}

/* Answers find the agent when they come, so that Cx may be there before it. */
static int post(void *self, void (*fn)(void *arg), void *arg)
{
	return sip_post(((struct icscf *)self)->agent, fn, arg);
}

static int prepare_cx(const struct icscf_options *o)
{
	const struct cx_host host = { .post = post, .loop = &icscf, .id_of = request_id, .by_id = request_by_id };
	int err = diameter_new_of(&o->base, &o->diameter, &icscf.node);

	if (err)
		return err;
	icscf.cx = cx_new(icscf.node, &host, o->diameter.realm);
	return icscf.cx ? 0 : -ENOMEM;
}

/* Until the HSS is there, what needs it is answered 480 or 504. */
static int start(struct daemon *d)
{
	const struct icscf_options *o = daemon_options(d);
	int err;

	icscf.options = o;
	daemon_set_self(d, &icscf);
	err = prepare_cx(o);
	if (!err)
		err = sip_start(&o->base, &o->sip, &o->trust, NULL, &o->mw, NULL, route, &icscf, &icscf.agent);
	if (!err)
		err = diameter_start(icscf.node);
	if (!err)
		daemon_ready();
	return err;
}

static bool drained(struct daemon *d)
{
	(void)d;
	sip_agent_drain(icscf.agent);
	return sip_agent_idle(icscf.agent);
}

static void stop(struct daemon *d)
{
	(void)d;
	sip_agent_stop(icscf.agent);
	diameter_stop(icscf.node);
	cx_free(icscf.cx);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = { .name = "icscf", .schema = &icscf_schema, .start = start, .drained = drained, .stop = stop };

	return daemon_main(&spec, argc, argv);
}
