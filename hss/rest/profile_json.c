// SPDX-License-Identifier: Apache-2.0
/* A service profile from JSON: checked, then written as the XML that profile_import.c reads, so that there is one way in. */
#include "hss/rest/profile_json.h"
#include "hss/rest/profile_names.h"
#include "hss/rest/subscriber_part.h"
#include "hss/uri.h"
#include "hss/xml_text.h"
#include <stdlib.h>
#include <string.h>

enum { WHERE_MAX = 80, CRITERIA_MAX = 256, SPTS_MAX = 256 };

/* The place of a name in a list of them; -1: none. */
static int index_of(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static int wrong(const struct subscriber *u, const char *where, const char *key, const char *what)
{
	char at[96];

	problem_field(at, sizeof at, where, key);
	return problem_set(u->problem, 422, at, "%s", what);
}

static int member_list(const struct subscriber *u, const json_t *o, const char *where, const char *key, size_t most, const json_t **out)
{
	const json_t *v = json_object_get(o, key);
	char at[96];

	*out = NULL;
	if (!v || json_is_null(v))
		return 0;
	problem_field(at, sizeof at, where, key);
	if (!json_is_array(v) || json_array_size(v) > most)
		return problem_set(u->problem, 422, at, "a list of %zu at most is expected", most);
	*out = v;
	return 0;
}

/* ---- service point triggers [TS 29.228 B.2.3] ---- */

static int put_groups(const struct subscriber *u, const json_t *spt, const char *where, FILE *xml)
{
	const json_t *list, *v;
	size_t i;
	int err = member_list(u, spt, where, "groups", GROUPS, &list);

	if (err)
		return err;
	if (!json_array_size(list))
		xml_put_number(xml, "Group", 0);
	json_array_foreach(list, i, v) {
		if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) >= GROUPS)
			return wrong(u, where, "groups", "numbers from 0 to 31 are expected");
		xml_put_number(xml, "Group", json_integer_value(v));
	}
	return 0;
}

static int put_registration_types(const struct subscriber *u, const json_t *spt, const char *where, FILE *xml)
{
	const json_t *list, *v;
	size_t i;
	int err = member_list(u, spt, where, "registration_types", REGISTRATION_TYPES, &list);

	if (err || !json_array_size(list))
		return err;
	fputs("<Extension>", xml);
	json_array_foreach(list, i, v) {
		const char *name = json_string_value(v);
		int type = name ? index_of(registration_types, REGISTRATION_TYPES, name) : -1;

		if (type < 0)
			return wrong(u, where, "registration_types", "initial, re or de is expected");
		xml_put_number(xml, "RegistrationType", type);
	}
	fputs("</Extension>", xml);
	return 0;
}

static int put_session_case(const struct subscriber *u, const char *where, const char *name, FILE *xml)
{
	int number = index_of(session_cases, SESSION_CASES, name);

	if (number < 0)
		return wrong(u, where, "session_case", "originating, terminating-registered, terminating-unregistered, originating-unregistered "
			     "or originating-cdiv is expected");
	xml_put_number(xml, "SessionCase", number);
	return 0;
}

static const struct condition { const char *key, *element, *inner; } conditions[] = {
	{ "method", "Method", NULL }, { "request_uri", "RequestURI", NULL }, { "session_case", NULL, NULL }, { "header", "SIPHeader", "Header" },
	{ "line", "SessionDescription", "Line" },
};

/* Exactly one of the five, as the schema's choice wants. */
static int find_condition(const struct subscriber *u, const json_t *spt, const char *where, const struct condition **found, const char **text)
{
	*found = NULL;
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		const char *one;
		int given = member_text(u, spt, where, conditions[i].key, &one);

		if (given < 0)
			return given;
		if (given && *found)
			return wrong(u, where, conditions[i].key, "one condition is expected, and there is another");
		if (given)
			*found = &conditions[i], *text = one;
	}
	return *found ? 0 : problem_set(u->problem, 422, where, "method, request_uri, session_case, header or line is needed");
}

