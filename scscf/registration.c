// SPDX-License-Identifier: Apache-2.0
/* A user registers, refreshes, asks for contacts, or goes. [TS 24.229 5.4.1.2, 5.4.1.4; RFC 3261 10.3]
 *
 *   REGISTER ─▶ checks ─▶ authentication ─┬─ no Contact ────────────────────────────▶ 200 with the contacts there are
 *                                         └─ rules ─▶ SAR ─▶ contacts stored ─▶ 200
 *   The old contacts stay until the SAA arrives; the SAR carries what a successor needs to restore them [TS 23.380 4.2].
 */
#include "scscf/registration.h"
#include "common/err.h"
#include "common/log.h"
#include "common/sip/identity.h"
#include "common/sip/start.h"
#include "scscf/cdr.h"
#include "scscf/restoration.h"
#include <inttypes.h>
#include <string.h>
#include <strings.h>

static void assign(struct request *r);
static void on_assigned(struct request *r, const struct cx_saa *saa, int err);
static void answer(struct request *r, const struct user *u);

static struct registration *state(struct request *r)
{
	return request_state(r, sizeof(struct registration));
}

static struct binding_bounds bounds_of(const struct request *r)
{
	const struct registration_options *o = &scscf_of(r)->options->registration;

	return (struct binding_bounds){ o->min_s, o->default_s, o->max_s, o->contacts_max };
}

/* Refuses, and leaves a record of it. */
static void reject(struct request *r, int status, const char *why)
{
	const struct registration *g = state(r);

	if (g->impu)
		cdr_registration(r, g->impu, g->impi, status);
	request_answer(r, status, "%s", why);
}

/* ---- step 1: is it for us, and do we understand it ---- */

static bool is_for_us(struct request *r)
{
	const struct scscf_options *o = scscf_of(r)->options;
	const char *host = request_peek(r)->sip->sip_request->rq_url->url_host;

	return host && (!strcasecmp(host, o->base.domain) || !strcasecmp(host, o->sip.name) || !strcasecmp(host, o->server_name + 4));
}

/* [RFC 3261 8.2.2.3] the extensions that a REGISTER may demand of us; NULL when we know them all */
static const char *unknown_extension(const sip_t *sip)
{
	static const char *const known[] = { "path", "outbound", "gruu", "sec-agree" };

	for (const sip_require_t *q = sip->sip_require; q; q = q->k_next)
		for (msg_param_t const *item = q->k_items; item && *item; item++) {
			bool found = false;

			for (size_t i = 0; i < ARRAY_LEN(known); i++)
				found = found || !strcasecmp(*item, known[i]);
			if (!found)
				return *item;
		}
	return NULL;
}

static void on_request(struct request *r)
{
	struct registration *g = state(r);
	struct sip_message *m = request_message(r);
	const char *extension = unknown_extension(m->sip);
	int err;

	if (!is_for_us(r))
		return request_answer(r, 404, "REGISTER for another domain");
	if (extension) {
		header_add_text(request_reply(r), home_format(request_home(r), "Unsupported: %s", extension));
		return request_answer(r, 420, "extension not known: %s", extension);
	}
	g->impu = identity_of_to(request_home(r), m);
	g->impi = identity_private(request_home(r), m);
	if (!g->impu || !g->impi)
		return request_answer(r, 400, "no public or private identity");
	request_set_identity(r, g->impu);
	err = registration_read_wish(r, g);
	if (err)
		return reject(r, err == -EINVAL ? 400 : 500, err == -EINVAL ? "a Contact that is no SIP URI or has a q that is none, or a Path that is not one" : "out of memory");
	registration_read_credentials(r, g);
	authentication_begin(r);
}

/* ---- step 3: the rules for contacts ---- */

