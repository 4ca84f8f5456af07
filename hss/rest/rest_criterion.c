// SPDX-License-Identifier: Apache-2.0
/* /v1/filter-criteria/PROFILE/PRIORITY: one initial filter criterion of a service profile. Its priority names it, as no two of a
 * profile have the same [TS 29.228 B.2.2]. A change writes the whole profile anew, so that there is one way in. */
#include "hss/rest/resource.h"
#include "hss/rest/rest_profile.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name is PROFILE/PRIORITY; false when it is none. */
static bool split(struct obstack *pool, const char *name, const char **profile, int64_t *priority)
{
	const char *slash = strrchr(name, '/');

	if (!slash || slash == name || !slash[1] || strlen(slash) > 11 || slash[1 + strspn(slash + 1, "0123456789")])
		return false;
	*profile = obstack_copy0(pool, name, (int)(slash - name));
	*priority = strtoll(slash + 1, NULL, 10);
	return true;
}

/* Its place in a profile; -1: none. */
static int place_of(const json_t *profile, int64_t priority)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(profile, "criteria"), i, c)
		if (json_integer_value(json_object_get(c, "priority")) == priority)
			return (int)i;
	return -1;
}

static int show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	const char *profile_name;
	int64_t priority;
	json_t *profile = NULL;
	int place, err = split(pool, name, &profile_name, &priority) ? rest_profile_show(s, pool, profile_name, &profile, revision) : -ENOENT;

	if (err)
		return err;
	place = place_of(profile, priority);
	if (place >= 0) {
		*out = json_incref(json_array_get(json_object_get(profile, "criteria"), (size_t)place));
		json_object_set_new(*out, "profile", json_string(profile_name));
	}
	json_decref(profile);
	return place < 0 ? -ENOENT : 0;
}

/* ---- the list ---- */

struct naming {
	struct obstack *pool;
	on_name *each;
	void *context;
};

static void on_criterion(void *context, const char *profile, int64_t priority)
{
	struct naming *n = context;

	obstack_printf(n->pool, "%s/%" PRId64, profile, priority);
	obstack_1grow(n->pool, 0);
	n->each(n->context, obstack_finish(n->pool));
}

static int each(struct store *s, struct obstack *pool, const char *after, size_t most, on_name *on, void *context)
{
	struct naming n = { pool, on, context };
	const char *profile = "";
	int64_t priority = 0;

	split(pool, after, &profile, &priority);
	return store_each_criterion_name(s, pool, profile, priority, most, on_criterion, &n);
}

/* ---- changing ---- */

struct target {
	json_t *profile;     /* to be written anew */
	const char *name;
	int64_t priority;
	int place;           /* -1: not there yet */
};

static int find(struct change *c, struct store *s, struct target *t)
{
	int64_t revision;
	int err;

	t->profile = NULL;
	if (!split(&c->pool, c->name, &t->name, &t->priority))
		return problem_set(&c->problem, *c->name ? 404 : 422, *c->name ? NULL : "profile", *c->name ? "PROFILE/PRIORITY is expected" :
				   "profile and priority are needed");
	err = rest_profile_show(s, &c->pool, t->name, &t->profile, &revision);
	if (err == -ENOENT)
		return problem_set(&c->problem, 404, NULL, "no profile %s", t->name);
	t->place = err ? -1 : place_of(t->profile, t->priority);
	return err;
}

/* A patch may give it another priority, where nothing is yet; a put may not. */
static int find_priority(struct change *c, const struct target *t, json_t *whole)
{
	const json_t *v = json_object_get(whole, "priority");

	if (!v)
		json_object_set_new(whole, "priority", json_integer(t->priority));
	if (!json_is_integer(v) || json_integer_value(v) == t->priority)
		return 0; /* what is none is refused with the rest */
	if (c->mode != MODE_MERGE)
		return problem_set(&c->problem, 422, "priority", "the object's is another than the address's, %" PRId64, t->priority);
	if (place_of(t->profile, json_integer_value(v)) >= 0)
		return problem_set(&c->problem, 409, "priority", "another criterion of %s has it", t->name);
	return asprintf(&c->renamed, "%s/%" JSON_INTEGER_FORMAT, t->name, json_integer_value(v)) < 0 ? -ENOMEM : 0;
}

