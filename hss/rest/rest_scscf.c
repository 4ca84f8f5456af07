// SPDX-License-Identifier: Apache-2.0
/* /v1/scscf/NAME: the S-CSCFs that users are assigned to or that an operator has recorded, NAME being a Server-Name, a SIP URI;
 * /v1/scscf/NAME/users: whom one serves; POST /v1/scscf/NAME/take-off: all of them leave it. */
#include "hss/rest/resource.h"
#include "hss/rest/subscriber_part.h"
#include "hss/rest/take_off.h"
#include "hss/uri.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPABILITIES_MAX = 256 };

/* ---- reading ---- */

static void add_number(void *list, uint32_t value)
{
	json_array_append_new(list, json_integer(value));
}

static void add_text(void *list, const char *text)
{
	json_array_append_new(list, json_string(text));
}

static int show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	json_t *capabilities = json_array(), *hosts = json_array();
	struct scscf_row row;
	int err = store_scscf(s, pool, name, &row);

	if (!err)
		err = store_each_scscf_capability(s, name, add_number, capabilities);
	if (!err)
		err = store_each_scscf_host(s, pool, name, add_text, hosts);
	if (!err) {
		*out = json_pack("{s:s, s:s*, s:O, s:O, s:I}", "name", name, "note", row.note, "capabilities", capabilities, "hosts", hosts,
				 "assigned", (json_int_t)row.assigned);
		*revision = row.revision;
	}
	json_decref(capabilities);
	json_decref(hosts);
	return err;
}

/* ---- what is recorded ---- */

static int read_capabilities(struct change *c, const json_t *object, uint32_t *out, size_t *n)
{
	const json_t *list = json_object_get(object, "capabilities"), *v;
	size_t i;

	*n = 0;
	if (list && !json_is_null(list) && !json_is_array(list))
		return problem_set(&c->problem, 422, "capabilities", "a list of numbers is expected");
	json_array_foreach(list, i, v) {
		if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UINT32_MAX || *n == CAPABILITIES_MAX)
			return problem_set(&c->problem, 422, "capabilities", "at most %d numbers from 0 to 4294967295 are expected",
					   CAPABILITIES_MAX);
		out[(*n)++] = (uint32_t)json_integer_value(v);
	}
	return 0;
}

static int put(struct change *c, struct store *s, const json_t *object)
{
	static const char *const keys[] = { "name", "note", "capabilities", NULL };
	const struct subscriber u = { .problem = &c->problem };
	uint32_t capabilities[CAPABILITIES_MAX];
	const char *note = NULL, *own = NULL;
	size_t n = 0;
	int err = members_known(&u, object, "", keys);

	if (!err && (member_text(&u, object, "", "name", &own) < 0 || member_text(&u, object, "", "note", &note) < 0))
		err = -EINVAL;
	if (!err && (!is_sip_uri(c->name) || (own && strcmp(own, c->name))))
		err = problem_set(&c->problem, 422, "name", own ? "the object's is another than the address's" : "a SIP URI is expected");
	if (!err)
		err = read_capabilities(c, object, capabilities, &n);
	return err ? err : store_scscf_put(s, c->name, note, capabilities, n);
}

static int drop(struct change *c, struct store *s)
{
	return store_scscf_remove(s, c->name);
}

static const struct resource scscfs = {
	.what = "S-CSCF", .list = "scscf", .key = "name", .shown_only = (const char *const[]){ "hosts", "assigned", NULL },
	.each = store_each_scscf, .show = show, .put = put, .remove = drop,
};

/* ---- whom it serves ---- */

struct users {
	struct store *store;
	struct obstack *pool;
	struct page page;
	json_t *list;
	int err;
};

static void add_user(void *context, int64_t subscription, const char *name)
{
	struct users *w = context;
	struct cx_strings impis = { .count = 0 };
	json_t *list;
	int in_use;

	obstack_printf(w->pool, "%" PRId64, subscription);
	obstack_1grow(w->pool, 0);
	page_add(&w->page, obstack_finish(w->pool));
	if (w->page.count > w->page.most)
		return;
	list = json_array();
	in_use = store_subscription_in_use(w->store, subscription);
	w->err = w->err ? w->err : in_use < 0 ? in_use : store_privates_of(w->store, w->pool, subscription, &impis);
	for (size_t i = 0; i < impis.count; i++)
		add_text(list, impis.item[i]);
	json_array_append_new(w->list, json_pack("{s:s, s:o, s:b}", "subscription", name, "impis", list, "served", in_use > 0));
}

static void list_users(struct http_request *q, struct provisioning *d, const char *name)
{
	const char *after = http_query(q, "after");
	struct users w = { .list = json_array() };
	struct obstack pool;
	char *path = NULL;
	int err;

	w.store = page_read(q, &w.page) ? rest_begin(d, q, &pool) : NULL;
	if (!w.store)
		return json_decref(w.list);
	w.pool = &pool;
	err = store_each_user_of_scscf(w.store, &pool, name, after ? strtoll(after, NULL, 10) : 0, w.page.most + 1, add_user, &w);
	if (err || w.err || asprintf(&path, "/v1/scscf/%s/users", name) < 0) {
		json_decref(w.list);
		rest_reply_unread(q);
	} else {
		page_reply(q, &w.page, path, "users", w.list, -1);
	}
	free(path);
	rest_end(w.store, &pool);
}

/* The name of the path before `end`, malloc'd; NULL: the path ends in something else. */
static char *name_before(struct http_request *q, const char *end)
{
	size_t n = strlen(http_rest(q)), len = strlen(end);

	return n > len && !strcmp(http_rest(q) + n - len, end) ? strndup(http_rest(q), n - len) : NULL;
}

static void on_get(struct http_request *q, struct provisioning *d)
{
	char *name = name_before(q, "/users");

	if (name)
		list_users(q, d, name);
	else
		resource_get(q, d);
	free(name);
}

static void on_post(struct http_request *q, struct provisioning *d)
{
	char *name = name_before(q, "/take-off");

	if (name)
		take_off(q, d, name);
	else
		resource_put(q, d);
	free(name);
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/scscf", resource_list },
	{ "POST", "/v1/scscf", resource_put },
	{ "GET", "/v1/scscf/*", on_get },
	{ "POST", "/v1/scscf/*", on_post },
	{ "PUT", "/v1/scscf/*", resource_put },
	{ "PATCH", "/v1/scscf/*", resource_put },
	{ "DELETE", "/v1/scscf/*", resource_delete },
};

REST_RESOURCE_OF(rest_scscf, routes, &scscfs);
