// SPDX-License-Identifier: Apache-2.0
/* /v1/cloud-profiles/IMPI/PROVIDER: who a subscriber is in a cloud, and what it is enrolled in. */
#include "hss/rest/resource.h"
#include "hss/rest/subscriber_part.h"
#include <string.h>

/* A name is IMPI/PROVIDER; false when it is none. Both in the pool. */
static bool split(struct obstack *pool, const char *name, const char **impi, const char **provider)
{
	const char *slash = strrchr(name, '/');

	if (!slash || slash == name || !slash[1])
		return false;
	*impi = obstack_copy0(pool, name, (int)(slash - name));
	*provider = obstack_copy0(pool, slash + 1, (int)strlen(slash + 1));
	return true;
}

static int show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	const char *impi, *provider;
	struct private_identity p;
	int err = split(pool, name, &impi, &provider) ? store_private(s, pool, impi, &p) : -ENOENT;

	if (!err)
		err = store_subscription_revision(s, p.subscription, revision);
	if (!err)
		err = cloud_show(s, pool, p.id, provider, out);
	if (!err)
		json_object_set_new(*out, "impi", json_string(impi));
	return err;
}

/* ---- the list ---- */

struct naming {
	struct obstack *pool;
	on_name *each;
	void *context;
};

static void on_pair(void *context, const char *impi, const char *provider)
{
	struct naming *n = context;

	obstack_grow(n->pool, impi, strlen(impi));
	obstack_1grow(n->pool, '/');
	obstack_grow0(n->pool, provider, strlen(provider));
	n->each(n->context, obstack_finish(n->pool));
}

static int each(struct store *s, struct obstack *pool, const char *after, size_t most, on_name *on, void *context)
{
	struct naming n = { pool, on, context };
	const char *impi = "", *provider = "";

	split(pool, after, &impi, &provider);
	return store_each_cloud_name(s, pool, impi, provider, most, on_pair, &n);
}

/* ---- changing ---- */

static int find_owner(struct change *c, struct store *s, struct private_identity *p, const char **provider)
{
	const char *impi;
	int err;

	if (!split(&c->pool, c->name, &impi, provider))
		return problem_set(&c->problem, 404, NULL, "IMPI/PROVIDER is expected: '%s'", c->name);
	err = store_private(s, &c->pool, impi, p);
	return err == -ENOENT ? problem_set(&c->problem, 404, NULL, "no subscriber %s", impi) : err;
}

static int check_member(struct change *c, json_t *whole, const char *key, const char *of_path)
{
	const json_t *own = json_object_get(whole, key);

	if (own && (!json_is_string(own) || strcmp(json_string_value(own), of_path)))
		return problem_set(&c->problem, 422, key, "the object's is another than the address's, '%s'", of_path);
	return 0;
}

static int put(struct change *c, struct store *s, const json_t *object)
{
	struct subscriber u = { .store = s, .pool = &c->pool, .problem = &c->problem, .role = c->role };
	json_t *whole = json_copy((json_t *)(uintptr_t)object);
	struct private_identity p;
	const char *provider = NULL;
	int err = find_owner(c, s, &p, &provider);

	if (!err)
		err = check_member(c, whole, "provider", provider);
	if (!err)
		err = check_member(c, whole, "impi", p.impi);
	if (!err) {
		json_object_del(whole, "impi");
		json_object_set_new(whole, "provider", json_string(provider));
		err = store_cloud_remove(s, p.id, provider);
	}
	u.id = p.id;
	if (!err)
		err = put_one_cloud(&u, whole, "");
	json_decref(whole);
	if (!err)
		err = store_cloud_changed(s, p.subscription);
	return err ? err : store_subscription_touch(s, p.subscription);
}

static int drop(struct change *c, struct store *s)
{
	struct private_identity p;
	const char *provider = NULL;
	int err = find_owner(c, s, &p, &provider);

	if (!err)
		err = store_cloud_remove(s, p.id, provider);
	return err ? err : store_subscription_touch(s, p.subscription);
}

static const struct resource clouds = {
	.what = "cloud profile", .list = "cloud_profiles", .each = each, .show = show, .put = put, .remove = drop,
};

static const struct rest_route routes[] = {
	{ "GET", "/v1/cloud-profiles", resource_list },
	{ "GET", "/v1/cloud-profiles/*", resource_get },
	{ "PUT", "/v1/cloud-profiles/*", resource_put },
	{ "PATCH", "/v1/cloud-profiles/*", resource_put },
	{ "DELETE", "/v1/cloud-profiles/*", resource_delete },
};

REST_RESOURCE_OF(rest_clouds, routes, &clouds);
