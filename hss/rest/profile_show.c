// SPDX-License-Identifier: Apache-2.0
/* The rows of a service profile as JSON. [TS 29.228 B.2.2, B.2.3] */
#include "hss/rest/profile_names.h"
#include "hss/rest/profile_json.h"
#include <string.h>

struct show {
	struct store *store;
	struct obstack *pool;
	json_t *list;
	int err;
};

/* ---- service point triggers ---- */

static void put_condition(json_t *o, const struct trigger_row *t)
{
	if (!strcmp(t->kind, "session-case"))
		json_object_set_new(o, "session_case", json_string(session_cases[t->session_case]));
	else
		json_object_set_new(o, member_of_kind(t->kind), json_string(t->text));
	if (t->content)
		json_object_set_new(o, "content", json_string(t->content));
}

static json_t *bits(uint32_t mask, int count, const char *const *names)
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++)
		if (mask >> i & 1)
			json_array_append_new(list, names ? json_string(names[i]) : json_integer(i));
	return list;
}

static void add_trigger(void *context, const struct trigger_row *t)
{
	json_t *o = json_pack("{s:b, s:o}", "negated", t->negated, "groups", bits(t->group_mask, GROUPS, NULL));

	if (t->registration_types)
		json_object_set_new(o, "registration_types", bits(t->registration_types, REGISTRATION_TYPES, registration_types));
	put_condition(o, t);
	json_array_append_new(context, o);
}

/* ---- criteria ---- */

static void add_criterion(void *context, const struct criterion_row *c)
{
	struct show *w = context;
	json_t *spts = json_array();
	json_t *o = json_pack("{s:i, s:s, s:s, s:b, s:b}", "priority", c->priority, "server", c->server_name, "default_handling",
			      c->terminate_on_failure ? "terminate" : "continue", "include_register_request", c->include_request,
			      "include_register_response", c->include_response);

	if (c->part >= 0)
		json_object_set_new(o, "part", json_string(profile_parts[c->part]));
	if (c->service_info)
		json_object_set_new(o, "service_info", json_string(c->service_info));
	w->err = w->err ? w->err : store_each_trigger(w->store, w->pool, c->id, add_trigger, spts);
	if (c->has_trigger)
		json_object_set_new(o, "trigger", json_pack("{s:s, s:O}", "form", c->cnf ? "cnf" : "dnf", "spts", spts));
	json_decref(spts);
	json_array_append_new(w->list, o);
}

static void add_shared_set(void *context, uint32_t number)
{
	json_array_append_new(context, json_integer(number));
}

int profile_show(struct store *s, struct obstack *pool, int64_t profile, const char *name, json_t **out)
{
	struct show w = { s, pool, json_array(), 0 };
	json_t *shared = json_array();
	int media = store_media_profile(s, profile);
	int err = media < 0 && media != -ENOENT ? media : store_each_shared_set(s, profile, add_shared_set, shared);

	if (!err)
		err = store_each_criterion(s, pool, profile, add_criterion, &w);
	err = err ? err : w.err;
	if (!err) {
		*out = json_pack("{s:s, s:O, s:O}", "name", name, "shared_ifc_sets", shared, "criteria", w.list);
		if (media >= 0)
			json_object_set_new(*out, "media_profile", json_integer(media));
	}
	json_decref(shared);
	json_decref(w.list);
	return err;
}
