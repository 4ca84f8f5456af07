// SPDX-License-Identifier: Apache-2.0
/* The S-CSCF sends an initial request, of any method, to a contact registered here. [TS 24.229 5.2.6.4.3, 5.2.6.4.9;
 * responses 5.2.6.4.4]
 *
 *   request along our Path ─▶ which binding? ─▶ its flow alive? ─▶ what is the network's kept back ─▶ UE
 *   response of the UE ─▶ claims stripped, identity asserted, charging vector put back ─▶ S-CSCF
 */
#include "common/sip/identity.h"
#include "pcscf/binding.h"
#include "pcscf/caller.h"
#include "pcscf/pcscf.h"
#include "pcscf/route.h"
#include "pcscf/trust.h"
#include <string.h>

struct terminating {
	uint64_t binding;
	const char *called;              /* P-Called-Party-ID, canonical; NULL: none */
	const char *charging_vector;     /* NULL: none */
};

static void forward(struct request *r, struct binding *b);

static const char *called_party(struct request *r)
{
	const char *value = header_get(request_message(r), HEADER_P_CALLED_PARTY_ID);
	const char *open = value ? strchr(value, '<') : NULL, *close = open ? strchr(open, '>') : NULL;

	if (!close)
		return value ? identity_canonical(request_home(r), value) : NULL;
	return identity_canonical(request_home(r), su_strndup(request_home(r), open + 1, close - open - 1));
}

/* step 1: for whom */
static void on_request(struct request *r)
{
	struct terminating *s = request_state(r, sizeof *s);
	struct sip_message *m = request_message(r);
	struct route_token token;
	struct binding *b;

	if (m->sip->sip_request->rq_method == sip_method_ack)
		return request_drop(r);
	if (!request_trusted(r))
		return request_answer(r, 403, "a stranger knows a Path: %s", request_source(r));
	b = route_popped(r, "path", &token) ? NULL : binding_by_id(pcscf_of(r)->bindings, token.binding);
	if (!b)
		return request_answer(r, 480, "no such registration any more");
	request_set_identity(r, b->data.identities[0]);
	s->binding = token.binding;
	s->called = called_party(r);
	s->charging_vector = header_get(m, HEADER_P_CHARGING_VECTOR);
	if (s->charging_vector)
		s->charging_vector = su_strdup(request_home(r), s->charging_vector);
	forward(r, b);
}

/* step 2: over the flow it registered on, wherever its Contact points [TS 24.229 5.2.6.4.3, RFC 5626 5.3] */
static void forward(struct request *r, struct binding *b)
{
	struct flow *f = binding_flow(request_agent(r), b);
	struct target *t;

	if (!f || !flow_alive(f))
		return request_answer(r, b->data.outbound ? 430 : 480, "the connection of %s is gone", b->data.public_identity);
	trust_strip_to_ue(request_message(r));
	route_seal(r, b->data.id, b->data.flow_name);
	t = target_new(r, NULL, NULL);
	if (!t)
		return request_answer(r, 500, "out of memory");
	target_set_flow(t, f);
	target_set_side(t, "gm");
	target_set_first_answer_ms(t, 0);
	request_forward(r, &t, 1);
}

/* step 3: [TS 24.229 5.2.6.4.4] */
static void on_response(struct request *r, struct target *t, struct sip_message *response)
{
	const struct terminating *s = request_state(r, sizeof *s);
	const struct binding *b = binding_by_id(pcscf_of(r)->bindings, s->binding);
	struct asserted a;

	(void)t;
	trust_strip_from_ue(response);
	if (s->charging_vector)
		header_set(response, HEADER_P_CHARGING_VECTOR, "%s", s->charging_vector);
	if (!b)
		return;
	a = caller_asserted(request_home(r), response, b, s->called);
	caller_assert(response, &a);
}

const struct procedure pcscf_terminating = {
	.name = "pcscf.terminating",
	.record_route = true,
	.on_request = on_request,
	.on_response = on_response,
};
