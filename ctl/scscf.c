// SPDX-License-Identifier: Apache-2.0
/* `imsctl scscf`: S-CSCFs as the HSS knows them: what is recorded, whom they serve, and taking all users off one. */
#include "ctl/thing.h"
#include <stdlib.h>
#include <string.h>

static char *path_of(const struct arguments *a, const char *more)
{
	return thing_path("/v1/scscf/", a->operands[0], more);
}

static json_t *joined(const json_t *list)
{
	char *text = json_dumps(list, JSON_COMPACT);
	json_t *v = json_string(text && strlen(text) > 2 ? (text[strlen(text) - 1] = 0, text + 1) : "");

	free(text);
	return v;
}

static json_t *row(const json_t *o)
{
	return json_pack("{s:O, s:O, s:o, s:O*}", "name", json_object_get(o, "name"), "assigned", json_object_get(o, "assigned"), "capabilities",
			 joined(json_object_get(o, "capabilities")), "note", json_object_get(o, "note"));
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "S-CSCF", "name", false }, { "ASSIGNED", "assigned", true }, { "CAPABILITIES", "capabilities", false }, { "NOTE", "note", false },
	};

	return thing_list(c, a, &(struct listing){ "/v1/scscf", "scscf", columns, ARRAY_LEN(columns), row });
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	return thing_show(c, path_of(a, NULL));
}

static json_t *user_row(const json_t *o)
{
	return json_pack("{s:O, s:o, s:s}", "subscription", json_object_get(o, "subscription"), "impis", joined(json_object_get(o, "impis")), "served",
			 json_is_true(json_object_get(o, "served")) ? "served" : "assigned");
}

static int run_users(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = { { "SUBSCRIPTION", "subscription", false }, { "STATE", "served", false }, { "SUBSCRIBERS", "impis", false } };
	char *path = path_of(a, "users");
	int status = thing_list(c, a, &(struct listing){ path, "users", columns, ARRAY_LEN(columns), user_row });

	free(path);
	return status;
}

static int run_set(const struct ctl *c, const struct arguments *a)
{
	static const struct setting settings[] = { { "--note", "note", SETTING_TEXT }, { "--capability", "capabilities", SETTING_NUMBERS } };
	char *path = path_of(a, NULL);
	json_t *o = json_object();
	int status = settings_read(a, settings, ARRAY_LEN(settings), o) ? thing_send(c, a, "PUT", path, o) : CTL_USAGE;

	json_decref(o);
	free(path);
	return status;
}

static int run_remove(const struct ctl *c, const struct arguments *a)
{
	return thing_remove(c, a, path_of(a, NULL));
}

static void tell(const struct ctl *c, const json_t *o)
{
	if (c->format != OUTPUT_TABLE)
		return output_list(c, NULL, 0, NULL, o);
	printf("%lld registrations of %lld subscriptions %s\n", (long long)json_integer_value(json_object_get(o, "registrations")),
	       (long long)json_integer_value(json_object_get(o, "subscriptions")), json_is_true(json_object_get(o, "dry_run")) ? "would end" : "ended");
}

static int run_take_off(const struct ctl *c, const struct arguments *a)
{
	static const struct setting settings[] = { { "--reason", "reason", SETTING_TEXT }, { "--info", "info", SETTING_TEXT } };
	char *path = path_of(a, "take-off"), *whole = NULL, *text = NULL;
	json_t *o = json_object();
	struct answer answer = { 0 };
	struct rest *r = NULL;
	int status = CTL_USAGE;

	if (settings_read(a, settings, ARRAY_LEN(settings), o))
		r = rest_new(c);
	text = json_dumps(o, JSON_COMPACT);
	if (!text || asprintf(&whole, "%s%s", path, argument_value(a, "--dry-run") ? "?dry_run=true" : "") < 0)
		abort(); /* out of memory */
	if (r) {
		rest_patience(r, 600);
		rest_ask(r, "POST", whole, NULL, (struct bytes){ (const uint8_t *)text, strlen(text) }, &answer);
		status = answer_status(&answer, "hss");
	}
	if (!status)
		tell(c, answer.json);
	answer_free(&answer);
	rest_free(r);
	json_decref(o);
	free(text);
	free(whole);
	free(path);
	return status;
}

static const struct flag list_flags[] = { LIST_FLAGS, { 0 } };
static const struct flag set_flags[] = {
	{ "--note", "TEXT", "what there is to say of it", false }, { "--capability", "N", "in the numbers of Server-Capabilities", true }, DRY_RUN_FLAG, { 0 }
};
static const struct flag remove_flags[] = { DRY_RUN_FLAG, { 0 } };
static const struct flag take_off_flags[] = {
	{ "--reason", "server-change|permanent-termination", "else server-change: they are to register anew", false },
	{ "--info", "TEXT", "what the users are told", false }, DRY_RUN_FLAG, { 0 }
};

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists S-CSCFs that are assigned or recorded", NULL, list_flags, run_list },
	{ "show", "NAME", 1, 1, "Shows one; NAME is its SIP URI", NULL, NULL, run_show },
	{ "set", "NAME", 1, 1, "Records one anew", NULL, set_flags, run_set },
	{ "remove", "NAME", 1, 1, "Forgets what is recorded of one", NULL, remove_flags, run_remove },
	{ "users", "NAME", 1, 1, "Lists whom it is assigned to", NULL, list_flags, run_users },
	{ "take-off", "NAME", 1, 1, "Takes all users off it", "Each registration there ends by RTR; they register anew at another.", take_off_flags, run_take_off },
};

const struct noun scscf_noun = { "scscf", "S-CSCFs: list, show, set, remove, users, take-off", verbs, ARRAY_LEN(verbs) };
