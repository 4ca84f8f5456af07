// SPDX-License-Identifier: Apache-2.0
/* /v1/application-servers/IDENTITY: what an application server may over Sh [TS 29.328 6.2].
 *
 *   {"identity": "as.ims.test", "permissions": {"RepositoryData": ["pull", "update", "subscribe"], "IMSUserState": ["pull"]}}
 *
 * /v1/service-activation/IMPU: DSAI of a public identity, and whether a public service identity is active [TS 29.328 7.6.10, 7.6.11].
 *
 *   {"impu": "sip:alice@ims.test", "psi_active": true, "dsai": [{"server_name": "sip:as.ims.test", "tag": "mail", "active": true}]} */
#include "hss/key/fingerprint.h"
#include "hss/identity.h"
#include "hss/push.h"
#include "hss/rest/resource.h"
#include "hss/sh_reference.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; int operation; } operations[] = {
	{ "pull", SH_MAY_PULL }, { "update", SH_MAY_UPDATE }, { "subscribe", SH_MAY_SUBSCRIBE },
};

/* An ETag says that nothing has changed: of a thing without a count of its changes, its text. [RFC 9110 8.8.3] */
static int64_t revision_of(const json_t *o)
{
	char *text = json_dumps(o, JSON_SORT_KEYS | JSON_COMPACT);
	int64_t revision = text ? fingerprint((struct bytes){ (const uint8_t *)text, strlen(text) }) : 0;

	free(text);
	return revision;
}

/* ---- application servers ---- */

struct shown {
	const char *identity;
	json_t *permissions;
};

static void show_permission(void *context, const char *identity, struct permission_row p)
{
	struct shown *w = context;
	const struct sh_reference_row *row = sh_reference_find(p.reference);
	json_t *list;

	if (strcmp(identity, w->identity) || !row || !p.operations)
		return;
	list = json_array();
	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		if (p.operations & operations[i].operation)
			json_array_append_new(list, json_string(operations[i].name));
	json_object_set_new(w->permissions, row->name, list);
}

static int show_server(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	struct shown w = { .identity = name };
	int err = store_server_find(s, name);

	if (err)
		return err;
	w.permissions = json_object();
	err = store_each_permission(s, pool, show_permission, &w);
	*out = json_pack("{s:s, s:o}", "identity", name, "permissions", w.permissions);
	*revision = revision_of(*out);
	return err;
}

struct names {
	const char *after, *last;
	size_t most;
	on_name *each;
	void *context;
};

static void pass_name(void *context, const char *identity, struct permission_row p)
{
	struct names *n = context;

	(void)p;
	if (strcmp(identity, n->after) <= 0 || (n->last && !strcmp(identity, n->last)) || !n->most)
		return;
	n->last = identity;
	n->most--;
	n->each(n->context, identity);
}

static int each_server(struct store *s, struct obstack *pool, const char *after, size_t most, on_name *each, void *context)
{
	struct names n = { .after = after, .most = most, .each = each, .context = context };

	return store_each_permission(s, pool, pass_name, &n);
}

static int wrong(struct change *c, const char *field, const char *what)
{
	return problem_set(&c->problem, 422, field, "%s", what);
}

static int read_operations(struct change *c, const char *name, const json_t *list, struct permission_row *out)
{
	const struct sh_reference_row *row = sh_reference_named(name);
	char field[96];
	const json_t *v;
	size_t i, k;

	snprintf(field, sizeof field, "permissions.%s", name);
	if (!row)
		return wrong(c, field, "no such data is accessible over Sh");
	if (!json_is_array(list) || !json_array_size(list))
		return wrong(c, field, "a list of pull, update, subscribe is expected");
	*out = (struct permission_row){ row->reference, 0 };
	json_array_foreach(list, i, v) {
		for (k = 0; k < ARRAY_LEN(operations); k++)
			if (json_is_string(v) && !strcmp(json_string_value(v), operations[k].name))
				break;
		if (k == ARRAY_LEN(operations) || !(row->operations & operations[k].operation))
			return wrong(c, field, "of pull, update and subscribe only those that the data has");
		out->operations |= operations[k].operation;
	}
	return 0;
}

/* A Diameter identity: a host name [RFC 6733 4.3.1]. */
static bool is_identity(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] && strlen(s) <= 255;
}

static int put_server(struct change *c, struct store *s, const json_t *object)
{
	const json_t *permissions = json_object_get(object, "permissions"), *list, *own = json_object_get(object, "identity");
	struct permission_row rows[32];
	const char *name;
	size_t n = 0;

	if (own && (!json_is_string(own) || strcmp(json_string_value(own), c->name)))
		return wrong(c, "identity", "the object's is another than the address's");
	if (!is_identity(c->name))
		return wrong(c, "identity", "a Diameter identity like as.ims.test is expected");
	if (!json_is_object(permissions) || json_object_size(permissions) > ARRAY_LEN(rows))
		return wrong(c, "permissions", "an object of data and what may be done with it is expected");
	json_object_foreach((json_t *)(uintptr_t)object, name, list)
		if (strcmp(name, "permissions") && strcmp(name, "identity"))
			return wrong(c, name, "nobody knows this member");
	json_object_foreach((json_t *)(uintptr_t)permissions, name, list)
		if (read_operations(c, name, list, &rows[n++]))
			return -EINVAL;
	return store_server_put(s, c->name, rows, n);
}

