// SPDX-License-Identifier: Apache-2.0
/* Which registered user a request comes from, and as whom that user may speak. [TS 24.229 5.2.6.3.1, RFC 3325 5]
 *
 *   the flow it came over has ─┬─ one user ───────▶ that one
 *                              ├─ many ───────────▶ the one registered with P-Preferred-Identity, Contact or From
 *                              └─ none ─▶ adopt? ─▶ the one with this Contact that registered from this address
 */
#include "pcscf/caller.h"
#include "common/log.h"
#include "common/sip/identity.h"
#include "pcscf/pcscf.h"
#include <sofia-sip/sip_extra.h>
#include <stdio.h>
#include <string.h>

const char *caller_flow(struct request *r)
{
	struct flow *f = flow_of(r);
	const char *name = f ? su_strdup(request_home(r), flow_name(f)) : "";

	flow_free(f);
	return name ? name : "";
}

/* ---- many users on one flow ---- */

struct claim {
	const char *preferred, *contact, *from;
};

static struct claim claim_of(struct request *r)
{
	const sip_t *sip = request_peek(r)->sip;
	const sip_p_preferred_identity_t *p = sip_p_preferred_identity(sip);
	su_home_t *home = request_home(r);

	return (struct claim){ .preferred = p ? identity_of_url(home, p->ppid_url) : NULL,
			       .contact = sip->sip_contact ? identity_of_url(home, sip->sip_contact->m_url) : NULL,
			       .from = sip->sip_from ? identity_of_url(home, sip->sip_from->a_url) : NULL };
}

/* The user with this identity who is on this flow. */
static struct binding *on_flow(const struct bindings *t, const char *identity, const char *flow)
{
	struct binding *b;

	for (b = identity ? binding_first(t, identity) : NULL; b; b = binding_next(t, identity, b))
		if (!strcmp(b->data.flow_name, flow) && binding_has_identity(b, identity))
			return b;
	return NULL;
}

static struct binding *choose(const struct bindings *t, const struct claim *c, const char *flow, struct binding *first)
{
	enum { LOOK_MAX = 64 };
	struct binding *b = on_flow(t, c->preferred, flow);
	int n = 0;

	if (!b)
		b = on_flow(t, c->from, flow);
	if (b || !c->contact)
		return b ? b : first;
	for (b = first; b && n < LOOK_MAX; b = binding_next(t, flow, b), n++)
		if (binding_has_contact(b, c->contact))
			return b;
	return first;
}

/* ---- a user on another flow than before ---- */

static bool same_host(const char *flow, const char *ip)
{
	size_t n = strlen(ip);

	flow += strcspn(flow, " ");
	flow += *flow == ' ';
	flow += *flow == '[' && *ip != '[';
	return !strncmp(flow, ip, n) && (flow[n] == ':' || flow[n] == ']');
}

/* A UE whose connection broke, or that takes TCP for a large request, is known by the address it registered from and its
 * Contact: what holds a user of SIP Digest without TLS is the address anyway [TS 33.203 N.2.1.2]. What TLS or AKA protects
 * is not given to another connection: that user registers again [TS 24.229 5.2.6.2, TS 33.203 O.2]. */
static bool safe_to_adopt(struct request *r, const struct binding *b, const char *contact)
{
	const struct access_options *o = &pcscf_of(r)->options->access;

	return o->adopt_new_flow == OPTION_YES && endpoint_transport(request_endpoint(r)) != SIP_TLS &&
	       strncmp(b->data.flow_name, "tls ", 4) != 0 && same_host(b->data.flow_name, request_source_ip(r)) &&
	       contact && binding_has_contact(b, contact);
}

/* The connection is where the user is now; a datagram user stays reachable where it registered. False: b is gone. */
static bool move(struct request *r, struct binding *b)
{
	struct bindings *t = pcscf_of(r)->bindings;
	struct flow *f, *old = binding_flow(request_agent(r), b);
	int err;

	if (!strncmp(b->data.flow_name, "udp ", 4) || (old && flow_alive(old)))
		return true;
	f = flow_of(r);
	if (!f)
		return true;
	log_event(LOG_INFO, "pcscf.caller", "impu=%s flow=\"%s\" is now \"%s\"", b->data.public_identity, b->data.flow_name, flow_name(f));
	err = binding_move(t, b, f);
	flow_free(f);
	return err != -ENOMEM && err != -EINVAL;
}

bool caller_adopt(struct request *r, struct binding *b)
{
	struct claim c = claim_of(r);

	return safe_to_adopt(r, b, c.contact) && move(r, b);
}

bool caller_reconnected(struct request *r, const char *name)
{
	struct flow *old;
	bool alive;

	if (pcscf_of(r)->options->access.adopt_new_flow != OPTION_YES || endpoint_transport(request_endpoint(r)) == SIP_TLS ||
	    strncmp(name, "tcp ", 4) != 0 || !same_host(name, request_source_ip(r)))
		return false;
	old = flow_parse(request_agent(r), name);
	alive = old && flow_alive(old);
	flow_free(old);
	return !alive;
}

static struct binding *adopt_one(struct request *r, const char *identity)
{
	const struct bindings *t = pcscf_of(r)->bindings;
	struct binding *b;

	for (b = identity ? binding_first(t, identity) : NULL; b; b = binding_next(t, identity, b))
		if (caller_adopt(r, b))
			return b;
	return NULL;
}

struct binding *caller_find(struct request *r)
{
	const struct bindings *t = pcscf_of(r)->bindings;
	const char *flow = caller_flow(r);
	struct binding *first = binding_first(t, flow), *b;
	struct claim c;

	if (first && !binding_next(t, flow, first))
		return first;
	c = claim_of(r);
	if (first)
		return choose(t, &c, flow, first);
	b = adopt_one(r, c.preferred);
	return b ? b : adopt_one(r, c.from);
}

/* ---- as whom it speaks ---- */

static bool is_tel(const char *identity)
{
	return !strncmp(identity, "tel:", 4);
}

struct asserted caller_asserted(su_home_t *home, const struct sip_message *m, const struct binding *b, const char *fallback)
{
	const sip_p_preferred_identity_t *p;
	struct asserted a = { .first = NULL };

	for (p = sip_p_preferred_identity(m->sip); p && !a.second; p = p->ppid_next) {
		const char *identity = identity_of_url(home, p->ppid_url);

		if (!identity || !binding_has_identity(b, identity))
			continue;
		if (!a.first)
			a.first = identity;
		else if (is_tel(a.first) != is_tel(identity))
			a.second = identity;
	}
	if (!a.first && fallback && binding_has_identity(b, fallback))
		a.first = fallback;
	if (!a.first)
		a.first = b->data.identities[0];
	return a;
}

static int add(struct sip_message *m, const char *identity)
{
	const char *line = identity ? home_format(m->home, "P-Asserted-Identity: <%s>", identity) : NULL;

	return line ? header_add_text(m, line) : identity ? -ENOMEM : 0;
}

int caller_assert(struct sip_message *m, const struct asserted *a)
{
	int err;

	header_drop_all(m, sip_p_preferred_identity(m->sip));
	header_drop_all(m, sip_p_asserted_identity(m->sip));
	err = add(m, a->first);
	return err ? err : add(m, a->second);
}