void registration_authenticated(struct request *r)
{
	static const struct bindings none = { .first = NULL };
	struct registration *g = state(r);
	const struct user *u = user_find(scscf_of(r)->users, g->impu);
	struct binding_bounds b = bounds_of(r);
	int status;

	if (!g->wish.count && !g->wish.star)
		return answer(r, u);
	status = binding_check(u ? &u->bindings : &none, &g->wish, &b);
	if (status == 423)
		header_add_text(request_reply(r), home_format(request_home(r), "Min-Expires: %u", b.min_s));
	if (status)
		return reject(r, status, status == 423 ? "expiry too brief" : status == 400 ? "Contact: * or a repeated Contact" :
				 status == 403 ? "too many contacts" : "an older CSeq than what is registered");
	assign(r);
}

/* ---- step 4: the HSS hears of it [TS 24.229 5.4.1.2.1 step 12, 5.4.1.2.2, 5.4.1.4; TS 29.228 6.1.2] ---- */

static enum cx_assignment assignment_of(struct request *r, const struct user *u)
{
	static const struct bindings none = { .first = NULL };
	const struct registration *g = state(r);
	const struct bindings *have = u ? &u->bindings : &none;
	struct binding_bounds b = bounds_of(r);
	size_t all;

	if (!binding_count_after(have, &g->wish, &b, &all))
		return CX_USER_DEREGISTRATION;
	return binding_count_of(have, g->impi) ? CX_RE_REGISTRATION : CX_ASSIGN_REGISTRATION;
}

static void assign(struct request *r)
{
	struct registration *g = state(r);
	const struct user *u = user_find(scscf_of(r)->users, g->impu);
	struct binding_bounds b = bounds_of(r);
	struct cx_sar *sar = su_zalloc(request_home(r), sizeof *sar);

	if (!sar)
		return reject(r, 500, "out of memory");
	g->assignment = assignment_of(r, u);
	*sar = (struct cx_sar){ .private_identity = g->impi, .public_identities = { { g->impu }, 1 }, .assignment = g->assignment,
				.server_name = scscf_of(r)->options->server_name, .user_data_available = u != NULL,
				.destination_host = u ? u->hss : NULL, .trace_id = request_trace_id(r) };
	sar->has_restoration = g->assignment != CX_USER_DEREGISTRATION;
	if (sar->has_restoration)
		restoration_fill(request_home(r), u ? &u->bindings : NULL, &g->wish, &b, g->impi, &sar->restoration);
	sar->feature_count = cx_features_put(sar->features, SCSCF_FEATURES);
	cx_ask_sar(scscf_of(r)->cx, r, sar, on_assigned);
	request_wait(r);
}

/* ---- step 5: the contacts are ours ---- */

static void forget(struct request *r, struct user *u)
{
	struct registration *g = state(r);
	struct binding_bounds b = bounds_of(r);

	if (u) {
		binding_apply(&u->bindings, &g->wish, &b);
		if (u->bindings.count) {
			user_changed(u);
		} else {
			user_remove(u);
			u = NULL;
		}
	}
	log_event(LOG_INFO, "scscf.registration", "impu=%s impi=%s trace=%s deregistered", g->impu, g->impi, request_trace_id(r));
	answer(r, u);
}

static struct user *store(struct request *r, const struct cx_saa *saa)
{
	struct registration *g = state(r);
	struct users *t = scscf_of(r)->users;
	struct user *u = user_find(t, g->impu);
	struct binding_bounds b = bounds_of(r);
	bool is_new = !u;
	const char *why;

	if (saa->user_data.len && user_put(t, saa->user_data, saa->origin_host, &u, &why)) {
		reject(r, 500, home_format(request_home(r), "profile not read: %s", why));
		return NULL;
	}
	if (!u || !user_identity(u, g->impu)) {
		reject(r, 500, "the HSS gave no profile with this identity");
		if (u && !u->bindings.count)
			user_remove(u);
		return NULL;
	}
	if (is_new)
		restoration_merge(u, saa);
	binding_apply(&u->bindings, &g->wish, &b);
	user_changed(u);
	return u;
}

