// SPDX-License-Identifier: Apache-2.0
/* A UE registers, refreshes or goes. [TS 24.229 5.2.2]
 *
 *   REGISTER ─▶ claims stripped, Path, visited network, icid, protection ─▶ I-CSCF ─┬─ 401 ─▶ ck and ik taken out ─▶ UE
 *                                                                                    └─ 200 ─▶ the binding is kept ─▶ UE
 *   The number in the Path names the binding; a refresh of the same contact keeps it, so that dialogs find their user again.
 */
#include "common/log.h"
#include "common/sip/identity.h"
#include "common/sip/start.h"
#include "pcscf/access.h"
#include "pcscf/binding.h"
#include "pcscf/caller.h"
#include "pcscf/pcscf.h"
#include "pcscf/route.h"
#include "pcscf/security.h"
#include "pcscf/trust.h"
#include <inttypes.h>
#include <sofia-sip/sip_header.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONTACTS_MAX = 16 };

struct registration {
	const char *impu, *impi, *flow;
	uint64_t id;                          /* of the binding: the one there is, or to be */
	const char *contacts[CONTACTS_MAX];   /* canonical */
	unsigned contact_count;
	bool star, outbound;
};

static void forward(struct request *r);

static struct registration *state(struct request *r)
{
	return request_state(r, sizeof(struct registration));
}

/* ---- step 1: who, and with which contacts ---- */

static void read_contacts(struct request *r, struct registration *g)
{
	const sip_t *sip = request_peek(r)->sip;
	const sip_contact_t *c;

	for (c = sip->sip_contact; c && g->contact_count < CONTACTS_MAX; c = c->m_next) {
		const char *uri = identity_of_url(request_home(r), c->m_url);

		g->star |= c->m_url->url_type == url_any;
		g->outbound |= msg_header_find_param(c->m_common, "reg-id=") != NULL;
		if (uri)
			g->contacts[g->contact_count++] = uri;
	}
	g->outbound &= sip_has_feature(sip->sip_supported, "outbound");
}

static struct binding *known(struct request *r, const struct registration *g)
{
	struct binding *b = NULL;

	for (unsigned i = 0; !b && i < g->contact_count; i++)
		b = binding_by_contact(pcscf_of(r)->bindings, g->impu, g->contacts[i]);
	return b;
}

/* [TS 24.229 5.2.2.1] home and roaming users are served; a REGISTER for elsewhere is not relayed */
static bool serves(const struct request *r)
{
	const struct pcscf_options *o = pcscf_of(r)->options;
	const char *host = request_peek(r)->sip->sip_request->rq_url->url_host;
	bool found = host && !strcasecmp(host, o->base.domain);

	for (unsigned i = 0; host && !found && i < o->roaming_count; i++)
		found = !strcasecmp(host, o->roaming[i]);
	return found;
}

static void on_request(struct request *r)
{
	struct registration *g = state(r);
	struct sip_message *m = request_message(r);
	struct binding *b;

	g->impu = identity_of_to(request_home(r), m);
	g->impi = identity_private(request_home(r), m);
	if (!g->impu || !g->impi)
		return request_answer(r, 400, "no public or private identity");
	request_set_identity(r, g->impu);
	if (!serves(r))
		return request_answer(r, 403, "REGISTER for a network we have no agreement with");
	if (security_is_aka(m) && !pcscf_of(r)->options->access.aka_without_ipsec)
		return request_answer(r, 403, "AKA needs ipsec-3gpp, which is not offered");
	read_contacts(r, g);
	b = known(r, g);
	g->id = b ? b->data.id : binding_new_id();
	g->flow = caller_flow(r);
	forward(r);
}

/* ---- step 2: what we vouch for ---- */

/* [TS 24.229 5.2.2.4] the same private identity registered over this very TLS connection */
static bool known_over_tls(struct request *r, const struct registration *g)
{
	const struct bindings *t = pcscf_of(r)->bindings;
	struct binding *b;

	for (b = binding_first(t, g->impu); b; b = binding_next(t, g->impu, b))
		if (!strcmp(b->data.flow_name, g->flow) && !strcmp(b->data.private_identity, g->impi) && b->flow && flow_same(b->flow, r))
			return true;
	return false;
}

