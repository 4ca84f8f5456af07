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

/* The reader's snapshot for one answer. NULL after replying. */
static struct store *begin(struct provisioning *d, struct http_request *q, struct obstack *pool)
{
	struct store *s;

	if (!rest_allowed(d, q))
		return NULL;
	s = hss_reader(d->hss);
	if (!s || store_begin(s)) {
		http_problem(q, 500, NULL, "the store cannot be read");
		return NULL;
	}
	obstack_init(pool);
	return s;
}

void on_subscriber_get(struct http_request *q, void *context)
{
	struct obstack pool;
	struct store *s = begin(context, q, &pool);
	json_t *o = NULL;
	int err;

	if (!s)
		return;
	err = subscriber_show(s, &pool, http_rest(q), &o);
	store_rollback(s);
	if (err == -ENOENT)
		http_problem(q, 404, NULL, "no subscriber %s", http_rest(q));
	else if (err)
		http_problem(q, 500, NULL, "the store cannot be read");
	else
		http_reply_json(q, 200, o);
	obstack_free(&pool, NULL);
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
void on_subscriber_list(struct http_request *q, void *context)
{
	const char *limit = http_query(q, "limit"), *after = http_query(q, "after"), *impu = http_query(q, "impu");
	long most = !limit ? LIST_DEFAULT : limit[strspn(limit, "0123456789")] ? 0 : strtol(limit, NULL, 10);
	struct obstack pool;
	struct store *s = begin(context, q, &pool);
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
		http_problem(q, 500, NULL, "the store cannot be read");
		json_decref(subscribers);
	} else {
		http_reply_json(q, 200, json_pack("{s:o, s:I}", "subscribers", subscribers, "total", (json_int_t)total));
	}
out:
	store_rollback(s);
	obstack_free(&pool, NULL);
}

/* ---- changing ---- */

static int make_put(struct change *c, struct store *s)
{
	const struct subscriber_writing w = change_writing(c, s);
	int err;

	c->problem.status = 0;
	err = subscriber_put(&w, c->name, c->object, (enum subscriber_mode)c->mode, &c->created);
	if (!err && !c->name) { /* POST to the list: the name is in the object */
		const char *own = json_string_value(json_object_get(c->object, "impi"));

		c->name = own ? strdup(own) : NULL;
	}
	json_decref(c->object); /* the answer's place, from here on */
	c->object = NULL;
	return err ? err : subscriber_show(s, &c->pool, c->name, &c->object);
}

static void reply_put(struct change *c)
{
	json_t *o = c->object;

	c->object = NULL;
	http_reply_json(c->request, c->created ? 201 : 200, o);
	change_free(c);
}

/* False after replying. */
static bool read_object(struct change *c)
{
	struct bytes body = http_body(c->request);
	json_error_t e;

	c->object = json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, &e);
	if (c->object)
		return true;
	problem_set(&c->problem, 400, NULL, "not JSON: line %d, column %d: %s", e.line, e.column, e.text);
	change_refuse(c);
	return false;
}

static void put(struct provisioning *d, struct http_request *q, const char *impi, enum subscriber_mode mode)
{
	struct change *c = change_new(d, q);

	if (!c)
		return;
	c->name = impi ? strdup(impi) : NULL;
	c->mode = mode;
	c->make = make_put;
	c->reply = reply_put;
	if (read_object(c))
		change_submit(c);
}

void on_subscriber_change(struct http_request *q, void *context)
{
	const char *method = http_method(q);

	if (!rest_allowed(context, q))
		return;
	put(context, q, http_rest(q), !strcmp(method, "POST") ? SUBSCRIBER_CREATE : !strcmp(method, "PUT") ? SUBSCRIBER_REPLACE : SUBSCRIBER_MERGE);
}

/* One object, or a line for each. */
void on_subscribers_post(struct http_request *q, void *context)
{
	const char *type = http_header(q, "Content-Type");

	if (!rest_allowed(context, q))
		return;
	if (type && !strncasecmp(type, "application/x-ndjson", 20))
		bulk_begin(context, q);
	else
		put(context, q, NULL, SUBSCRIBER_CREATE);
}

static int make_delete(struct change *c, struct store *s)
{
	const struct subscriber_writing w = change_writing(c, s);

	return subscriber_remove(&w, c->name);
}

static void reply_delete(struct change *c)
{
	http_reply(c->request, 204, NULL, "", 0);
	change_free(c);
}

void on_subscriber_delete(struct http_request *q, void *context)
{
	struct change *c;

	if (!rest_allowed(context, q))
		return;
	c = change_new(context, q);
	if (!c)
		return;
	c->name = strdup(http_rest(q));
	c->make = make_delete;
	c->reply = reply_delete;
	change_submit(c);
}
