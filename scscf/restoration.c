// SPDX-License-Identifier: Apache-2.0
/* State that went with the machine comes back from the HSS. [TS 23.380 4.2-4.4]
 *
 *   request for a user unknown here ─▶ SAR NO_ASSIGNMENT ─▶ User-Data, SCSCF-Restoration-Info ─▶ contacts as before
 *
 * The note about time is ours: `expires-at` behind the Contact, in seconds since 1970. */
#include "scscf/restoration.h"
#include "common/log.h"
#include "scscf/registration.h"
#include <inttypes.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_header.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- to the HSS ---- */

static void note(su_home_t *home, struct cx_restoration *out, const struct binding *b)
{
	struct cx_restoration_contact *c;

	if (out->count == CX_LIST_MAX)
		return;
	c = &out->contacts[out->count++];
	c->path = b->path ? su_strdup(home, b->path) : "";
	c->contact = home_format(home, "%s;expires-at=%" PRIu64, b->contact, b->expires_ms / 1000);
	c->call_id_sip_header = b->call_id ? su_strdup(home, b->call_id) : NULL;
	c->initial_cseq = home_format(home, "%u", b->cseq);
}

static bool copy_binding(struct bindings *to, const struct binding *b)
{
	struct binding *n = calloc(1, sizeof *n);

	if (!n)
		return false;
	*n = (struct binding){ .uri = strdup(b->uri), .key = strdup(b->key), .contact = strdup(b->contact),
			       .instance = b->instance ? strdup(b->instance) : NULL, .path = b->path ? strdup(b->path) : NULL,
			       .private_identity = strdup(b->private_identity), .call_id = b->call_id ? strdup(b->call_id) : NULL,
			       .reg_id = b->reg_id, .q = b->q, .cseq = b->cseq, .expires_ms = b->expires_ms };
	if (!n->uri || !n->key || !n->contact || !n->private_identity) {
		binding_free(n);
		return false;
	}
	binding_add(to, n);
	return true;
}

void restoration_fill(su_home_t *home, const struct bindings *have, const struct register_wish *w, const struct binding_bounds *bounds,
		      const char *private_identity, struct cx_restoration *out)
{
	struct bindings then = { .first = NULL };

	*out = (struct cx_restoration){ .private_identity = private_identity };
	for (const struct binding *b = have ? have->first : NULL; b; b = b->next)
		if (!strcmp(b->private_identity, private_identity))
			copy_binding(&then, b);
	binding_apply(&then, w, bounds);
	for (const struct binding *b = then.first; b; b = b->next)
		note(home, out, b);
	bindings_clear(&then);
}

/* ---- from the HSS ---- */

/* `<sip:a@b>;q=0.5;+sip.instance="..."`, the note taken off. Another make of S-CSCF says only when all of them end,
 * by Registration-Time-Out [TS 29.229 6.3.75]. */
static struct binding *read_contact(su_home_t *home, const struct cx_restoration_contact *c, const char *private_identity, int64_t time_out_s)
{
	sip_contact_t *m = sip_contact_make(home, c->contact);
	const char *at = m ? msg_header_find_param(m->m_common, "expires-at") : NULL;
	const char *reg_id = m ? msg_header_find_param(m->m_common, "reg-id") : NULL;
	const char *instance = m ? msg_header_find_param(m->m_common, "+sip.instance") : NULL;
	const char *end = strstr(c->contact, ";expires-at=");
	struct binding *b;

	if (!m || (!at && !time_out_s))
		return NULL;
	b = calloc(1, sizeof *b);
	if (!b)
		return NULL;
	*b = (struct binding){
		.uri = strdup(url_as_string(home, m->m_url)), .key = strdup(contact_key(home, m->m_url)),
		.contact = end ? strndup(c->contact, (size_t)(end - c->contact)) : strdup(c->contact),
		.instance = instance ? strdup(*instance == '"' ? msg_unquote_dup(home, instance) : instance) : NULL,
		.reg_id = reg_id ? (uint32_t)strtoul(reg_id, NULL, 10) : 0, .q = contact_q(m->m_q),
		.path = c->path && *c->path ? strdup(c->path) : NULL, .private_identity = strdup(private_identity),
		.call_id = c->call_id_sip_header ? strdup(c->call_id_sip_header) : NULL,
		.cseq = c->initial_cseq ? (uint32_t)strtoul(c->initial_cseq, NULL, 10) : 0,
		.expires_ms = (at ? strtoull(at, NULL, 10) : (uint64_t)time_out_s) * 1000,
	};
	return b;
}

void restoration_merge(struct user *u, const struct cx_saa *saa)
{
	uint64_t now_ms = clock_wall_ns() / 1000000;
	su_home_t home[1] = { SU_HOME_INIT(home) };

	for (size_t i = 0; i < saa->restoration_count; i++) {
		const struct cx_restoration *s = &saa->restorations[i];
		const char *owner = s->private_identity ? s->private_identity : saa->private_identity;

		for (size_t j = 0; owner && j < s->count; j++) {
			struct binding *b = read_contact(home, &s->contacts[j], owner, s->time_out_s);

			if (b && b->expires_ms > now_ms)
				binding_add(&u->bindings, b);
			else
				binding_free(b);
		}
	}
	su_home_deinit(home);
}

static struct user *rebuild(struct request *r, const struct restoration *s, const struct cx_saa *saa)
{
	struct scscf *self = scscf_of(r);
	struct user *u = user_serving(self->users, s->impu); /* a REGISTER may have been faster */
	const char *why;

	if (u)
		return u;
	if (!saa->user_data.len || !saa->restoration_count)
		return NULL;
	if (user_put(self->users, saa->user_data, saa->origin_host, &u, &why)) {
		log_event(LOG_ERROR, "scscf.restoration", "impu=%s trace=%s profile not read: %s", s->impu, request_trace_id(r), why);
		return NULL;
	}
	restoration_merge(u, saa);
	if (!u->bindings.count || !user_identity(u, s->impu)) {
		user_remove(u);
		return NULL;
	}
	user_changed(u);
	log_event(LOG_INFO, "scscf.restoration", "impu=%s trace=%s contacts=%zu restored", s->impu, request_trace_id(r), u->bindings.count);
	return u;
}

static void on_profile(struct request *r, const struct cx_saa *saa, int err)
{
	struct restoration *s = request_state(r, sizeof *s);

	s->error = err;
	if (!err)
		s->result = saa->result;
	s->then(r, !err && result_success(saa->result) ? rebuild(r, s, saa) : NULL);
}

void restoration_begin(struct request *r, const char *impu, void (*then)(struct request *r, struct user *u))
{
	struct restoration *s = request_state(r, sizeof *s);
	struct cx_sar sar = { .public_identities = { { impu }, 1 }, .server_name = scscf_of(r)->options->server_name,
			      .assignment = CX_NO_ASSIGNMENT, .trace_id = request_trace_id(r) };

	s->impu = impu;
	s->then = then;
	sar.feature_count = cx_features_put(sar.features, SCSCF_FEATURES);
	cx_ask_sar(scscf_of(r)->cx, r, &sar, on_profile);
	request_wait(r);
}