static void vouch(struct request *r)
{
	const struct registration *g = state(r);
	struct sip_message *m = request_message(r);
	bool tls = endpoint_transport(request_endpoint(r)) == SIP_TLS;
	struct protection_facts f = { .tls = tls, .known = tls && known_over_tls(r, g), .has_response = security_has_response(m),
				      .aka = security_is_aka(m) };

	security_mark(m, protection_of(&f));
}

/* [TS 24.229 5.2.2.1] what of security agreement is between the UE and us */
static void strip_agreement(struct sip_message *m)
{
	header_drop_all(m, m->sip->sip_security_client);
	header_drop_all(m, m->sip->sip_security_verify);
	header_drop_all(m, m->sip->sip_security_server);
}

static int add_path(struct request *r)
{
	const struct registration *g = state(r);
	const struct endpoint *e = access_core_endpoint(r);
	uint8_t bytes[ROUTE_TOKEN_MAX];
	struct bytes token = { bytes, route_token_write(g->id, "", bytes) };
	const char *path = route_own(request_agent(r), request_home(r), e, "path", token, g->outbound ? "ob" : NULL);

	return path ? header_add_text(request_message(r), home_format(request_home(r), "Path: %s", path)) : -ENOMEM;
}

static int edit(struct request *r)
{
	struct sip_message *m = request_message(r);

	trust_strip_from_ue(m);
	header_drop_all(m, m->sip->sip_path);
	header_drop_all(m, m->sip->sip_route);
	strip_agreement(m);
	vouch(r);
	if (add_path(r) || header_add_text(m, "Require: path") ||
	    header_set(m, HEADER_P_VISITED_NETWORK_ID, "\"%s\"", pcscf_of(r)->options->visited_network))
		return -ENOMEM;
	return access_charge(r);
}

/* ---- step 3: to the home network's I-CSCF ---- */

static void forward(struct request *r)
{
	const struct pcscf_options *o = pcscf_of(r)->options;
	const char *host = request_peek(r)->sip->sip_request->rq_url->url_host, *hop = NULL;
	struct target *t;

	if (edit(r))
		return request_answer(r, 500, "out of memory");
	if (!strcasecmp(host, o->base.domain))
		hop = home_format(request_home(r), "sip:%s;transport=%s", o->mw.icscf, o->mw.transport);
	t = target_new(r, NULL, hop);
	if (!t)
		return request_answer(r, 500, "out of memory");
	target_set_side(t, "mw");
	request_forward(r, &t, 1);
}

/* ---- step 4: the answer ---- */

/* The seconds that one of our contacts has, the longest of them; -1: none is registered. */
static long granted(struct request *r, const sip_t *response)
{
	const struct registration *g = state(r);
	const sip_contact_t *c;
	long most = -1;

	for (c = response->sip_contact; c; c = c->m_next) {
		const char *uri = identity_of_url(request_home(r), c->m_url);
		const char *expires = c->m_expires;
		long seconds = expires ? atol(expires) : response->sip_expires ? (long)response->sip_expires->ex_delta : 3600;

		for (unsigned i = 0; uri && i < g->contact_count; i++)
			if (!strcmp(uri, g->contacts[i]) && seconds > most)
				most = seconds;
	}
	return most;
}

static const char *join(su_home_t *home, const char *const *words, unsigned n)
{
	const char *text = n ? words[0] : "";

	for (unsigned i = 1; i < n && text; i++)
		text = home_format(home, "%s %s", text, words[i]);
	return text;
}