static int drop_server(struct change *c, struct store *s)
{
	return store_server_remove(s, c->name);
}

static const struct resource servers = {
	.what = "application server", .list = "application_servers", .each = each_server, .show = show_server, .key = "identity",
	.put = put_server, .remove = drop_server,
};

static const struct rest_route server_routes[] = {
	{ "GET", "/v1/application-servers", resource_list },
	{ "POST", "/v1/application-servers", resource_put },
	{ "GET", "/v1/application-servers/*", resource_get },
	{ "PUT", "/v1/application-servers/*", resource_put },
	{ "PATCH", "/v1/application-servers/*", resource_put },
	{ "DELETE", "/v1/application-servers/*", resource_delete },
};

REST_RESOURCE_OF(rest_application_servers, server_routes, &servers);

/* ---- activation ---- */

static void show_dsai(void *context, const char *server_name, const char *tag, bool active)
{
	json_array_append_new(context, json_pack("{s:s, s:s, s:b}", "server_name", server_name, "tag", tag, "active", (int)active));
}

static int find_impu_of(struct store *s, struct obstack *pool, const char *name, struct impu *u)
{
	char uri[IMPU_MAX];

	return impu_canonical(name, uri) ? -ENOENT : store_impu(s, pool, uri, u);
}

static int show_activation(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	json_t *list;
	struct impu u;
	int err = find_impu_of(s, pool, name, &u), active = err ? 0 : store_psi_active(s, u.id);

	if (err || active < 0)
		return err ? err : active;
	list = json_array();
	err = store_each_dsai_of(s, pool, u.id, show_dsai, list);
	*out = json_pack("{s:s, s:o}", "impu", u.uri, "dsai", list);
	if (is_psi(&u))
		json_object_set_new(*out, "psi_active", json_boolean(active));
	*revision = revision_of(*out);
	return err;
}

static int put_dsai(struct change *c, struct store *s, const struct impu *u, const json_t *o, size_t i)
{
	const char *server = json_string_value(json_object_get(o, "server_name")), *tag = json_string_value(json_object_get(o, "tag"));
	const json_t *active = json_object_get(o, "active");
	char field[32];

	snprintf(field, sizeof field, "dsai[%zu]", i);
	if (!server || !is_sip_uri(server) || !tag || !*tag || (active && !json_is_boolean(active)))
		return wrong(c, field, "the server_name, a SIP URI, the tag and active, true or false, are expected");
	return store_dsai_put(s, u->id, server, tag, !active || json_is_true(active));
}

static int put_dsais(struct change *c, struct store *s, const struct impu *u, const json_t *list)
{
	const json_t *o;
	size_t i;
	int err = store_dsais_clear(s, u->id);

	if (list && !json_is_array(list))
		return wrong(c, "dsai", "a list is expected");
	json_array_foreach(list, i, o) {
		if (err)
			break;
		err = put_dsai(c, s, u, o, i);
	}
	return err;
}

static int put_psi(struct change *c, struct store *s, const struct impu *u, const json_t *active)
{
	if (!active)
		return 0;
	if (!json_is_boolean(active) || !is_psi(u))
		return wrong(c, "psi_active", "true or false is expected, of a public service identity");
	return store_psi_activate(s, u->id, json_is_true(active));
}

static int put_activation(struct change *c, struct store *s, const json_t *object)
{
	const json_t *v;
	const char *key;
	struct push_before *before = obstack_alloc(&c->pool, sizeof *before);
	struct impu u;
	int err = find_impu_of(s, &c->pool, c->name, &u);

	json_object_foreach((json_t *)(uintptr_t)object, key, v)
		if (strcmp(key, "impu") && strcmp(key, "psi_active") && strcmp(key, "dsai"))
			return wrong(c, key, "nobody knows this member");
	if (!err)
		err = push_look(s, &c->pool, u.subscription, before);
	if (!err)
		err = put_dsais(c, s, &u, json_object_get(object, "dsai"));
	if (!err)
		err = put_psi(c, s, &u, json_object_get(object, "psi_active"));
	if (!err)
		err = push_compare(s, &c->pool, u.subscription, before);
	return err ? err : store_subscription_touch(s, u.subscription);
}

static const struct resource activations = {
	.what = "public identity", .is_fixed = true, .show = show_activation, .put = put_activation,
};

static const struct rest_route activation_routes[] = {
	{ "GET", "/v1/service-activation/*", resource_get },
	{ "PUT", "/v1/service-activation/*", resource_put },
	{ "PATCH", "/v1/service-activation/*", resource_put },
};

REST_RESOURCE_OF(rest_activations, activation_routes, &activations);
