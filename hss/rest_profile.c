// SPDX-License-Identifier: Apache-2.0
/* /v1/profiles and /v1/profiles/NAME: service profiles that subscribers name, as ServiceProfile XML [TS 29.228 annex E]. */
#include "hss/profile_import.h"
#include "hss/rest.h"
#include "hss/user_data.h"
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

/* NULL after replying. */
static struct store *reader(struct provisioning *d, struct http_request *q)
{
	struct store *s;

	if (!rest_allowed(d, q))
		return NULL;
	s = hss_reader(d->hss);
	if (!s)
		http_problem(q, 500, NULL, "the store cannot be read");
	return s;
}

void on_profile_get(struct http_request *q, void *context)
{
	struct store *s = reader(context, q);
	struct bytes xml = { NULL, 0 };
	struct obstack pool;
	int64_t id;
	int err;

	if (!s)
		return;
	obstack_init(&pool);
	err = store_profile_find(s, http_rest(q), &id);
	if (!err)
		err = user_data_profile(s, &pool, id, &xml);
	if (err == -ENOENT)
		http_problem(q, 404, NULL, "no profile %s", http_rest(q));
	else if (err)
		http_problem(q, 500, NULL, "the store cannot be read");
	else
		http_reply(q, 200, "application/xml", (const char *)xml.data, xml.len);
	obstack_free(&pool, NULL);
}

static void add_name(void *context, const char *name)
{
	json_array_append_new(context, json_string(name));
}

void on_profile_list(struct http_request *q, void *context)
{
	struct store *s = reader(context, q);
	struct obstack pool;
	json_t *names;

	if (!s)
		return;
	obstack_init(&pool);
	names = json_array();
	if (store_each_profile(s, &pool, add_name, names)) {
		json_decref(names);
		http_problem(q, 500, NULL, "the store cannot be read");
	} else {
		http_reply_json(q, 200, json_pack("{s:o}", "profiles", names));
	}
	obstack_free(&pool, NULL);
}

/* ---- changing ---- */

static int make_put(struct change *c, struct store *s)
{
	int64_t id;
	int err;

	c->problem.status = 0;
	c->created = store_profile_find(s, c->name, &id) == -ENOENT;
	err = profile_import(s, c->name, http_body(c->request), NULL, &id, &c->problem);
	if (!err && !c->created)
		err = push_profile(s, &c->pool, id, &c->pushes);
	return err;
}

static void reply_put(struct change *c)
{
	http_reply(c->request, c->created ? 201 : 204, NULL, "", 0);
	change_free(c);
}

static int make_delete(struct change *c, struct store *s)
{
	int err = store_profile_remove(s, c->name);

	if (err == -EBUSY)
		return problem_set(&c->problem, 409, NULL, "identities have this profile");
	return err ? problem_of_store(&c->problem, err) : 0;
}

static void reply_delete(struct change *c)
{
	http_reply(c->request, 204, NULL, "", 0);
	change_free(c);
}

static void change(struct http_request *q, struct provisioning *d, int (*make)(struct change *c, struct store *s),
		   void (*reply)(struct change *c))
{
	struct change *c = rest_allowed(d, q) ? change_new(d, q) : NULL;

	if (!c)
		return;
	c->name = strdup(http_rest(q));
	c->make = make;
	c->reply = reply;
	change_submit(c);
}

void on_profile_put(struct http_request *q, void *context)
{
	change(q, context, make_put, reply_put);
}

void on_profile_delete(struct http_request *q, void *context)
{
	change(q, context, make_delete, reply_delete);
}
