// SPDX-License-Identifier: Apache-2.0
/* A request for a user served here reaches the user's contacts. [TS 24.229 5.4.3.3]
 *
 *   I-CSCF ─▶ called user known, not barred? ─▶ charging, P-Called-Party-ID ─▶ contacts of the highest q, all at once,
 *             each along its Path ─ its flow failed? ─▶ the device's next ─ nobody takes it? ─▶ the next q
 *   a user unknown here but registered with the HSS is restored first [TS 23.380 4.4]; not registered: 480
 */
#include "scscf/session.h"
#include "common/sip/identity.h"
#include <string.h>
#include <strings.h>

static void serve(struct request *r, struct user *u);
static void fork_to_contacts(struct request *r, const struct user *u);
static void try_next_group(struct request *r);

/* step 1: who is called */
static void on_request(struct request *r)
{
	struct session *s = session_of(r);
	const char *domain;
	struct user *u;

	s->session_case = CASE_TERMINATING;
	s->start_ms = clock_wall_ns() / 1000000;
	s->served = identity_of_target(request_home(r), request_message(r));
	if (!s->served)
		return request_answer(r, 416, "neither a sip nor a tel URI");
	request_set_identity(r, s->served);
	u = user_serving(scscf_of(r)->users, s->served);
	if (u)
		return serve(r, u);
	domain = identity_domain(s->served);
	if (domain && strcasecmp(domain, scscf_of(r)->options->base.domain))
		return request_answer(r, 404, "not of this network: %s", s->served);
	restoration_begin(r, s->served, serve);
}

/* The phone learns which of its identities was called [TS 24.229 5.4.3.3 step 10, RFC 7315 4.2]. */
static void add_called_party(struct request *r)
{
	struct sip_message *m = request_message(r);

	header_remove(m, HEADER_P_CALLED_PARTY_ID);
	header_set(m, HEADER_P_CALLED_PARTY_ID, "<%s>", url_as_string(request_home(r), m->sip->sip_request->rq_url));
}

/* [TS 24.229 5.4.2.1.1] left out: the S-CSCF does not notify of registrations yet, and nobody else may */
static bool asks_for_registrations(struct request *r)
{
	const sip_t *sip = request_peek(r)->sip;

	return sip->sip_request->rq_method == sip_method_subscribe && sip->sip_event && !strcasecmp(sip->sip_event->o_type, "reg");
}

/* steps 2-10 */
static void serve(struct request *r, struct user *u)
{
	struct session *s = session_of(r);
	const struct public_identity *p = u ? user_identity(u, s->served) : NULL;

	/* not registered: without services for the unregistered there is nobody to ask [5.4.3.3 step 3, unregistered part] */
	if (!p && s->restoration.result == RESULT_ERROR_USER_UNKNOWN)
		return request_answer(r, 404, "no such user: %s", s->served);
	if (!p)
		return request_answer(r, 480, s->restoration.error ? "not known here and the HSS is silent: %s" : "not registered: %s", s->served);
	if (p->barred)
		return request_answer(r, 404, "called identity barred: %s", s->served); /* step 1 */
	if (asks_for_registrations(r))
		return request_answer(r, 489, "the reg event is not served");
	/* initial filter criteria come here [TS 24.229 5.4.3.3 step 4]: no application server yet */
	session_charge_request(r, false);
	session_record_route(r);
	header_remove(request_message(r), HEADER_P_SERVED_USER);
	add_called_party(r);
	fork_to_contacts(r, u);
}

/* ---- step 11: contacts in groups of one q [RFC 3261 16.6 step 1] ---- */

/* Of the flows to one device the newest is used first [RFC 5626 7]. */
static bool has_newer_flow(const struct bindings *all, const struct binding *b)
{
	for (const struct binding *o = all->first; b->instance && b->reg_id && o; o = o->next)
		if (o != b && o->instance && o->reg_id && !strcmp(o->instance, b->instance) && o->registered_ms > b->registered_ms)
			return true;
	return false;
}

/* The highest q below `limit`; -1: none. */
static int next_q(const struct bindings *all, int limit)
{
	int best = -1;

	for (const struct binding *b = all->first; b; b = b->next)
		if ((int)b->q < limit && (int)b->q > best && !has_newer_flow(all, b))
			best = (int)b->q;
	return best;
}

