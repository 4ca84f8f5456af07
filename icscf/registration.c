// SPDX-License-Identifier: Apache-2.0
/* A REGISTER finds its S-CSCF. [TS 24.229 5.3.1]
 *
 *   REGISTER ─▶ UAR ─┬─ server name ─────────────────▶ that S-CSCF
 *                    └─ capabilities ─▶ the best S-CSCF ─ silent, 3xx, 480? ─▶ the next best ─ none left? ─▶ 504
 *   a named server that is silent: UAR once more, with REGISTRATION_AND_CAPABILITIES [5.3.1.3, TS 29.228 6.1.1]
 */
#include "icscf/assignment.h"
#include "common/err.h"
#include "common/sip/identity.h"
#include <string.h>

struct registration {
	const char *private_identity, *public_identity, *visited_network;
	struct assignment servers;
	bool by_capabilities, emergency;
};

static void ask(struct request *r, enum cx_authorization authorization);
static void on_authorized(struct request *r, const struct cx_uaa *uaa, int err);

/* P-Visited-Network-ID: a token or a quoted string [RFC 7315 4.3]; the home network when a P-CSCF left it out. */
static const char *visited_network(struct request *r)
{
	const char *v = header_get(request_message(r), HEADER_P_VISITED_NETWORK_ID);
	char *copy;

	if (!v || !*v)
		return icscf_of(r)->options->base.domain;
	v += *v == '"';
	copy = su_strdup(request_home(r), v);
	if (copy)
		copy[strcspn(copy, "\",;")] = 0;
	return copy;
}

/* A binding is to go, and none is to come. [TS 24.229 5.3.1.2] User-Authorization-Type */
static bool is_deregistration(const sip_t *sip)
{
	const sip_contact_t *c = sip->sip_contact;
	const char *general = sip->sip_expires && sip->sip_expires->ex_delta == 0 && !sip->sip_expires->ex_date ? "0" : NULL;

	if (!c)
		return false;
	for (; c; c = c->m_next) {
		const char *expires = c->m_expires ? c->m_expires : general;

		if (!expires || strspn(expires, "0") != strlen(expires))
			return false;
	}
	return true;
}

/* An emergency registration: "sos" in the URI of a Contact [TS 24.229 5.3.1.2, 7.2A.13] */
static bool is_emergency(const sip_t *sip)
{
	for (const sip_contact_t *c = sip->sip_contact; c; c = c->m_next)
		if (c->m_url->url_params && url_has_param(c->m_url, "sos"))
			return true;
	return false;
}

static void on_request(struct request *r)
{
	struct registration *g = request_state(r, sizeof *g);
	struct sip_message *m = request_message(r);

	/* only a P-CSCF or another core entity brings a REGISTER [TS 24.229 5.3.1.1, 4.4] */
	if (!request_trusted(r))
		return request_answer(r, 403, "REGISTER from outside the trust domain");
	g->public_identity = identity_of_to(request_home(r), m);
	g->private_identity = identity_private(request_home(r), m);
	if (!g->public_identity || !g->private_identity)
		return request_answer(r, 400, "no public or private identity");
	request_set_identity(r, g->public_identity);
	g->visited_network = visited_network(r);
	g->emergency = is_emergency(m->sip);
	ask(r, is_deregistration(m->sip) ? CX_DEREGISTRATION : CX_REGISTRATION);
}

static void ask(struct request *r, enum cx_authorization authorization)
{
	struct registration *g = request_state(r, sizeof *g);
	struct cx_uar uar = { .private_identity = g->private_identity, .public_identity = g->public_identity,
			      .visited_network = g->visited_network, .authorization = authorization, .emergency = g->emergency,
			      .trace_id = request_trace_id(r) };

	g->servers.asked_capabilities = authorization == CX_REGISTRATION_AND_CAPABILITIES;
	uar.feature_count = cx_features_put(uar.features, CX_IMS_RESTORATION);
	cx_ask_uar(icscf_of(r)->cx, r, &uar, on_authorized);
	request_wait(r);
}

/* step 2: the HSS has spoken, or has not [TS 24.229 5.3.1.2, 5.3.1.3] */
static void on_authorized(struct request *r, const struct cx_uaa *uaa, int err)
{
	struct registration *g = request_state(r, sizeof *g);
	int status;

	if (err)
		return request_answer(r, err_sip_unanswered(err, true), "HSS not reached: %s", strerror(-err));
	status = err_sip_status(uaa->result, true);
	if (status)
		return request_answer(r, status, "HSS refuses %s: %s", g->public_identity, result_name(uaa->result));
	/* asked for capabilities, the HSS may still name the dead one: that name does not count */
	g->by_capabilities = !uaa->server_name || g->servers.asked_capabilities;
	assignment_fill(r, &g->servers, g->by_capabilities ? NULL : uaa->server_name, &uaa->capabilities);
	if (assignment_forward(r, &g->servers, true))
		return;
	if (g->servers.tried.count)
		return request_answer(r, 504, "no other S-CSCF for %s", g->public_identity);
	request_answer(r, 600, "no S-CSCF has the capabilities for %s", g->public_identity); /* [TS 24.229 5.3.1.3] */
}

/* step 3: silent, 3xx and 480 send us to another one [TS 24.229 5.3.1.3, TS 23.380 4.2] */
static void on_exhausted(struct request *r, int status)
{
	struct registration *g = request_state(r, sizeof *g);

	if (status != 0 && status != 408 && status != 480 && status != 503 && status / 100 != 3)
		return;
	if (assignment_forward(r, &g->servers, true))
		return;
	if (!g->servers.asked_capabilities)
		return ask(r, CX_REGISTRATION_AND_CAPABILITIES);
	if (status == 0 || status == 408 || status == 503)
		request_answer(r, 504, "no S-CSCF answers for %s", g->public_identity);
}

const struct procedure icscf_registration = {
	.name = "icscf.registration",
	.on_request = on_request,
	.on_exhausted = on_exhausted,
};
