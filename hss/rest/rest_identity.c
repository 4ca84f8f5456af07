// SPDX-License-Identifier: Apache-2.0
/* /v1/identities and /v1/identities/IMPU: public identities by themselves. They come and go with the subscribers that have them. */
#include "hss/rest/resource.h"
#include "hss/rest/subscriber_part.h"
#include "hss/uri.h"
#include <string.h>

static void add_text(void *list, const char *text)
{
	json_array_append_new(list, json_string(text));
}

static int find(struct store *s, struct obstack *pool, const char *name, struct impu *out)
{
	char uri[IMPU_MAX];

	return impu_canonical(name, uri) ? -ENOENT : store_impu(s, pool, uri, out);
}

/* As in the subscriber object, and whose it is. */
static int show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	json_t *impis = json_array(), *o;
	const char *subscription, *scscf;
	struct shown_identity i;
	struct impu u;
	int rank, err = find(s, pool, name, &u);

	if (!err)
		err = store_shown_identity(s, pool, u.id, &i, &rank);
	if (!err)
		err = store_subscription_revision(s, u.subscription, revision);
	if (!err)
		err = store_subscription_name(s, pool, u.subscription, &subscription, &scscf);
	if (!err)
		err = store_each_private_of_impu(s, pool, u.id, add_text, impis);
	if (!err) {
		o = identity_show(&i);
		json_object_set_new(o, "subscription", json_string(subscription));
		json_object_set(o, "impis", impis);
		json_object_set_new(o, "registration", json_pack("{s:s, s:s*}", "state", identity_state(s, &u), "scscf", scscf));
		*out = o;
	}
	json_decref(impis);
	return err;
}

static int check_name(struct change *c, const json_t *object, const struct impu *u)
{
	const json_t *own = json_object_get(object, "impu");
	char uri[IMPU_MAX];

	if (!own)
		return json_is_object(object) ? 0 : problem_set(&c->problem, 422, NULL, "an object is expected");
	if (!json_is_string(own) || impu_canonical(json_string_value(own), uri) || strcmp(uri, u->uri))
		return problem_set(&c->problem, 422, "impu", "the object's is another than the address's, '%s'", u->uri);
	return 0;
}

static int put(struct change *c, struct store *s, const json_t *object)
{
	const struct subscriber_writing w = change_writing(c, s);
	struct push_before *before = obstack_alloc(&c->pool, sizeof *before);
	struct subscriber owner = { .hss = w.hss, .store = s, .pool = &c->pool, .problem = &c->problem, .role = c->role };
	struct shown_identity was;
	json_t *whole = json_copy((json_t *)(uintptr_t)object);
	struct impu u;
	int64_t id;
	int rank, err = find(s, &c->pool, c->name, &u);

	if (!err)
		err = check_name(c, object, &u);
	if (!err)
		err = push_look(s, &c->pool, u.subscription, before);
	if (!err)
		err = store_shown_identity(s, &c->pool, u.id, &was, &rank);
	owner.subscription = u.subscription;
	owner.impi = u.uri; /* the name of a profile that comes as text */
	json_object_set_new(whole, "impu", json_string(u.uri));
	if (!err)
		err = put_identity(&owner, whole, "", rank, NULL, &id);
	json_decref(whole);
	return err ? err : subscriber_settle(&w, u.subscription, before);
}

static const struct resource identities = {
	.what = "public identity", .list = "identities", .is_fixed = true, .key = "impu",
	.shown_only = (const char *const[]){ "registration", "subscription", "impis", NULL }, .each = store_each_impu, .show = show, .put = put,
};

static const struct rest_route routes[] = {
	{ "GET", "/v1/identities", resource_list },
	{ "GET", "/v1/identities/*", resource_get },
	{ "PUT", "/v1/identities/*", resource_put },
	{ "PATCH", "/v1/identities/*", resource_put },
};

REST_RESOURCE_OF(rest_identities, routes, &identities);