static struct target *target_of(struct request *r, const struct binding *b)
{
	struct session *s = session_of(r);
	struct target *t = target_new(r, b->uri, b->path);
	struct flow_try *f = t && b->instance && b->reg_id ? su_zalloc(request_home(r), sizeof *f) : NULL;

	if (!f)
		return t;
	*f = (struct flow_try){ .next = s->tries, .target = t, .instance = su_strdup(request_home(r), b->instance), .registered_ms = b->registered_ms };
	s->tries = f;
	s->try_count++;
	return t;
}

static void add_group(struct request *r, struct session *s, const struct bindings *all, int q)
{
	struct target **group = s->groups[s->group_count] = su_zalloc(request_home(r), (isize_t)(all->count * sizeof *group));
	int n = 0;

	for (const struct binding *b = all->first; group && b; b = b->next) {
		if ((int)b->q != q || has_newer_flow(all, b))
			continue;
		group[n] = target_of(r, b);
		if (group[n])
			n++;
	}
	s->group_sizes[s->group_count] = n;
	if (n)
		s->group_count++;
}

static void fork_to_contacts(struct request *r, const struct user *u)
{
	struct session *s = session_of(r);
	const struct bindings *all = &u->bindings;

	s->groups = su_zalloc(request_home(r), (isize_t)((all->count + 1) * sizeof *s->groups));
	s->group_sizes = su_zalloc(request_home(r), (isize_t)((all->count + 1) * sizeof *s->group_sizes));
	if (!s->groups || !s->group_sizes)
		return request_answer(r, 500, "out of memory");
	for (int q = next_q(all, 1001); q >= 0; q = next_q(all, q))
		add_group(r, s, all, q);
	try_next_group(r);
}

static void try_next_group(struct request *r)
{
	struct session *s = session_of(r);
	int i = s->next_group;

	if (i >= s->group_count)
		return request_answer(r, 480, "no contact of %s can be reached", s->served);
	s->next_group++;
	request_forward(r, s->groups[i], s->group_sizes[i]);
}

/* ---- flows that failed: 430 [RFC 5626 5.3, 7; TS 24.229 5.4.3.3] ---- */

static const struct binding *older_flow(const struct bindings *all, const struct flow_try *f)
{
	const struct binding *best = NULL;

	for (const struct binding *b = all->first; b; b = b->next)
		if (b->reg_id && b->instance && !strcmp(b->instance, f->instance) && b->registered_ms < f->registered_ms &&
		    (!best || b->registered_ms > best->registered_ms))
			best = b;
	return best;
}

/* Each device whose flow failed is tried over the one before that; false: there is none. */
static bool try_older_flows(struct request *r)
{
	struct session *s = session_of(r);
	const struct user *u = user_serving(scscf_of(r)->users, s->served);
	struct target **group = su_zalloc(request_home(r), (isize_t)((s->try_count + 1) * (int)sizeof *group));
	int n = 0;

	for (struct flow_try *f = s->tries; u && group && f; f = f->next) { /* new ones go before the first */
		const struct binding *b = f->followed || target_status(f->target) != 430 ? NULL : older_flow(&u->bindings, f);

		f->followed = true;
		group[n] = b ? target_of(r, b) : NULL;
		n += group[n] != NULL;
	}
	if (n)
		request_forward(r, group, n);
	return n > 0;
}

/* ---- responses ---- */

static void on_response(struct request *r, struct target *t, struct sip_message *response)
{
	const struct session *s = session_of(r);
	const struct user *u = user_serving(scscf_of(r)->users, s->served);

	(void)t;
	session_charge_response(r, response, true);
	if (u)
		session_complete_asserted(response, u);
	session_note_response(r, response);
}

/* A 6xx ends the search; nobody at all is 480: the P-CSCF, the phone or its flows are gone [TS 24.229 5.4.3.3, TS 23.380 5.4]. */
static void on_exhausted(struct request *r, int status)
{
	const struct session *s = session_of(r);

	if (status / 100 == 6 || request_cancelled(r) || try_older_flows(r))
		return;
	if (s->next_group < s->group_count || status == 0 || status == 430)
		try_next_group(r);
}

static void on_end(struct request *r, int status)
{
	session_note_end(r, status);
}

const struct procedure scscf_terminating = {
	.name = "scscf.terminating",
	.record_route = true,
	.on_request = on_request,
	.on_response = on_response,
	.on_exhausted = on_exhausted,
	.on_end = on_end,
};
