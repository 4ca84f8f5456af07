// SPDX-License-Identifier: Apache-2.0
/* /v1/charging/SUBSCRIPTION: the charging functions of a subscription; /v1/charging-default: those of all that have none of their
 * own. [TS 29.229 6.3.19] */
#include "hss/rest/resource.h"
#include "hss/rest/subscriber_part.h"

static int read_object(struct change *c, const json_t *object, struct cx_charging *out)
{
	const struct subscriber u = { .problem = &c->problem };

	return read_charging(&u, object, "", out);
}

/* ---- a subscription's ---- */

static int show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	struct cx_charging c;
	int64_t id;
	int err = store_subscription_find(s, name, &id);

	if (!err)
		err = store_subscription_revision(s, id, revision);
	if (!err)
		err = store_own_charging(s, pool, id, &c);
	if (err)
		return err;
	*out = charging_show(&c);
	json_object_set_new(*out, "subscription", json_string(name));
	return 0;
}

static int write_charging(struct change *c, struct store *s, const struct cx_charging *charging)
{
	const struct subscriber_writing w = change_writing(c, s);
	struct push_before *before = obstack_alloc(&c->pool, sizeof *before);
	int64_t id;
	int err = store_subscription_find(s, c->name, &id);

	if (!err)
		err = push_look(s, &c->pool, id, before);
	if (!err)
		err = store_charging_put(s, id, charging);
	return err ? err : subscriber_settle(&w, id, before);
}

static int put(struct change *c, struct store *s, const json_t *object)
{
	struct cx_charging charging = { 0 };
	int err = read_object(c, object, &charging);

	return err ? err : write_charging(c, s, &charging);
}

static int drop(struct change *c, struct store *s)
{
	return write_charging(c, s, &(struct cx_charging){ 0 });
}

static const struct resource charging_of_one = {
	.what = "subscription", .list = "charging", .is_fixed = true, .shown_only = (const char *const[]){ "subscription", NULL },
	.each = store_each_charged, .show = show, .put = put, .remove = drop,
};

static const struct rest_route routes[] = {
	{ "GET", "/v1/charging", resource_list },
	{ "GET", "/v1/charging/*", resource_get },
	{ "PUT", "/v1/charging/*", resource_put },
	{ "PATCH", "/v1/charging/*", resource_put },
	{ "DELETE", "/v1/charging/*", resource_delete },
};

REST_RESOURCE_OF(rest_charging, routes, &charging_of_one);

/* ---- the default ---- */

static int show_default(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	struct cx_charging c;
	int err = store_default_charging(s, pool, &c, revision);

	(void)name;
	if (!err)
		*out = charging_show(&c);
	return err;
}

static int put_default(struct change *c, struct store *s, const json_t *object)
{
	struct cx_charging charging = { 0 };
	int err = read_object(c, object, &charging);

	if (!err)
		err = store_default_charging_put(s, &charging);
	return err ? err : store_push_default_charging(s);
}

static int drop_default(struct change *c, struct store *s)
{
	int err = store_default_charging_remove(s);

	(void)c;
	return err ? err : store_push_default_charging(s);
}

static const struct resource default_charging = { .what = "default", .show = show_default, .put = put_default, .remove = drop_default };

static const struct rest_route default_routes[] = {
	{ "GET", "/v1/charging-default", resource_get },
	{ "PUT", "/v1/charging-default", resource_put },
	{ "PATCH", "/v1/charging-default", resource_put },
	{ "DELETE", "/v1/charging-default", resource_delete },
};

REST_RESOURCE_OF(rest_default_charging, default_routes, &default_charging);
