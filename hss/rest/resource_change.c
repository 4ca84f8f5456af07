// SPDX-License-Identifier: Apache-2.0
/* Changing a resource: put, merged, removed, or only tried. */
#include "hss/rest/merge_patch.h"
#include "hss/rest/precondition.h"
#include "hss/rest/resource.h"
#include <stdlib.h>
#include <string.h>

/* ---- on the writer's thread ---- */

/* What was shown in an attempt that came to nothing goes. */
static int look(struct change *c, struct store *s, const char *name, json_t **shown, int64_t *revision)
{
	int err;

	json_decref(*shown);
	*shown = NULL;
	err = c->of->show(s, &c->pool, name, shown, revision);
	if (err == -ENOENT)
		*revision = NOT_THERE;
	return err == -ENOENT ? 0 : err;
}

static int miss(struct change *c)
{
	return problem_set(&c->problem, 404, NULL, "no %s %s", c->of->what, c->name);
}

/* What GET adds may come back, and says nothing. */
static json_t *bare(const json_t *object, const char *const *key)
{
	json_t *o = json_copy((json_t *)(uintptr_t)object);

	for (; key && *key; key++)
		json_object_del(o, *key);
	return o;
}

/* What is shown, as it would have come, with the patch merged into it; what is never shown stays as the patch has it. */
static json_t *patched(const struct change *c)
{
	const char *const *key;
	json_t *base = bare(c->before, NULL), *merged, *whole;

	for (key = c->of->never_shown; key && *key; key++)
		json_object_del(base, *key);
	merged = merge_patch(base, c->object);
	whole = bare(merged, c->of->shown_only);
	json_decref(merged);
	json_decref(base);
	for (key = c->of->never_shown; key && *key; key++)
		if (json_object_get(c->object, *key))
			json_object_set(whole, *key, json_object_get(c->object, *key));
	return whole;
}

static int check_there(struct change *c, int64_t revision)
{
	bool there = revision != NOT_THERE;
	int err = precondition_check(c, revision);

	if (err)
		return err;
	if (!there && *c->name && !rest_name_is_good(c->name)) /* of the object */
		return problem_set(&c->problem, 422, c->of->key, "a name in UTF-8 without control characters is expected");
	if (there && c->mode == MODE_CREATE)
		return problem_set(&c->problem, 409, c->of->key, "the %s %s is there already", c->of->what, c->name);
	if (!there && (c->mode == MODE_MERGE || (c->mode == MODE_REPLACE && c->of->is_fixed)))
		return miss(c);
	return 0;
}

static int make_put(struct change *c, struct store *s)
{
	json_t *whole;
	int err = look(c, s, c->name, &c->before, &c->revision);

	free(c->renamed);
	c->renamed = NULL;
	if (!err)
		err = check_there(c, c->revision);
	if (err)
		return err;
	c->created = c->revision == NOT_THERE;
	whole = c->mode == MODE_MERGE ? patched(c) : bare(c->object, c->of->shown_only);
	err = c->of->put(c, s, whole);
	json_decref(whole);
	return err ? err : look(c, s, c->renamed ? c->renamed : c->name, &c->after, &c->revision);
}

static int make_delete(struct change *c, struct store *s)
{
	int err = look(c, s, c->name, &c->before, &c->revision);

	if (!err)
		err = precondition_check(c, c->revision);
	if (!err && c->revision == NOT_THERE)
		err = miss(c);
	return err ? err : c->of->remove(c, s);
}

/* ---- answers ---- */

static json_t *or_null(json_t *v)
{
	return v ? v : json_null();
}

static void reply_dry(struct change *c, int status)
{
	json_t *diff = c->after ? merge_diff(c->before, c->after) : json_null();

	http_reply_json(c->request, 200, json_pack("{s:b, s:i, s:O, s:O, s:o, s:o}", "dry_run", 1, "status", status, "before", or_null(c->before),
						   "after", or_null(c->after), "change", diff, "pushes", or_null(json_incref(c->pushes))));
	change_free(c);
}

static void reply_put(struct change *c)
{
	int status = c->created ? 201 : 200;

	if (c->dry_run)
		return reply_dry(c, status);
	resource_etag(c->request, c->revision);
	http_reply_json(c->request, status, json_incref(c->after));
	change_free(c);
}

static void reply_put_body(struct change *c)
{
	int status = c->created ? 201 : 204;

	if (c->dry_run)
		return reply_dry(c, status);
	resource_etag(c->request, c->revision);
	http_reply(c->request, status, NULL, "", 0);
	change_free(c);
}

static void reply_delete(struct change *c)
{
	if (c->dry_run)
		return reply_dry(c, 204);
	change_reply_done(c);
}

/* ---- handlers ---- */

/* POST to the list: the name is in the object. */
static void find_name(struct change *c)
{
	const char *own = c->of->key ? json_string_value(json_object_get(c->object, c->of->key)) : NULL;
	char *name = *c->name ? NULL : own ? strdup(own) : c->of->name_of ? c->of->name_of(c->object) : NULL;

	if (!name)
		return;
	free(c->name);
	c->name = name;
}

void resource_put(struct http_request *q, struct provisioning *d)
{
	const char *method = http_method(q);
	struct change *c = change_new(d, q, make_put, reply_put);

	if (!c)
		return;
	c->mode = !strcmp(method, "POST") ? MODE_CREATE : !strcmp(method, "PUT") ? MODE_REPLACE : MODE_MERGE;
	if (!change_read_json(c))
		return;
	find_name(c);
	change_submit(c);
}

void resource_put_body(struct http_request *q, struct provisioning *d)
{
	struct change *c = change_new(d, q, make_put, reply_put_body);

	if (!c)
		return;
	c->mode = MODE_REPLACE;
	change_submit(c);
}

void resource_delete(struct http_request *q, struct provisioning *d)
{
	struct change *c = change_new(d, q, make_delete, reply_delete);

	if (c)
		change_submit(c);
}
