// SPDX-License-Identifier: Apache-2.0
/* `imsctl filter-criterion`: initial filter criteria of service profiles, named by profile and priority. [TS 29.228 B.2.2] */
#include "ctl/thing.h"
#include <stdlib.h>

static const struct setting settings[] = {
	{ "--server", "server", SETTING_TEXT }, { "--default-handling", "default_handling", SETTING_TEXT },
	{ "--part", "part", SETTING_TEXT },     { "--service-info", "service_info", SETTING_TEXT },
	{ "--trigger", "trigger", SETTING_FILE }, { "--priority", "priority", SETTING_NUMBER },
	{ "--include-request", "include_register_request", SETTING_YES_NO },
	{ "--include-response", "include_register_response", SETTING_YES_NO },
};

static json_t *row(const json_t *o)
{
	const json_t *trigger = json_object_get(o, "trigger"), *part = json_object_get(o, "part");
	size_t n = json_array_size(json_object_get(trigger, "spts"));

	return json_pack("{s:O, s:O, s:O, s:O, s:s, s:o}", "profile", json_object_get(o, "profile"), "priority", json_object_get(o, "priority"),
			 "server", json_object_get(o, "server"), "default", json_object_get(o, "default_handling"), "part",
			 part ? json_string_value(part) : "", "trigger", n ? json_sprintf("%zu", n) : json_string("always"));
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "PROFILE", "profile", false }, { "PRIORITY", "priority", true }, { "SERVER", "server", false }, { "DEFAULT", "default", false },
		{ "CONDITIONS", "trigger", true }, { "PART", "part", false },
	};
	const char *profile = argument_value(a, "--profile");
	char *path = url_path("/v1/filter-criteria", "");
	int status;

	if (profile) {
		free(path);
		path = url_path("/v1/filter-criteria?profile=", profile);
	}
	status = thing_list(c, a, &(struct listing){ path, "filter_criteria", columns, ARRAY_LEN(columns), row });
	free(path);
	return status;
}

static char *path_of(const struct arguments *a)
{
	return thing_path("/v1/filter-criteria/", a->operands[0], a->operands[1]);
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	return thing_show(c, path_of(a));
}

static int send(const struct ctl *c, const struct arguments *a, const char *method)
{
	char *path = path_of(a);
	json_t *o = json_object();
	int status = settings_read(a, settings, ARRAY_LEN(settings), o) ? thing_send(c, a, method, path, o) : CTL_USAGE;

	json_decref(o);
	free(path);
	return status;
}

static int run_add(const struct ctl *c, const struct arguments *a)
{
	return send(c, a, "PUT");
}

static int run_set(const struct ctl *c, const struct arguments *a)
{
	return send(c, a, "PATCH");
}

static int run_remove(const struct ctl *c, const struct arguments *a)
{
	return thing_remove(c, a, path_of(a));
}

#define CRITERION_FLAGS \
	{ "--server", "URI", "the application server", false }, \
	{ "--default-handling", "continue|terminate", "when the server does not answer; else continue", false }, \
	{ "--part", "registered|unregistered", "for users who are so; else for both", false }, \
	{ "--service-info", "TEXT", "what the server is sent at registration", false }, \
	{ "--include-request", "yes|no", "the server is sent the REGISTER", false }, \
	{ "--include-response", "yes|no", "the server is sent its 200", false }, \
	{ "--trigger", "FILE.json", "{\"form\": \"cnf\", \"spts\": [{\"method\": \"INVITE\"}]}; else always", false }

static const struct flag list_flags[] = { { "--profile", "NAME", "those of one profile", false }, LIST_FLAGS, { 0 } };
static const struct flag add_flags[] = { CRITERION_FLAGS, DRY_RUN_FLAG, { 0 } };
static const struct flag set_flags[] = { CRITERION_FLAGS, { "--priority", "N", "another place among the others", false }, DRY_RUN_FLAG, { 0 } };
static const struct flag remove_flags[] = { DRY_RUN_FLAG, { 0 } };

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists filter criteria", NULL, list_flags, run_list },
	{ "show", "PROFILE PRIORITY", 2, 2, "Shows one", NULL, NULL, run_show },
	{ "add", "PROFILE PRIORITY", 2, 2, "Adds one to a profile, or writes it anew", NULL, add_flags, run_add },
	{ "set", "PROFILE PRIORITY", 2, 2, "Changes one", "An empty value, --part '', takes away.", set_flags, run_set },
	{ "remove", "PROFILE PRIORITY", 2, 2, "Removes one", NULL, remove_flags, run_remove },
};

const struct noun filter_criterion_noun = { "filter-criterion", "filter criteria of profiles: list, show, add, set, remove", verbs,
					    ARRAY_LEN(verbs) };
