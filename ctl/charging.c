// SPDX-License-Identifier: Apache-2.0
/* `imsctl charging`: charging functions of a subscription, and those by default. [TS 29.229 6.3.19] */
#include "ctl/thing.h"
#include <stdlib.h>

static char *path_of(const struct arguments *a)
{
	return a->operand_count ? url_path("/v1/charging/", a->operands[0]) : url_path("/v1/charging-default", "");
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "SUBSCRIPTION", "subscription", false }, { "PRIMARY CCF", "primary_ccf", false }, { "SECONDARY CCF", "secondary_ccf", false },
		{ "PRIMARY ECF", "primary_ecf", false },   { "SECONDARY ECF", "secondary_ecf", false },
	};

	return thing_list(c, a, &(struct listing){ "/v1/charging", "charging", columns, ARRAY_LEN(columns), NULL });
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	return thing_show(c, path_of(a));
}

static int run_set(const struct ctl *c, const struct arguments *a)
{
	static const struct setting settings[] = {
		{ "--primary-ccf", "primary_ccf", SETTING_TEXT }, { "--secondary-ccf", "secondary_ccf", SETTING_TEXT },
		{ "--primary-ecf", "primary_ecf", SETTING_TEXT }, { "--secondary-ecf", "secondary_ecf", SETTING_TEXT },
	};
	char *path = path_of(a);
	json_t *o = json_object();
	int status = CTL_USAGE;

	if (settings_read(a, settings, ARRAY_LEN(settings), o))
		status = thing_send(c, a, a->operand_count ? "PATCH" : "PUT", path, o);
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
	{ "--primary-ccf", "ADDRESS", "of the charging collection function", false }, { "--secondary-ccf", "ADDRESS", "its substitute", false },
	{ "--primary-ecf", "ADDRESS", "of the event charging function", false }, { "--secondary-ecf", "ADDRESS", "its substitute", false },
	DRY_RUN_FLAG, { 0 }
};
static const struct flag remove_flags[] = { DRY_RUN_FLAG, { 0 } };

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists subscriptions with charging functions of their own", NULL, list_flags, run_list },
	{ "show", "[SUBSCRIPTION]", 0, 1, "Shows those of a subscription, or the default", NULL, NULL, run_show },
	{ "set", "[SUBSCRIPTION]", 0, 1, "Changes those of a subscription, or writes the default",
	  "An empty value, --primary-ecf '', takes away.", set_flags, run_set },
	{ "remove", "[SUBSCRIPTION]", 0, 1, "Takes them away from a subscription, or the default", NULL, remove_flags, run_remove },
};

const struct noun charging_noun = { "charging", "charging functions: list, show, set, remove", verbs, ARRAY_LEN(verbs) };
