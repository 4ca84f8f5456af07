// SPDX-License-Identifier: Apache-2.0
/* Requests inside a dialog, both ways. [TS 24.229 5.2.6.3.5, 5.2.6.3.7, 5.2.6.4.5, 5.2.6.4.7]
 *
 *   our Record-Route entry names binding and flow ─┬─ it came over that flow ─▶ claims stripped ─▶ along its Route
 *                                                  ├─ from the core ──────────▶ kept back ─▶ over that flow ─▶ UE
 *                                                  └─ from anybody else ──────▶ 403
 *   No table of dialogs: the sealed entry is all there is to know, so that dialogs outlive a death of this process.
 */
#include "pcscf/binding.h"
#include "pcscf/caller.h"
#include "pcscf/pcscf.h"
#include "pcscf/route.h"
#include "pcscf/trust.h"
#include <sofia-sip/sip_extra.h>
#include <string.h>

struct in_dialog {
	bool from_ue;
};

static void refuse(struct request *r, int status, const char *why)
{
	if (request_peek(r)->sip->sip_request->rq_method == sip_method_ack)
		return request_drop(r);
	request_answer(r, status, "%s", why);
}

/* ---- from the UE ---- */

static bool is_from_ue(struct request *r, const struct route_token *t, struct binding *b)
{
	const char *flow = caller_flow(r);

	if (!strcmp(flow, t->flow) || (b && !strcmp(flow, b->data.flow_name)))
		return true;
	if (request_trusted(r))
		return false;
	return (b && caller_adopt(r, b)) || caller_reconnected(r, b ? b->data.flow_name : t->flow);
}

static void to_core(struct request *r, const struct binding *b)
{
	struct sip_message *m = request_message(r);

	/* the S-CSCF stays in every dialog: a Route past it is none we gave [TS 24.229 5.2.6.3.5 step 2] */
	if (b && !route_leads_to(request_home(r), m->sip->sip_route, b->data.service_route))
		return refuse(r, 400, "Route does not lead to the S-CSCF of this user");
	if (!m->sip->sip_route)
		return refuse(r, 400, "no Route beyond the P-CSCF");
	trust_strip_from_ue(m);
	header_drop_all(m, sip_p_preferred_identity(m->sip));
	request_forward_onward(r);
}

/* ---- towards the UE ---- */

/* Where the UE is now; where it was when the dialog began, if it is no longer registered. A reference. */
static struct flow *flow_to(struct request *r, const struct route_token *t, struct binding *b)
{
	struct flow *f = b ? binding_flow(request_agent(r), b) : NULL;

	if (f)
		return flow_ref(f);
	return *t->flow ? flow_parse(request_agent(r), t->flow) : NULL;
}

static void to_ue(struct request *r, struct flow *f)
{
	struct target *t;

	trust_strip_to_ue(request_message(r));
	t = target_new(r, NULL, NULL);
	if (!t)
		return refuse(r, 500, "out of memory");
	target_set_flow(t, f);
	target_set_side(t, "gm");
	target_set_first_answer_ms(t, 0);
	request_forward(r, &t, 1);
}

/* ---- which way ---- */

static void on_request(struct request *r)
{
	struct in_dialog *s = request_state(r, sizeof *s);
	struct route_token t;
	struct binding *b;
	struct flow *f;

	if (route_popped(r, "record-route", &t))
		return refuse(r, 481, "a dialog that did not begin through us");
	b = binding_by_id(pcscf_of(r)->bindings, t.binding);
	if (b)
		request_set_identity(r, b->data.identities[0]);
	s->from_ue = is_from_ue(r, &t, b);
	if (s->from_ue)
		return to_core(r, b);
	if (!request_trusted(r))
		return refuse(r, 403, "a stranger inside a dialog");
	f = flow_to(r, &t, b);
	if (f && flow_alive(f))
		to_ue(r, f);
	else
		refuse(r, 480, "the connection of this user is gone");
	flow_free(f);
}

static void on_response(struct request *r, struct target *t, struct sip_message *response)
{
	const struct in_dialog *s = request_state(r, sizeof *s);

	(void)t;
	if (s->from_ue)
		return trust_strip_to_ue(response);
	trust_strip_from_ue(response);
	header_drop_all(response, sip_p_preferred_identity(response->sip));
}

const struct procedure pcscf_in_dialog = {
	.name = "pcscf.in_dialog",
	.on_request = on_request,
	.on_response = on_response,
};
