// SPDX-License-Identifier: Apache-2.0
/* /v1/subscribers and /v1/subscribers/IMPI. */
#include "hss/identity.h"
#include "hss/rest.h"
#include "hss/subscriber.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LIST_DEFAULT = 100, LIST_MAX = 1000 };

/* ---- reading ---- */

static void on_get(struct http_request *q, struct provisioning *d)
{
	struct obstack pool;
	struct store *s = rest_begin(d, q, &pool);
	json_t *o = NULL;
	int err;

	if (!s)
		return;
	err = subscriber_show(s, &pool, http_rest(q), &o);
	if (err == -ENOENT)
		http_problem(q, 404, NULL, "no subscriber %s", http_rest(q));
	else if (err)
		rest_reply_unread(q);
	else
		http_reply_json(q, 200, o);
	rest_end(s, &pool);
}

struct page {
	const char *impis[LIST_MAX];
	size_t count;
};

static void add_to_page(void *context, const char *impi)
{
	struct page *p = context;

	p->impis[p->count++] = impi;
}

static int list(struct store *s, struct obstack *pool, const char *after, size_t most, json_t *subscribers)
{
	struct page p = { .count = 0 };
	int err = store_each_impi(s, pool, after, most, add_to_page, &p);

	for (size_t i = 0; !err && i < p.count; i++) {
		json_t *o;

		err = subscriber_show(s, pool, p.impis[i], &o);
		if (!err)
			json_array_append_new(subscribers, o);
	}
	return err;
}

/* Whose public identity it is: a list of one or none. */
static int list_owner(struct store *s, struct obstack *pool, const char *text, json_t *subscribers)
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
		json_array_append_new(subscribers, o);
	return err == -ENOENT || err == -EINVAL ? 0 : err;
}

/* ?limit=N&after=IMPI: in the order of names; ?impu=URI: who has it. "total" counts all. */
static void on_list(struct http_request *q, struct provisioning *d)
{
	const char *limit = http_query(q, "limit"), *after = http_query(q, "after"), *impu = http_query(q, "impu");
	long most = !limit ? LIST_DEFAULT : limit[strspn(limit, "0123456789")] ? 0 : strtol(limit, NULL, 10);
	struct obstack pool;
	struct store *s = rest_begin(d, q, &pool);
	json_t *subscribers = json_array();
	int64_t total = 0;
	int err;

	if (!s)
		return json_decref(subscribers);
	if (most < 1 || most > LIST_MAX) {
		http_problem(q, 400, "limit", "a number from 1 to %d is expected", LIST_MAX);
		json_decref(subscribers);
		goto out;
	}
	err = impu ? list_owner(s, &pool, impu, subscribers) : list(s, &pool, after ? after : "", (size_t)most, subscribers);
	if (!err)
		err = store_count(s, &total);
	if (err) {
		rest_reply_unread(q);
		json_decref(subscribers);
	} else {
		http_reply_json(q, 200, json_pack("{s:o, s:I}", "subscribers", subscribers, "total", (json_int_t)total));
	}
out:
	rest_end(s, &pool);
}

/* ---- changing ---- */

static int make_put(struct change *c, struct store *s)
{
	const struct subscriber_writing w = change_writing(c, s);
	/* POST to the list: the name is in the object. */
	const char *impi = *c->name ? c->name : json_string_value(json_object_get(c->object, "impi"));
	json_t *shown = NULL;
	int err;

	c->problem.status = 0;
	err = subscriber_put(&w, *c->name ? c->name : NULL, c->object, (enum subscriber_mode)c->mode, &c->created);
	if (!err)
		err = subscriber_show(s, &c->pool, impi, &shown);
	json_decref(c->object); /* the answer's place, from here on */
	c->object = shown;
	return err;
}

static void reply_put(struct change *c)
{
	json_t *o = c->object;

	c->object = NULL;
	http_reply_json(c->request, c->created ? 201 : 200, o);
	change_free(c);
}

static void put(struct provisioning *d, struct http_request *q, enum subscriber_mode mode)
{
	struct change *c = change_new(d, q, make_put, reply_put);

	if (!c)
		return;
	c->mode = mode;
	if (change_read_json(c))
		change_submit(c);
}

static void on_change(struct http_request *q, struct provisioning *d)
{
	const char *method = http_method(q);

	put(d, q, !strcmp(method, "POST") ? SUBSCRIBER_CREATE : !strcmp(method, "PUT") ? SUBSCRIBER_REPLACE : SUBSCRIBER_MERGE);
}

/* One object, or a line for each. */
static void on_post(struct http_request *q, struct provisioning *d)
{
	const char *type = http_header(q, "Content-Type");

	if (type && !strncasecmp(type, "application/x-ndjson", 20))
		bulk_begin(d, q);
	else
		put(d, q, SUBSCRIBER_CREATE);
}

static int make_delete(struct change *c, struct store *s)
{
	const struct subscriber_writing w = change_writing(c, s);

	return subscriber_remove(&w, c->name);
}

static void on_delete(struct http_request *q, struct provisioning *d)
{
	struct change *c = change_new(d, q, make_delete, change_reply_done);

	if (c)
		change_submit(c);
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/subscribers", on_list },
	{ "POST", "/v1/subscribers", on_post },
	{ "GET", "/v1/subscribers/*", on_get },
	{ "POST", "/v1/subscribers/*", on_change },
	{ "PUT", "/v1/subscribers/*", on_change },
	{ "PATCH", "/v1/subscribers/*", on_change },
	{ "DELETE", "/v1/subscribers/*", on_delete },
};

REST_RESOURCE(rest_subscribers, routes);
