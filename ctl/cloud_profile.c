// SPDX-License-Identifier: Apache-2.0
/* `imsctl cloud-profile`: who a subscriber is in a cloud, and what it is enrolled in. */
#include "ctl/thing.h"
#include <stdlib.h>
#include <string.h>

static char *path_of(const struct arguments *a)
{
	return thing_path("/v1/cloud-profiles/", a->operands[0], a->operands[1]);
}

static json_t *row(const json_t *o)
{
	char *services = json_dumps(json_object_get(o, "services"), JSON_COMPACT);
	json_t *r = json_pack("{s:O, s:O, s:O*, s:O*, s:O, s:s}", "impi", json_object_get(o, "impi"), "provider",
			      json_object_get(o, "provider"), "user", json_object_get(o, "user"), "project", json_object_get(o, "project"),
			      "guard", json_object_get(o, "registration_guard"), "services", services ? services : "");

	free(services);
	return r;
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "SUBSCRIBER", "impi", false }, { "PROVIDER", "provider", false }, { "USER", "user", false }, { "PROJECT", "project", false },
		{ "GUARD", "guard", false },     { "SERVICES", "services", false },
	};

	return thing_list(c, a, &(struct listing){ "/v1/cloud-profiles", "cloud_profiles", columns, ARRAY_LEN(columns), row });
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	return thing_show(c, path_of(a));
}

/* --service compute=3, --service network= for no limit. */
static bool read_services(const struct arguments *a, json_t *o)
{
	json_t *services = json_object();
	const char *text;

	for (size_t i = 0; (text = argument_nth(a, "--service", i)); i++) {
		const char *equals = strchr(text, '=');
		char *name = equals ? strndup(text, (size_t)(equals - text)) : NULL, *end = NULL;
		long long most = equals && equals[1] ? strtoll(equals + 1, &end, 10) : -1;

		if (!name || (end && (*end || end == equals + 1))) {
			free(name);
			json_decref(services);
			return ctl_complain(false, "--service: NAME=LIMIT is expected, or NAME= without a limit: '%s'", text);
		}
		json_object_set_new(services, name, most < 0 ? json_null() : json_integer(most));
		free(name);
	}
	if (json_object_size(services))
		json_object_set(o, "services", services);
	json_decref(services);
	return true;
}

static bool read_settings(const struct arguments *a, json_t *o)
{
	static const struct setting settings[] = {
		{ "--user", "user", SETTING_TEXT }, { "--project", "project", SETTING_TEXT }, { "--domain", "domain", SETTING_TEXT },
		{ "--role", "role", SETTING_TEXT }, { "--registration-guard", "registration_guard", SETTING_TEXT },
		{ "--second-factor", "second_factor", SETTING_YES_NO },
	};

	return settings_read(a, settings, ARRAY_LEN(settings), o) && read_services(a, o);
}

static int send(const struct ctl *c, const struct arguments *a, const char *method)
{
	char *path = path_of(a);
	json_t *o = json_object();
	int status = read_settings(a, o) ? thing_send(c, a, method, path, o) : CTL_USAGE;

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
	if (argument_value(a, "--service"))
		return ctl_complain(CTL_USAGE, "--service: services are written whole, by `add`");
	return send(c, a, "PATCH");
}

static int run_remove(const struct ctl *c, const struct arguments *a)
{
	return thing_remove(c, a, path_of(a));
}

#define CLOUD_FLAGS \
	{ "--user", "NAME", "Keystone's", false }, { "--project", "NAME", "Keystone's", false }, { "--domain", "NAME", "Keystone's", false }, \
	{ "--role", "NAME", "Keystone's", false }, { "--registration-guard", "GUARD", "none, token, token+digest or window", false }, \
	{ "--second-factor", "yes|no", "is needed", false }, \
	{ "--service", "NAME=LIMIT", "enrolled in, so many at a time; NAME= without a limit", true }

static const struct flag list_flags[] = { LIST_FLAGS, { 0 } };
static const struct flag set_flags[] = { CLOUD_FLAGS, DRY_RUN_FLAG, { 0 } };
static const struct flag remove_flags[] = { DRY_RUN_FLAG, { 0 } };

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists cloud profiles", NULL, list_flags, run_list },
	{ "show", "IMPI PROVIDER", 2, 2, "Shows one", NULL, NULL, run_show },
	{ "add", "IMPI PROVIDER", 2, 2, "Makes one, or writes it anew", NULL, set_flags, run_add },
	{ "set", "IMPI PROVIDER", 2, 2, "Changes one", "An empty value, --role '', takes away.", set_flags, run_set },
	{ "remove", "IMPI PROVIDER", 2, 2, "Removes one", NULL, remove_flags, run_remove },
};

const struct noun cloud_profile_noun = { "cloud-profile", "who subscribers are in clouds: list, show, add, set, remove", verbs,
					 ARRAY_LEN(verbs) };