static void put_nested(const struct condition *c, const char *text, const char *content, FILE *xml)
{
	fprintf(xml, "<%s>", c->element);
	xml_put_text(xml, c->inner, text);
	xml_put_text(xml, "Content", content);
	fprintf(xml, "</%s>", c->element);
}

static int put_condition(const struct subscriber *u, const json_t *spt, const char *where, FILE *xml)
{
	const char *text = NULL, *content = NULL;
	const struct condition *c;
	int has_content = member_text(u, spt, where, "content", &content);
	int err = has_content < 0 ? has_content : find_condition(u, spt, where, &c, &text);

	if (err)
		return err;
	if (has_content && !c->inner)
		return wrong(u, where, "content", "belongs to header or line");
	if (!c->element)
		return put_session_case(u, where, text, xml);
	if (c->inner)
		put_nested(c, text, content, xml);
	else
		xml_put_text(xml, c->element, text);
	return 0;
}

static int put_spt(const struct subscriber *u, const json_t *spt, const char *where, FILE *xml)
{
	static const char *const keys[] = { "negated", "groups", "registration_types", "method", "request_uri", "session_case", "header",
					    "line", "content", NULL };
	bool negated = false;
	int err = members_known(u, spt, where, keys);

	if (!err && member_bool(u, spt, where, "negated", &negated) < 0)
		err = -EINVAL;
	if (err)
		return err;
	fputs("<SPT>", xml);
	xml_put_number(xml, "ConditionNegated", negated);
	err = put_groups(u, spt, where, xml);
	if (!err)
		err = put_condition(u, spt, where, xml);
	if (!err)
		err = put_registration_types(u, spt, where, xml);
	fputs("</SPT>", xml);
	return err;
}

static int put_trigger(const struct subscriber *u, const json_t *criterion, const char *where, FILE *xml)
{
	static const char *const keys[] = { "form", "spts", NULL }, *const forms[] = { "dnf", "cnf" };
	const json_t *trigger = json_object_get(criterion, "trigger"), *spts = NULL, *spt;
	char at[WHERE_MAX], one[WHERE_MAX + 32];
	const char *form = "cnf";
	size_t i;
	int err;

	if (!trigger || json_is_null(trigger))
		return 0;
	problem_field(at, sizeof at, where, "trigger");
	err = members_known(u, trigger, at, keys);
	if (!err && member_text(u, trigger, at, "form", &form) < 0)
		err = -EINVAL;
	if (!err && index_of(forms, 2, form) < 0)
		err = wrong(u, at, "form", "cnf or dnf is expected");
	if (!err)
		err = member_list(u, trigger, at, "spts", SPTS_MAX, &spts);
	if (!err && !json_array_size(spts))
		err = wrong(u, at, "spts", "one at least is needed");
	fputs("<TriggerPoint>", xml);
	xml_put_number(xml, "ConditionTypeCNF", index_of(forms, 2, form));
	json_array_foreach(spts, i, spt) {
		if (err)
			break;
		snprintf(one, sizeof one, "%s.spts[%zu]", at, i);
		err = put_spt(u, spt, one, xml);
	}
	fputs("</TriggerPoint>", xml);
	return err;
}

/* ---- criteria [TS 29.228 B.2.2] ---- */

static int put_server(const struct subscriber *u, const json_t *c, const char *where, FILE *xml)
{
	static const char *const handlings[] = { "continue", "terminate" };
	const char *server = NULL, *handling = "continue", *info = NULL;
	bool request = false, response = false;

	if (member_text(u, c, where, "server", &server) < 0 || member_text(u, c, where, "default_handling", &handling) < 0 ||
	    member_text(u, c, where, "service_info", &info) < 0 || member_bool(u, c, where, "include_register_request", &request) < 0 ||
	    member_bool(u, c, where, "include_register_response", &response) < 0)
		return -EINVAL;
	if (!server || !is_sip_uri(server))
		return wrong(u, where, "server", server ? "a SIP URI is expected" : "is needed");
	if (index_of(handlings, 2, handling) < 0)
		return wrong(u, where, "default_handling", "continue or terminate is expected");
	fputs("<ApplicationServer>", xml);
	xml_put_text(xml, "ServerName", server);
	xml_put_number(xml, "DefaultHandling", index_of(handlings, 2, handling));
	xml_put_text(xml, "ServiceInfo", info);
	if (request || response)
		fprintf(xml, "<Extension>%s%s</Extension>", request ? "<IncludeRegisterRequest/>" : "", response ? "<IncludeRegisterResponse/>" : "");
	fputs("</ApplicationServer>", xml);
	return 0;
}

