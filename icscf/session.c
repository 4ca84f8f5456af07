// SPDX-License-Identifier: Apache-2.0
/* An initial request for a user or a service of the home network finds its S-CSCF. [TS 24.229 5.3.2.1]
 *
 *   request ─▶ LIR ─┬─ server name ──────────────────▶ that S-CSCF, or the AS of a PSI
 *                   └─ capabilities ─▶ the best S-CSCF ─ silent? ─▶ the next best ─ none left? ─▶ 480
 *   a named server that is silent: LIR once more, with capabilities wanted [TS 29.228 6.1.4]
 */
#include "icscf/assignment.h"
#include "common/err.h"
#include "common/sip/identity.h"
#include <string.h>
#include <strings.h>

struct session {
	const char *served;          /* the identity asked for, canonical */
	struct assignment servers;
};

static const char *number_of(struct request *r);
static void ask(struct request *r, bool capabilities_wanted);
static void on_location(struct request *r, const struct cx_lia *lia, int err);

static void on_request(struct request *r)
{
	struct session *s = request_state(r, sizeof *s);
	struct sip_message *m = request_message(r);

	s->served = s->servers.uri = number_of(r);
	if (!s->served)
		s->served = identity_of_target(request_home(r), m);
	if (!s->served)
		return request_answer(r, 416, "neither a sip nor a tel URI");
	request_set_identity(r, s->served);
	/* step 1: what only the core may say is taken off a stranger's request [TS 24.229 5.3.2.1, 4.4] */
	if (!request_trusted(r))
		header_strip_trust_domain(m);
	ask(r, false);
}

/* A number in the dress of a SIP URI of ours is asked for, and goes on, as a tel URI [TS 24.229 5.3.2.1]; NULL: none. */
static const char *number_of(struct request *r)
{
	const url_t *u = request_peek(r)->sip->sip_request->rq_url;
	char kind[8] = "", *phone;

	if (u->url_type == url_tel || !u->url_user || *u->url_user != '+' || !u->url_host || !u->url_params)
		return NULL;
	if (!url_param(u->url_params, "user", kind, sizeof kind) || strcasecmp(kind, "phone"))
		return NULL;
	if (strcasecmp(u->url_host, icscf_of(r)->options->base.domain))
		return NULL;
	phone = home_format(request_home(r), "tel:%s", u->url_user);
	return phone ? identity_canonical(request_home(r), phone) : NULL;
}

static void ask(struct request *r, bool capabilities_wanted)
{
	struct session *s = request_state(r, sizeof *s);
	struct cx_lir lir = { .public_identity = s->served, .capabilities_wanted = capabilities_wanted, .trace_id = request_trace_id(r) };

	s->servers.asked_capabilities = capabilities_wanted;
	lir.feature_count = cx_features_put(lir.features, CX_IMS_RESTORATION);
	cx_ask_lir(icscf_of(r)->cx, r, &lir, on_location);
	request_wait(r);
}

/* step 2: the HSS has spoken, or has not */
static void on_location(struct request *r, const struct cx_lia *lia, int err)
{
	struct session *s = request_state(r, sizeof *s);
	int status;

	if (err)
		return request_answer(r, err_sip_unanswered(err, false), "HSS not reached: %s", strerror(-err));
	status = err_sip_status(lia->result, false);
	if (status == 404)
		return request_answer(r, 404, "no such user: %s", s->served);
	if (status == 480)
		return request_answer(r, 480, "not registered: %s", s->served);
	if (status)
		return request_answer(r, status, "HSS says %s for %s", result_name(lia->result), s->served);
	assignment_fill(r, &s->servers, s->servers.asked_capabilities ? NULL : lia->server_name, &lia->capabilities);
	if (!assignment_forward(r, &s->servers, false))
		request_answer(r, 480, "no S-CSCF for %s", s->served);
}

/* step 3: on to the next one when nobody answered; an answer of somebody goes up as it is */
static void on_exhausted(struct request *r, int status)
{
	struct session *s = request_state(r, sizeof *s);

	if (status != 0 && status != 503)
		return;
	if (assignment_forward(r, &s->servers, false))
		return;
	if (!s->servers.asked_capabilities)
		return ask(r, true);
	request_answer(r, 480, "no S-CSCF answers for %s", s->served);
}

/* An answer leaves the trust domain where its request came in: what is charged is nobody's business there. [TS 24.229 4.4.5] */
static void on_response(struct request *r, struct target *t, struct sip_message *response)
{
	(void)t;
	if (request_trusted(r))
		return;
	header_remove(response, HEADER_P_CHARGING_VECTOR);
	header_remove(response, HEADER_P_CHARGING_FUNCTION_ADDRESSES);
}

const struct procedure icscf_session = {
	.name = "icscf.session",
	.on_request = on_request,
	.on_response = on_response,
	.on_exhausted = on_exhausted,
};
