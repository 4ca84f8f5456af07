// SPDX-License-Identifier: Apache-2.0
/* `imsctl application-server`: what application servers may over Sh. [TS 29.328 6.2] */
#include "ctl/thing.h"
#include <stdlib.h>
#include <string.h>

static char *path_of(const struct arguments *a)
{
	return url_path("/v1/application-servers/", a->operands[0]);
}

/* "RepositoryData pull,update; MSISDN pull" */
static json_t *row(const json_t *o)
{
	const char *name;
	json_t *operations, *one, *text = json_string("");
	size_t i;

	json_object_foreach(json_object_get(o, "permissions"), name, operations) {
		json_t *more = json_sprintf("%s%s%s ", json_string_value(text), *json_string_value(text) ? "; " : "", name);

		json_array_foreach(operations, i, one) {
			json_t *longer = json_sprintf("%s%s%s", json_string_value(more), i ? "," : "", json_string_value(one));

			json_decref(more);
			more = longer;
		}
		json_decref(text);
		text = more;
	}
	return json_pack("{s:O, s:o}", "identity", json_object_get(o, "identity"), "permissions", text);
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = { { "APPLICATION SERVER", "identity", false }, { "MAY", "permissions", false } };

	return thing_list(c, a, &(struct listing){ "/v1/application-servers", "application_servers", columns, ARRAY_LEN(columns), row });
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	return thing_show(c, path_of(a));
}

static json_t *operations_of(const char *list)
{
	json_t *operations = json_array();

	for (const char *p = list; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");

		json_array_append_new(operations, json_stringn(p, n));
		p += n;
	}
	return operations;
}

/* NULL after saying what is wrong. */
static json_t *read_permissions(const struct arguments *a)
{
	json_t *permissions = json_object();
	const char *text;

	for (size_t i = 0; (text = argument_nth(a, "--may", i)); i++) {
		const char *is = strchr(text, '=');

		if (!is || is == text || json_object_setn_new(permissions, text, (size_t)(is - text), operations_of(is + 1))) {
			ctl_complain(0, "--may: DATA=pull,update,subscribe is expected: '%s'", text);
			json_decref(permissions);
			return NULL;
		}
	}
	return permissions;
}

static int run_set(const struct ctl *c, const struct arguments *a)
{
	json_t *permissions = read_permissions(a), *o;
	char *path;
	int status;

	if (!permissions)
		return CTL_USAGE;
	o = json_pack("{s:o}", "permissions", permissions);
	path = path_of(a);
	status = thing_send(c, a, "PUT", path, o);
	json_decref(o);
	free(path);
	return status;
}

static int run_remove(const struct ctl *c, const struct arguments *a)
{
	return thing_remove(c, a, path_of(a));
}

static const struct flag list_flags[] = { LIST_FLAGS, { 0 } };
static const struct flag set_flags[] = {
	{ "--may", "DATA=OPERATIONS", "of pull, update, subscribe those it may, with commas between them", true }, DRY_RUN_FLAG, { 0 }
};
static const struct flag remove_flags[] = { DRY_RUN_FLAG, { 0 } };

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists application servers and what they may", NULL, list_flags, run_list },
	{ "show", "IDENTITY", 1, 1, "Shows one; IDENTITY is its Diameter identity", NULL, NULL, run_show },
	{ "set", "IDENTITY", 1, 1, "Says what one may, and that it may nothing else",
	  "DATA: RepositoryData, CloudProfile, IMSPublicIdentity, IMSUserState, S-CSCFName, InitialFilterCriteria, ChargingInformation,\n"
	  "MSISDN, PSIActivation, DSAI and the other names of TS 29.328 table 7.6.1.", set_flags, run_set },
	{ "remove", "IDENTITY", 1, 1, "Forgets one, which then is a stranger", NULL, remove_flags, run_remove },
};

const struct noun application_server_noun = { "application-server", "application servers: list, show, set, remove", verbs, ARRAY_LEN(verbs) };
