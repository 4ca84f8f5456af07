// SPDX-License-Identifier: Apache-2.0
/* What both halves of a session share. [TS 24.229 5.4.3] */
#include "scscf/session.h"
#include "common/sip/identity.h"
#include "scscf/cdr.h"
#include <sofia-sip/sip_extra.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct session *session_of(struct request *r)
{
	return request_state(r, sizeof(struct session));
}

/* ---- P-Charging-Vector [RFC 7315 4.6] ---- */

/* `value` without its parameter `name`. */
static char *without(su_home_t *home, const char *value, const char *name)
{
	size_t n = strlen(name);
	char *out = su_strdup(home, ""), *copy = su_strdup(home, value), *rest = copy, *part;

	while (out && (part = strsep(&rest, ";"))) {
		part += strspn(part, " \t");
		if (!strncasecmp(part, name, n) && (part[n] == '=' || part[n] == ' '))
			continue;
		out = home_format(home, "%s%s%s", out, *out ? ";" : "", part);
	}
	return out;
}

static const char *with_ioi(su_home_t *home, const char *value, const char *name, const char *network)
{
	return home_format(home, "%s;%s=%s", without(home, value, name), name, network);
}

void session_charge_request(struct request *r, bool originating)
{
	struct session *s = session_of(r);
	struct sip_message *m = request_message(r);
	const char *value = header_get(m, HEADER_P_CHARGING_VECTOR);

	if (!value)
		value = home_format(request_home(r), "icid-value=\"%s\"", request_trace_id(r));
	s->icid = su_strdup(request_home(r), request_trace_id(r));
	if (originating) {
		s->orig_ioi = scscf_of(r)->options->base.domain;
		value = with_ioi(request_home(r), value, "orig-ioi", s->orig_ioi);
	} else {
		s->orig_ioi = header_param(m, value, "orig-ioi");
		if (s->orig_ioi)
			s->orig_ioi = su_strdup(request_home(r), s->orig_ioi);
	}
	value = su_strdup(request_home(r), value);
	header_remove(m, HEADER_P_CHARGING_VECTOR);
	header_set(m, HEADER_P_CHARGING_VECTOR, "%s", value);
}

void session_charge_response(struct request *r, struct sip_message *response, bool terminating)
{
	struct session *s = session_of(r);
	const char *value = header_get(response, HEADER_P_CHARGING_VECTOR);
	const char *ioi;

	if (!terminating) {
		ioi = value ? header_param(response, value, "term-ioi") : NULL;
		if (ioi)
			s->term_ioi = su_strdup(request_home(r), ioi);
		return;
	}
	s->term_ioi = scscf_of(r)->options->base.domain;
	if (!value)
		value = home_format(request_home(r), "icid-value=\"%s\"%s%s", s->icid, s->orig_ioi ? ";orig-ioi=" : "", s->orig_ioi ? s->orig_ioi : "");
	value = with_ioi(request_home(r), value, "term-ioi", s->term_ioi);
	header_remove(response, HEADER_P_CHARGING_VECTOR);
	header_set(response, HEADER_P_CHARGING_VECTOR, "%s", value);
}

/* ---- P-Asserted-Identity [RFC 3325 9.1] ---- */

const char *session_asserted(su_home_t *home, const struct sip_message *m, const char **second)
{
	const sip_p_asserted_identity_t *p = sip_p_asserted_identity(m->sip);

	*second = p && p->paid_next ? identity_of_url(home, p->paid_next->paid_url) : NULL;
	return p ? identity_of_url(home, p->paid_url) : NULL;
}

void session_complete_asserted(struct sip_message *m, const struct user *u)
{
	const char *second, *first = session_asserted(m->home, m, &second);
	const char *other;

	if (!first || second || !user_identity(u, first))
		return;
	other = user_identity_of_scheme(u, NULL, strncmp(first, "tel:", 4) ? "tel:" : "sip:");
	if (other)
		header_add_text(m, home_format(m->home, "P-Asserted-Identity: <%s>", other));
}

/* ---- the record ---- */

void session_record_route(struct request *r)
{
	const char *half = session_of(r)->session_case == CASE_ORIGINATING ? "O" : "T";

	request_set_route_token(r, (struct bytes){ (const uint8_t *)half, 1 });
}

static const char *from_text(su_home_t *home, const sip_t *sip)
{
	return sip->sip_from ? identity_of_url(home, sip->sip_from->a_url) : NULL;
}

static const char *to_text(su_home_t *home, const sip_t *sip)
{
	return sip->sip_to ? identity_of_url(home, sip->sip_to->a_url) : NULL;
}

void session_note_response(struct request *r, const struct sip_message *response)
{
	struct session *s = session_of(r);
	const sip_t *sip = request_peek(r)->sip;
	int status = response->sip->sip_status ? response->sip->sip_status->st_status : 0;

	if (sip->sip_request->rq_method != sip_method_invite || status / 100 != 2)
		return;
	if (!s->answer_ms)
		s->answer_ms = clock_wall_ns() / 1000000;
	dialog_began(scscf_of(r)->dialogs,
		     &(struct dialog){ .call_id = sip->sip_call_id->i_id, .icid = s->icid, .from = from_text(request_home(r), sip),
				       .to = to_text(request_home(r), sip), .orig_ioi = s->orig_ioi, .term_ioi = s->term_ioi,
				       .session_case = s->session_case, .start_ms = s->start_ms, .answer_ms = s->answer_ms });
}

void session_note_end(struct request *r, int status)
{
	struct session *s = session_of(r);
	const sip_t *sip = request_peek(r)->sip;
	sip_method_t method = sip->sip_request->rq_method;

	if (method != sip_method_message && !(method == sip_method_invite && status >= 300))
		return;
	cdr_session(scscf_of(r), &(struct cdr_session){ .type = method == sip_method_message ? "message" : "call",
							.session_case = session_case_name(s->session_case), .icid = s->icid,
							.orig_ioi = s->orig_ioi, .term_ioi = s->term_ioi,
							.from = from_text(request_home(r), sip), .to = to_text(request_home(r), sip),
							.call_id = sip->sip_call_id->i_id, .start_ms = s->start_ms,
							.end_ms = clock_wall_ns() / 1000000, .result = status });
}

const char *session_next_hop(const struct request *r, su_home_t *home, const char *host)
{
	const char *transport = scscf_of(r)->options->mw.transport;

	return home_format(home, "%s%s;transport=%s", strncmp(host, "sip:", 4) ? "sip:" : "", host, transport);
}
