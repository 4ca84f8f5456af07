// SPDX-License-Identifier: Apache-2.0
/* /v1/profiles and /v1/profiles/NAME: service profiles that subscribers name, as ServiceProfile XML [TS 29.228 annex E] or as JSON. */
#include "hss/rest/profile_import.h"
#include "hss/rest/profile_json.h"
#include "hss/rest/resource.h"
#include "hss/rest/rest_profile.h"
#include "hss/user_data.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- shared with filter criteria ---- */

int rest_profile_show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	int64_t id;
	int err = store_profile_find(s, name, &id);

	if (!err)
		err = store_profile_revision(s, id, revision);
	return err ? err : profile_show(s, pool, id, name, out);
}

static int write_xml(struct change *c, struct store *s, const char *name, struct bytes xml)
{
	int64_t id;
	bool there = !store_profile_find(s, name, &id);
	int err = profile_import(s, name, xml, NULL, &id, &c->problem);

	if (!there && user_data_shared_set(name) < 0)
		return err;
	return err ? err : store_push_profile(s, id, user_data_shared_set(name));
}

int rest_profile_write(struct change *c, struct store *s, const char *name, const json_t *object)
{
	struct bytes xml;
	int err = profile_xml(object, &c->pool, &c->problem, &xml);

	return err ? err : write_xml(c, s, name, xml);
}

/* ---- the resource ---- */

static int put(struct change *c, struct store *s, const json_t *object)
{
	const json_t *own = json_object_get(object, "name");

	if (!*c->name)
		return problem_set(&c->problem, 422, "name", "is needed");
	if (own && (!json_is_string(own) || strcmp(json_string_value(own), c->name)))
		return problem_set(&c->problem, 422, "name", "the object's is another than the address's, '%s'", c->name);
	return rest_profile_write(c, s, c->name, object);
}

static int drop(struct change *c, struct store *s)
{
	int err = store_profile_remove(s, c->name);

	return err == -EBUSY ? problem_set(&c->problem, 409, NULL, "identities have this profile") : err;
}

static const struct resource profiles = {
	.what = "profile", .list = "profiles", .names_only = true, .each = store_each_profile, .show = rest_profile_show,
	.key = "name", .put = put, .remove = drop,
};

/* ---- as XML ---- */

/* JSON when it is asked for, and the XML of the standard is not. */
static bool wants_json(struct http_request *q)
{
	const char *accept = http_header(q, "Accept");

	return accept && strcasestr(accept, "json") && !strcasestr(accept, "xml");
}

static void on_get(struct http_request *q, struct provisioning *d)
{
	struct bytes xml = { NULL, 0 };
	struct obstack pool;
	struct store *s;
	int64_t id, revision = 0;
	int err;

	if (wants_json(q))
		return resource_get(q, d);
	s = rest_begin(d, q, &pool);
	if (!s)
		return;
	err = store_profile_find(s, http_rest(q), &id);
	if (!err)
		err = store_profile_revision(s, id, &revision);
	if (!err)
		err = user_data_profile(s, &pool, id, &xml);
	if (err == -ENOENT) {
		http_problem(q, 404, NULL, "no profile %s", http_rest(q));
	} else if (err) {
		rest_reply_unread(q);
	} else {
		resource_etag(q, revision);
		http_reply(q, 200, "application/xml", (const char *)xml.data, xml.len);
	}
	rest_end(s, &pool);
}

static int put_xml(struct change *c, struct store *s, const json_t *object)
{
	(void)object;
	return write_xml(c, s, c->name, http_body(c->request));
}

static const struct resource profiles_as_xml = { .what = "profile", .show = rest_profile_show, .put = put_xml };

/* What begins with "<" is no JSON, whatever its header says. */
static bool is_json(struct http_request *q)
{
	const char *type = http_header(q, "Content-Type");
	struct bytes body = http_body(q);
	size_t i = 0;

	while (i < body.len && isspace(body.data[i]))
		i++;
	return type && strcasestr(type, "json") && !(i < body.len && body.data[i] == '<');
}

static void on_put(struct http_request *q, struct provisioning *d)
{
	if (is_json(q))
		return resource_put(q, d);
	d->of = &profiles_as_xml;
	resource_put_body(q, d);
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/profiles", resource_list },
	{ "POST", "/v1/profiles", resource_put },
	{ "GET", "/v1/profiles/*", on_get },
	{ "PUT", "/v1/profiles/*", on_put },
	{ "PATCH", "/v1/profiles/*", resource_put },
	{ "DELETE", "/v1/profiles/*", resource_delete },
};

REST_RESOURCE_OF(rest_profiles, routes, &profiles);