/* P-Associated-URI: the first is the default identity; without it the one that was registered. [TS 24.229 5.2.2.1, RFC 7315 4.1] */
static void read_identities(struct request *r, const struct sip_message *response, struct binding_data *d)
{
	const char *value = header_get(response, HEADER_P_ASSOCIATED_URI), *end;

	for (; value && (value = strchr(value, '<')) && d->identity_count < BINDING_IDENTITIES_MAX; value = end) {
		const char *identity;

		end = strchr(value, '>');
		if (!end)
			break;
		identity = identity_canonical(request_home(r), su_strndup(request_home(r), value + 1, end - value - 1));
		if (identity)
			d->identities[d->identity_count++] = identity;
	}
	if (!d->identity_count)
		d->identities[d->identity_count++] = state(r)->impu;
}

/* Of one contact the newest flow counts; others of this user with the same contact are what is left of an older registration. */
static void remove_others(struct request *r, bool all)
{
	const struct registration *g = state(r);
	struct bindings *t = pcscf_of(r)->bindings;
	struct binding *b, *next;

	for (b = binding_first(t, g->impu); b; b = next) {
		bool same = all;

		next = binding_next(t, g->impu, b);
		for (unsigned i = 0; i < g->contact_count; i++)
			same |= binding_has_contact(b, g->contacts[i]);
		if (same && b->data.id != g->id && !strcmp(b->data.private_identity, g->impi))
			binding_remove(t, b);
	}
}

static void store(struct request *r, const struct sip_message *response, long seconds)
{
	const struct registration *g = state(r);
	struct bindings *t = pcscf_of(r)->bindings;
	struct binding_data d = { .id = g->id, .expires_ms = clock_wall_ns() / 1000000 + (uint64_t)seconds * 1000, .outbound = g->outbound,
				  .flow_name = g->flow, .private_identity = g->impi, .public_identity = g->impu,
				  .contacts = join(request_home(r), g->contacts, g->contact_count),
				  .service_route = header_list(request_home(r), response->sip->sip_service_route) };
	struct flow *f = flow_of(r);
	struct binding *b;
	int err;

	d.service_route = d.service_route ? d.service_route : "";
	read_identities(r, response, &d);
	err = d.contacts ? binding_store(t, &d, f, &b) : -ENOMEM;
	flow_free(f);
	if (err)
		log_event(LOG_ERROR, "pcscf.registration", "impu=%s trace=%s not kept: %s", g->impu, request_trace_id(r), strerror(-err));
	remove_others(r, false);
	log_event(LOG_INFO, "pcscf.registration", "impu=%s impi=%s trace=%s flow=\"%s\" expires=%ld registered", g->impu, g->impi,
		  request_trace_id(r), g->flow, seconds);
}

static void forget(struct request *r)
{
	const struct registration *g = state(r);
	struct binding *b = binding_by_id(pcscf_of(r)->bindings, g->id);

	if (g->star)
		remove_others(r, true);
	if (b)
		binding_remove(pcscf_of(r)->bindings, b);
	log_event(LOG_INFO, "pcscf.registration", "impu=%s impi=%s trace=%s deregistered", g->impu, g->impi, request_trace_id(r));
}

static void accept(struct request *r, const struct sip_message *response)
{
	const struct registration *g = state(r);
	long seconds;

	if (!g->contact_count && !g->star)
		return; /* it only asked which contacts there are */
	seconds = g->star ? 0 : granted(r, response->sip);
	if (seconds > 0)
		store(r, response, seconds);
	else
		forget(r);
	access_count(pcscf_of(r));
}

static void on_response(struct request *r, struct target *t, struct sip_message *response)
{
	(void)t;
	security_take_keys(response);
	if (response->sip->sip_status->st_status / 100 == 2)
		accept(r, response);
	trust_strip_to_ue(response);
}

/* [TS 24.229 5.2.2.1] no I-CSCF answers */
static void on_exhausted(struct request *r, int status)
{
	if (status == 0)
		request_answer(r, 504, "the I-CSCF does not answer");
}

const struct procedure pcscf_registration = {
	.name = "pcscf.registration",
	.on_request = on_request,
	.on_response = on_response,
	.on_exhausted = on_exhausted,
};
