// SPDX-License-Identifier: Apache-2.0
/* /v1/profiles and /v1/profiles/NAME: service profiles that subscribers name, as ServiceProfile XML [TS 29.228 annex E]. */
#include "hss/profile_import.h"
#include "hss/rest.h"
#include "hss/user_data.h"
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static void on_get(struct http_request *q, struct provisioning *d)
{
	struct obstack pool;
	struct store *s = rest_begin(d, q, &pool);
	struct bytes xml = { NULL, 0 };
	int64_t id;
	int err;

	if (!s)
		return;
	err = store_profile_find(s, http_rest(q), &id);
	if (!err)
		err = user_data_profile(s, &pool, id, &xml);
	if (err == -ENOENT)
		http_problem(q, 404, NULL, "no profile %s", http_rest(q));
	else if (err)
		rest_reply_unread(q);
	else
		http_reply(q, 200, "application/xml", (const char *)xml.data, xml.len);
	rest_end(s, &pool);
}

static void add_name(void *context, const char *name)
{
	json_array_append_new(context, json_string(name));
}

static void on_list(struct http_request *q, struct provisioning *d)
{
	struct obstack pool;
	struct store *s = rest_begin(d, q, &pool);
	json_t *names;

	if (!s)
		return;
	names = json_array();
	if (store_each_profile(s, &pool, add_name, names)) {
		json_decref(names);
		rest_reply_unread(q);
	} else {
		http_reply_json(q, 200, json_pack("{s:o}", "profiles", names));
	}
	rest_end(s, &pool);
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

static void change(struct http_request *q, struct provisioning *d, int (*make)(struct change *c, struct store *s),
		   void (*reply)(struct change *c))
{
	struct change *c = change_new(d, q, make, reply);

	if (c)
		change_submit(c);
}

static void on_put(struct http_request *q, struct provisioning *d)
{
	change(q, d, make_put, reply_put);
}

static void on_delete(struct http_request *q, struct provisioning *d)
{
	change(q, d, make_delete, change_reply_done);
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/profiles", on_list },
	{ "GET", "/v1/profiles/*", on_get },
	{ "PUT", "/v1/profiles/*", on_put },
	{ "DELETE", "/v1/profiles/*", on_delete },
};

REST_RESOURCE(rest_profiles, routes);