/* What profile_json.c says of criteria[N] is said of the criterion itself. */
static void rename_field(struct problem *p)
{
	char *rest = strncmp(p->field, "criteria[", 9) ? NULL : strchr(p->field, ']');

	if (rest)
		memmove(p->field, rest + (rest[1] == '.' ? 2 : 1), strlen(rest + (rest[1] == '.' ? 2 : 1)) + 1);
}

static int check_profile(struct change *c, const struct target *t, const json_t *object)
{
	const json_t *own = json_object_get(object, "profile");

	if (!json_is_object(object))
		return problem_set(&c->problem, 422, NULL, "an object is expected");
	if (own && (!json_is_string(own) || strcmp(json_string_value(own), t->name)))
		return problem_set(&c->problem, 422, "profile", "the object's is another than the address's, '%s'", t->name);
	return 0;
}

static int write_anew(struct change *c, struct store *s, struct target *t, const json_t *object)
{
	json_t *criteria = json_object_get(t->profile, "criteria"), *whole = json_copy((json_t *)(uintptr_t)object);
	int err = find_priority(c, t, whole);

	json_object_del(whole, "profile");
	if (t->place >= 0)
		json_array_set_new(criteria, (size_t)t->place, whole);
	else
		json_array_append_new(criteria, whole);
	return err ? err : rest_profile_write(c, s, t->name, t->profile);
}

static int put(struct change *c, struct store *s, const json_t *object)
{
	struct target t;
	int err = find(c, s, &t);

	if (!err)
		err = check_profile(c, &t, object);
	if (!err)
		err = write_anew(c, s, &t, object);
	json_decref(t.profile);
	rename_field(&c->problem);
	return err;
}

static int drop(struct change *c, struct store *s)
{
	struct target t;
	int err = find(c, s, &t);

	if (!err)
		json_array_remove(json_object_get(t.profile, "criteria"), (size_t)t.place);
	if (!err)
		err = rest_profile_write(c, s, t.name, t.profile);
	json_decref(t.profile);
	return err;
}

static char *name_of(const json_t *object)
{
	const char *profile = json_string_value(json_object_get(object, "profile"));
	const json_t *priority = json_object_get(object, "priority");
	char *name = NULL;

	if (!profile || !json_is_integer(priority) ||
	    asprintf(&name, "%s/%" JSON_INTEGER_FORMAT, profile, json_integer_value(priority)) < 0)
		return NULL;
	return name;
}

static const struct resource criteria = {
	.what = "filter criterion", .list = "filter_criteria", .each = each, .show = show, .name_of = name_of, .put = put, .remove = drop,
};

/* ?profile=NAME: those of one, all at once. */
static void list_profile(struct http_request *q, struct provisioning *d, const char *name)
{
	struct obstack pool;
	struct store *s = rest_begin(d, q, &pool);
	json_t *profile = NULL, *c;
	int64_t revision;
	size_t i;
	int err;

	if (!s)
		return;
	err = rest_profile_show(s, &pool, name, &profile, &revision);
	json_array_foreach(json_object_get(profile, "criteria"), i, c)
		json_object_set_new(c, "profile", json_string(name));
	if (err == -ENOENT) {
		http_problem(q, 404, "profile", "no profile %s", name);
	} else if (err) {
		rest_reply_unread(q);
	} else {
		resource_etag(q, revision);
		http_reply_json(q, 200, json_pack("{s:O}", "filter_criteria", json_object_get(profile, "criteria")));
	}
	json_decref(profile);
	rest_end(s, &pool);
}

static void on_list(struct http_request *q, struct provisioning *d)
{
	const char *profile = http_query(q, "profile");

	if (profile)
		list_profile(q, d, profile);
	else
		resource_list(q, d);
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/filter-criteria", on_list },
	{ "POST", "/v1/filter-criteria", resource_put },
	{ "GET", "/v1/filter-criteria/*", resource_get },
	{ "PUT", "/v1/filter-criteria/*", resource_put },
	{ "PATCH", "/v1/filter-criteria/*", resource_put },
	{ "DELETE", "/v1/filter-criteria/*", resource_delete },
};

REST_RESOURCE_OF(rest_criteria, routes, &criteria);