static void on_assigned(struct request *r, const struct cx_saa *saa, int err)
{
	struct registration *g = state(r);
	struct user *u = user_find(scscf_of(r)->users, g->impu);
	int status;

	if (err) {
		status = err_sip_unanswered(err, true);
		return reject(r, status, home_format(request_home(r), "HSS not reached: %s", strerror(-err)));
	}
	/* who wants to go goes, whatever the HSS thinks of it [TS 24.229 5.4.1.4] */
	if (g->assignment == CX_USER_DEREGISTRATION)
		return forget(r, u);
	status = err_sip_status(saa->result, true);
	if (status)
		return reject(r, status, home_format(request_home(r), "HSS does not assign %s: %s", g->impu, result_name(saa->result)));
	u = store(r, saa);
	if (!u)
		return;
	log_event(LOG_INFO, "scscf.registration", "impu=%s impi=%s trace=%s contacts=%zu %s", g->impu, g->impi, request_trace_id(r),
		  u->bindings.count, g->assignment == CX_RE_REGISTRATION ? "refreshed" : "registered");
	answer(r, u);
}

/* ---- step 6: 200 [TS 24.229 5.4.1.2.2F, RFC 3608, RFC 7315 4.1] ---- */

static void add_contacts(struct request *r, const struct user *u)
{
	uint64_t now_ms = clock_wall_ns() / 1000000;

	for (const struct binding *b = u->bindings.first; b; b = b->next)
		header_add_text(request_reply(r), home_format(request_home(r), "Contact: %s;expires=%" PRIu64, b->contact,
							     b->expires_ms > now_ms ? (b->expires_ms - now_ms + 500) / 1000 : 0));
}

/* The identities the user may use, the default one first, barred ones not at all [TS 24.229 5.4.1.2.2F, RFC 7315 4.1]. */
static void add_associated(struct request *r, const struct user *u)
{
	char *text = NULL;

	for (size_t i = 0; i < u->profile->identity_count; i++) {
		const struct public_identity *p = &u->profile->identities[i];

		if (p->barred || p->psi)
			continue;
		text = text ? home_format(request_home(r), "%s, <%s>", text, p->uri) : home_format(request_home(r), "<%s>", p->uri);
	}
	if (text)
		header_set(request_reply(r), HEADER_P_ASSOCIATED_URI, "%s", text);
}

/* The way of requests the user originates: to us, marked ;orig, with a token that nobody else can make [RFC 3608]. */
static void add_service_route(struct request *r)
{
	struct scscf *s = scscf_of(r);
	const struct endpoint *e = endpoint_find(request_agent(r), "mw", sip_transport_of(s->options->mw.transport));
	struct bytes token = { (const uint8_t *)"O", 1 };
	const char *route;

	if (!e)
		e = request_endpoint(r);
	route = route_own(request_agent(r), request_home(r), e, "service-route", token, "orig");
	if (route)
		header_add_text(request_reply(r), home_format(request_home(r), "Service-Route: %s", route));
}

static void add_path(struct request *r)
{
	const struct registration *g = state(r);

	if (g->wish.path)
		header_add_text(request_reply(r), home_format(request_home(r), "Path: %s", g->wish.path));
	for (size_t i = 0; i < g->wish.count; i++)
		if (g->wish.contacts[i].reg_id && g->wish.contacts[i].instance) { /* [RFC 5626 6] */
			header_add_text(request_reply(r), "Require: outbound");
			return;
		}
}

static void answer(struct request *r, const struct user *u)
{
	const struct registration *g = state(r);

	if (u) {
		add_contacts(r, u);
		add_associated(r, u);
		add_service_route(r);
	}
	add_path(r);
	if (g->wish.count || g->wish.star)
		cdr_registration(r, g->impu, g->impi, 200);
	request_answer(r, 200, NULL);
}

const struct procedure scscf_registration = {
	.name = "scscf.registration",
	.on_request = on_request,
};
