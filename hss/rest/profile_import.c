// SPDX-License-Identifier: Apache-2.0
/* A ServiceProfile, read by the reader that the S-CSCF uses: what we give out it has understood before. */
#include "hss/rest/profile_import.h"
#include "common/ims/profile.h"
#include "hss/uri.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[SPT_REQUEST_URI] = "request-uri", [SPT_METHOD] = "method", [SPT_SIP_HEADER] = "sip-header", [SPT_SESSION_CASE] = "session-case",
	[SPT_SESSION_DESCRIPTION] = "session-description",
};

/* The reader wants a whole subscription: one around it, with a profile of an identity that nobody looks at. */
static char *wrap(struct bytes xml)
{
	const char *start = xml.len ? memmem(xml.data, xml.len, "<ServiceProfile", 15) : NULL;
	char *whole;

	if (!start || asprintf(&whole, "<IMSSubscription><PrivateID>x</PrivateID><ServiceProfile><PublicIdentity><Identity>sip:x</Identity>"
			       "</PublicIdentity></ServiceProfile>%.*s</IMSSubscription>", (int)((const char *)xml.data + xml.len - start), start) < 0)
		return NULL;
	return whole;
}

static int put_triggers(struct store *s, int64_t criterion, const struct filter_criterion *c)
{
	int err = 0;

	for (size_t i = 0; !err && i < c->trigger_count; i++) {
		const struct service_point_trigger *t = &c->triggers[i];

		err = store_trigger_put(s, criterion, (int)i, &(struct trigger_row){
			.kind = kinds[t->kind], .text = t->text, .content = t->content, .negated = t->negated, .group_mask = t->group_mask,
			.registration_types = t->registration_types, .session_case = t->kind == SPT_SESSION_CASE ? t->session_case : -1 });
	}
	return err;
}

static int put_criteria(struct store *s, int64_t profile, const struct service_profile *f)
{
	int err = 0;

	for (size_t i = 0; !err && i < f->criterion_count; i++) {
		const struct filter_criterion *c = &f->criteria[i];
		int64_t id;

		err = store_criterion_put(s, profile, &(struct criterion_row){
			.priority = c->priority, .part = c->part, .has_trigger = c->has_trigger, .cnf = c->cnf, .server_name = c->server_name,
			.service_info = c->service_info, .terminate_on_failure = c->terminate_on_failure,
			.include_request = c->include_register_request, .include_response = c->include_register_response }, &id);
		if (!err)
			err = put_triggers(s, id, c);
	}
	for (size_t i = 0; !err && i < f->shared_ifc_set_count; i++)
		err = store_shared_set_put(s, profile, f->shared_ifc_sets[i]);
	return err;
}

/* What the schema demands and the reader forgives. */
static const char *lacking(const struct service_profile *f)
{
	for (size_t i = 0; i < f->criterion_count; i++) {
		const struct filter_criterion *c = &f->criteria[i];

		if (c->priority < 0)
			return "a Priority is negative";
		if (i && c->priority == f->criteria[i - 1].priority) /* [TS 29.228 B.2.2] */
			return "two InitialFilterCriteria have the same Priority";
		if (c->part < -1 || c->part > 1)
			return "a ProfilePartIndicator is neither 0 nor 1";
		if (!is_sip_uri(c->server_name))
			return "the ServerName of an ApplicationServer is no SIP URI";
		if (c->has_trigger && !c->trigger_count)
			return "a TriggerPoint has no SPT";
		for (size_t k = 0; k < c->trigger_count; k++) {
			const struct service_point_trigger *t = &c->triggers[k];

			if (!t->group_mask)
				return "an SPT has no Group";
			if (t->registration_types > 7)
				return "a RegistrationType is none of 0, 1, 2";
			if (t->kind == SPT_SESSION_CASE ? t->session_case < 0 || t->session_case > 4 : !t->text || !*t->text)
				return "an SPT has no condition";
		}
	}
	return NULL;
}

int profile_import(struct store *s, const char *name, struct bytes xml, const char *field, int64_t *id, struct problem *p)
{
	char *whole = wrap(xml);
	struct subscription *sub = NULL;
	const char *why = "no ServiceProfile in it";
	int err;

	if (whole && !subscription_parse((struct bytes){ (const uint8_t *)whole, strlen(whole) }, &sub, &why))
		why = sub->profile_count == 2 ? lacking(&sub->profiles[1]) : "one ServiceProfile is expected";
	free(whole);
	if (why) {
		subscription_free(sub);
		return problem_set(p, 422, field, "%s", why);
	}
	err = store_profile_put(s, name, sub->profiles[1].media_profile_id, id);
	if (!err)
		err = put_criteria(s, *id, &sub->profiles[1]);
	subscription_free(sub);
	return err ? problem_of_store(p, err) : 0;
}
