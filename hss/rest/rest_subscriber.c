// SPDX-License-Identifier: Apache-2.0
/* /v1/subscribers and /v1/subscribers/IMPI. */
#include "hss/rest/bulk.h"
#include "hss/rest/resource.h"
#include "hss/uri.h"
#include <string.h>

static int show(struct store *s, struct obstack *pool, const char *impi, json_t **out, int64_t *revision)
{
	struct private_identity p;
	int err = store_private(s, pool, impi, &p);

	if (!err)
		err = store_subscription_revision(s, p.subscription, revision);
	return err ? err : subscriber_show(s, pool, impi, out);
}

static int put(struct change *c, struct store *s, const json_t *object)
{
	const struct subscriber_writing w = change_writing(c, s);

	if (c->mode == MODE_MERGE && json_object_get(c->object, "profile") && !json_object_get(c->object, "identities"))
		return problem_set(&c->problem, 422, "profile", "needs the identities that it is for");
	return subscriber_put(&w, *c->name ? c->name : NULL, object, &c->created);
}

static int drop(struct change *c, struct store *s)
{
	const struct subscriber_writing w = change_writing(c, s);

	return subscriber_remove(&w, c->name);
}

static const struct resource subscribers = {
	.what = "subscriber", .list = "subscribers", .shown_only = (const char *const[]){ "registration", NULL },
	.never_shown = (const char *const[]){ "credentials", NULL }, .each = store_each_impi, .count = store_count, .show = show,
	.key = "impi", .put = put, .remove = drop,
};

/* ---- what is special of them ---- */

/* Whose public identity it is: a list of one or none. */
static int list_owner(struct store *s, struct obstack *pool, const char *text, json_t *items)
{
	char uri[IMPU_MAX];
	const char *impi;
	struct impu u;
	json_t *o;
	int err = impu_canonical(text, uri);

	if (!err)
		err = store_impu(s, pool, uri, &u);
	if (!err)
		err = store_private_of_impu(s, pool, u.id, &impi);
	if (!err)
		err = subscriber_show(s, pool, impi, &o);
	if (!err)
		json_array_append_new(items, o);
	return err == -ENOENT || err == -EINVAL ? 0 : err;
}

static void reply_owner(struct http_request *q, struct provisioning *d, const char *impu)
{
	json_t *items = json_array();
	struct obstack pool;
	struct store *s = rest_begin(d, q, &pool);
	int64_t total = 0;
	int err;

	if (!s)
		return json_decref(items);
	err = list_owner(s, &pool, impu, items);
	if (!err)
		err = store_count(s, &total);
	if (err)
		rest_reply_unread(q);
	else
		http_reply_json(q, 200, json_pack("{s:O, s:I}", "subscribers", items, "total", (json_int_t)total));
	json_decref(items);
	rest_end(s, &pool);
}

static void on_list(struct http_request *q, struct provisioning *d)
{
	const char *impu = http_query(q, "impu");

	if (impu)
		reply_owner(q, d, impu);
	else if (bulk_is_wanted(q, "Accept"))
		bulk_export(q, d);
	else
		resource_list(q, d);
}

/* POST to the list with a line for each. */
static bool is_import(struct http_request *q)
{
	return !strcmp(http_method(q), "POST") && !*http_rest(q) && bulk_is_wanted(q, "Content-Type");
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/subscribers", on_list },
	{ "POST", "/v1/subscribers", resource_put },
	{ "GET", "/v1/subscribers/*", resource_get },
	{ "POST", "/v1/subscribers/*", resource_put },
	{ "PUT", "/v1/subscribers/*", resource_put },
	{ "PATCH", "/v1/subscribers/*", resource_put },
	{ "DELETE", "/v1/subscribers/*", resource_delete },
};

const struct rest_resource rest_subscribers = { routes, ARRAY_LEN(routes), &subscribers, is_import, bulk_import };
