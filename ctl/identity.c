// SPDX-License-Identifier: Apache-2.0
/* `imsctl identity`: public identities by themselves; they come and go with subscribers. [TS 23.003 13.4] */
#include "ctl/thing.h"
#include <stdlib.h>

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_t *row(const json_t *o)
{
	const json_t *registration = json_object_get(o, "registration");

	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s}", "impu", text(o, "impu"), "subscription", text(o, "subscription"), "set",
			 json_integer_value(json_object_get(o, "set")), "barred", json_is_true(json_object_get(o, "barred")) ? "barred" : "", "profile",
			 text(o, "profile"), "state", text(registration, "state"));
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "IDENTITY", "impu", false }, { "SUBSCRIPTION", "subscription", false }, { "SET", "set", true }, { "PROFILE", "profile", false },
		{ "STATE", "state", false },   { "", "barred", false },
	};

	return thing_list(c, a, &(struct listing){ "/v1/identities", "identities", columns, ARRAY_LEN(columns), row });
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	return thing_show(c, thing_path("/v1/identities/", a->operands[0], NULL));
}

static int run_set(const struct ctl *c, const struct arguments *a)
{
	static const struct setting settings[] = {
		{ "--barred", "barred", SETTING_YES_NO },     { "--display-name", "display_name", SETTING_TEXT },
		{ "--profile", "profile", SETTING_TEXT },     { "--set", "set", SETTING_NUMBER },
		{ "--wildcard", "wildcard", SETTING_TEXT },   { "--as", "as", SETTING_TEXT }, { "--kind", "kind", SETTING_TEXT },
	};
	json_t *o = json_object();
	char *path = thing_path("/v1/identities/", a->operands[0], NULL);
	int status = settings_read(a, settings, ARRAY_LEN(settings), o) ? thing_send(c, a, "PATCH", path, o) : CTL_USAGE;

	json_decref(o);
	free(path);
	return status;
}

static const struct flag list_flags[] = { LIST_FLAGS, { 0 } };

static const struct flag set_flags[] = {
	{ "--barred", "yes|no", "registers with others, and may not be used", false },
	{ "--display-name", "TEXT", "what is shown of it", false },
	{ "--profile", "NAME", "its service profile", false },
	{ "--set", "N", "identities of one number register together", false },
	{ "--kind", "KIND", "user, psi, wildcarded-psi or wildcarded-user", false },
	{ "--wildcard", "URI", "the wildcarded identity", false },
	{ "--as", "URI", "the server that a PSI is routed to", false },
	DRY_RUN_FLAG,
	{ 0 }
};

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists public identities", NULL, list_flags, run_list },
	{ "show", "IMPU", 1, 1, "Shows one, and whose it is", NULL, NULL, run_show },
	{ "set", "IMPU", 1, 1, "Changes one", "An empty value, --profile '', takes away.", set_flags, run_set },
};

const struct noun identity_noun = { "identity", "public identities: list, show, set", verbs, ARRAY_LEN(verbs) };
