// SPDX-License-Identifier: Apache-2.0
/* A request that a user served here originates. [TS 24.229 5.4.3.2]
 *
 *   P-CSCF ─▶ served user known, not barred? ─▶ charging, asserted identity ─▶ I-CSCF of the home network, or the other domain
 *   a user unknown here but registered with the HSS is restored first [TS 23.380 4.3]
 */
#include "scscf/session.h"
#include "common/sip/identity.h"
#include <string.h>
#include <strings.h>

static void serve(struct request *r, struct user *u);
static void forward(struct request *r);

/* step 1: the served user is the one that the P-CSCF, or an AS, asserts [TS 24.229 5.4.3.2 step 1, RFC 5502] */
static const char *served_by_header(struct request *r)
{
	const char *value = header_get(request_message(r), HEADER_P_SERVED_USER);
	const char *open = value ? strchr(value, '<') : NULL;
	const char *close = open ? strchr(open, '>') : NULL;

	return close ? identity_canonical(request_home(r), su_strndup(request_home(r), open + 1, close - open - 1)) : NULL;
}

static void on_request(struct request *r)
{
	struct session *s = session_of(r);
	const char *second = NULL;
	struct user *u;

	s->session_case = CASE_ORIGINATING;
	s->start_ms = clock_wall_ns() / 1000000;
	s->served = served_by_header(r);
	if (!s->served)
		s->served = session_asserted(request_home(r), request_message(r), &second);
	if (!s->served)
		return request_answer(r, 403, "no asserted identity");
	request_set_identity(r, s->served);
	u = user_serving(scscf_of(r)->users, s->served);
	if (!u && second && (u = user_serving(scscf_of(r)->users, second)))
		s->served = second;
	if (u)
		return serve(r, u);
	restoration_begin(r, s->served, serve);
}

/* steps 2-5: may this user do it, and what the core adds */
static void serve(struct request *r, struct user *u)
{
	struct session *s = session_of(r);
	struct sip_message *m = request_message(r);
	const struct public_identity *p = u ? user_identity(u, s->served) : NULL;

	if (!p)
		return request_answer(r, s->restoration.error ? 504 : 403, "caller not registered: %s", s->served);
	if (p->barred)
		return request_answer(r, 403, "caller barred: %s", s->served);
	session_complete_asserted(m, u);
	session_charge_request(r, true);
	session_record_route(r);
	header_remove(m, HEADER_P_SERVED_USER);
	/* initial filter criteria come here [TS 24.229 5.4.3.2 step 4]: no application server yet */
	forward(r);
}

static bool is_home(const struct request *r, const url_t *u)
{
	return u->url_host && !strcasecmp(u->url_host, scscf_of(r)->options->base.domain);
}

/* What stays inside the network does when the request leaves it [TS 24.229 4.4, 5.4.3.2 step 10]. */
static void strip_for_others(struct sip_message *m)
{
	header_remove(m, HEADER_P_ACCESS_NETWORK_INFO);
	header_remove(m, HEADER_P_CHARGING_FUNCTION_ADDRESSES);
	header_remove(m, HEADER_P_PROFILE_KEY);
}

/* steps 6-10: onward. A tel URI goes to our I-CSCF as it is: no ENUM is asked, the HSS knows the numbers of its own users
 * [TS 24.229 5.4.3.2 step 8, 5.3.2.1]. */
static void forward(struct request *r)
{
	struct sip_message *m = request_message(r);
	const url_t *u = m->sip->sip_request->rq_url;
	const char *hop = NULL;
	struct target *t;

	if (u->url_type != url_tel && u->url_type != url_sip && u->url_type != url_sips)
		return request_answer(r, 416, "neither a sip nor a tel URI");
	if (u->url_type == url_tel || is_home(r, u))
		hop = session_next_hop(r, request_home(r), scscf_of(r)->options->mw.icscf);
	else
		strip_for_others(m);
	if (!hop && m->sip->sip_route)
		return request_forward_onward(r);
	t = target_new(r, NULL, hop);
	if (!t)
		return request_answer(r, 500, "out of memory");
	request_forward(r, &t, 1);
}

static void on_response(struct request *r, struct target *t, struct sip_message *response)
{
	(void)t;
	session_charge_response(r, response, false);
	session_note_response(r, response);
}

/* the next hop is silent: [TS 24.229 5.4.3.2] as RFC 3261 16.7 says, without an answer of somebody 504 */
static void on_exhausted(struct request *r, int status)
{
	if (status == 0)
		request_answer(r, 504, "the next hop does not answer");
}

static void on_end(struct request *r, int status)
{
	session_note_end(r, status);
}

const struct procedure scscf_originating = {
	.name = "scscf.originating",
	.record_route = true,
	.on_request = on_request,
	.on_response = on_response,
	.on_exhausted = on_exhausted,
	.on_end = on_end,
};
