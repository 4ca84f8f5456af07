// SPDX-License-Identifier: Apache-2.0
/* A UE sends an initial request, of any method. [TS 24.229 5.2.6.3.3, 5.2.6.3.9; responses 5.2.6.3.4]
 *
 *   request ─▶ registered? ─▶ identity asserted, claims stripped, icid ─▶ its Route is the Service-Route? ─▶ S-CSCF
 */
#include "common/sip/identity.h"
#include "pcscf/access.h"
#include "pcscf/binding.h"
#include "pcscf/caller.h"
#include "pcscf/route.h"
#include "pcscf/trust.h"
#include <string.h>

static void forward(struct request *r, const struct binding *b);

/* `imsctl explain` finds it under the name the caller gives itself; nothing else believes that name. */
static void refuse_unregistered(struct request *r)
{
	const sip_t *sip = request_peek(r)->sip;
	const char *from = sip->sip_from ? identity_of_url(request_home(r), sip->sip_from->a_url) : NULL;

	if (from)
		request_set_identity(r, from);
	request_answer(r, 403, "not registered over this connection: %s", caller_flow(r));
}

/* step 1: who is it */
static void on_request(struct request *r)
{
	struct sip_message *m = request_message(r);
	struct binding *b;
	struct asserted a;

	if (m->sip->sip_request->rq_method == sip_method_ack)
		return request_drop(r);
	b = caller_find(r);
	if (!b)
		return refuse_unregistered(r);
	a = caller_asserted(request_home(r), m, b, NULL);
	request_set_identity(r, a.first);
	trust_strip_from_ue(m);
	if (caller_assert(m, &a) || access_charge(r))
		return request_answer(r, 500, "out of memory");
	route_seal(r, b->data.id, caller_flow(r));
	forward(r, b);
}

/* step 2: the way is the one given at registration, whatever the UE says */
static void forward(struct request *r, const struct binding *b)
{
	struct sip_message *m = request_message(r);
	const char *given = b->data.service_route;
	struct target *t;

	if (!*given)
		return request_answer(r, 403, "no Service-Route was given to this user");
	if (!strcmp(pcscf_of(r)->options->access.wrong_route, "refuse") && !route_is(request_home(r), m->sip->sip_route, given))
		return request_answer(r, 400, "Route is not the Service-Route");
	header_drop_all(m, m->sip->sip_route);
	t = target_new(r, NULL, given);
	if (!t)
		return request_answer(r, 500, "out of memory");
	target_set_side(t, "mw");
	request_forward(r, &t, 1);
}

/* step 3: what the network says among itself does not reach the UE [TS 24.229 5.2.6.3.4] */
static void on_response(struct request *r, struct target *t, struct sip_message *response)
{
	(void)r, (void)t;
	trust_strip_to_ue(response);
}

/* [TS 24.229 5.2.6.3.3] the S-CSCF is silent */
static void on_exhausted(struct request *r, int status)
{
	if (status == 0)
		request_answer(r, 504, "the S-CSCF does not answer");
}

const struct procedure pcscf_originating = {
	.name = "pcscf.originating",
	.record_route = true,
	.on_request = on_request,
	.on_response = on_response,
	.on_exhausted = on_exhausted,
};