static int put_criterion(const struct subscriber *u, const json_t *c, const char *where, FILE *xml)
{
	static const char *const keys[] = { "priority", "part", "server", "default_handling", "service_info", "include_register_request",
					    "include_register_response", "trigger", NULL };
	const char *part = NULL;
	int64_t priority = -1;
	int err = members_known(u, c, where, keys);

	if (!err && (member_integer(u, c, where, "priority", 0, INT32_MAX, &priority) < 0 || member_text(u, c, where, "part", &part) < 0))
		err = -EINVAL;
	if (!err && priority < 0)
		err = wrong(u, where, "priority", "is needed");
	if (!err && part && index_of(profile_parts, PROFILE_PARTS, part) < 0)
		err = wrong(u, where, "part", "registered or unregistered is expected");
	if (err)
		return err;
	fputs("<InitialFilterCriteria>", xml);
	xml_put_number(xml, "Priority", priority);
	err = put_trigger(u, c, where, xml);
	if (!err)
		err = put_server(u, c, where, xml);
	if (part)
		xml_put_number(xml, "ProfilePartIndicator", index_of(profile_parts, PROFILE_PARTS, part));
	fputs("</InitialFilterCriteria>", xml);
	return err;
}

/* ---- the whole ---- */

static int put_criteria(const struct subscriber *u, const json_t *object, FILE *xml)
{
	const json_t *list, *c;
	char where[WHERE_MAX];
	size_t i;
	int err = member_list(u, object, "", "criteria", CRITERIA_MAX, &list);

	json_array_foreach(list, i, c) {
		if (err)
			break;
		snprintf(where, sizeof where, "criteria[%zu]", i);
		err = put_criterion(u, c, where, xml);
	}
	return err;
}

static int put_shared_sets(const struct subscriber *u, const json_t *object, FILE *xml)
{
	const json_t *list, *v;
	size_t i;
	int err = member_list(u, object, "", "shared_ifc_sets", CRITERIA_MAX, &list);

	if (err || !json_array_size(list))
		return err;
	fputs("<Extension>", xml);
	json_array_foreach(list, i, v) {
		if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > INT32_MAX)
			return wrong(u, "", "shared_ifc_sets", "numbers from 0 to 2147483647 are expected");
		xml_put_number(xml, "SharedIFCSetID", json_integer_value(v));
	}
	fputs("</Extension>", xml);
	return 0;
}

static int put_profile(const struct subscriber *u, const json_t *object, FILE *xml)
{
	static const char *const keys[] = { "name", "media_profile", "shared_ifc_sets", "criteria", NULL };
	int64_t media = -1;
	int err = members_known(u, object, "", keys);

	if (!err && member_integer(u, object, "", "media_profile", 0, INT32_MAX, &media) < 0)
		err = -EINVAL;
	fputs("<ServiceProfile>", xml);
	if (media >= 0)
		fprintf(xml, "<CoreNetworkServicesAuthorization><SubscribedMediaProfileId>%lld</SubscribedMediaProfileId>"
			"</CoreNetworkServicesAuthorization>", (long long)media);
	if (!err)
		err = put_criteria(u, object, xml);
	if (!err)
		err = put_shared_sets(u, object, xml);
	fputs("</ServiceProfile>", xml);
	return err;
}

int profile_xml(const json_t *object, struct obstack *pool, struct problem *p, struct bytes *out)
{
	const struct subscriber u = { .problem = p };
	char *text = NULL;
	size_t len = 0;
	FILE *xml = open_memstream(&text, &len);
	int err;

	if (!xml)
		return -ENOMEM;
	err = put_profile(&u, object, xml);
	fclose(xml);
	if (!err)
		*out = (struct bytes){ obstack_copy0(pool, text, (int)len), len };
	free(text);
	return err;
}
