// SPDX-License-Identifier: Apache-2.0
/* A subscriber as GET shows it: everything but the secrets, and the registration state besides. */
#include "hss/identity.h"
#include "hss/rest/subscriber_part.h"
#include <string.h>

struct show {
	struct store *store;
	struct obstack *pool;
	json_t *list;
	int err;
};

static json_t *text_or_none(const char *text)
{
	return text ? json_string(text) : NULL;
}

/* A member only when there is something to say. */
static void set(json_t *o, const char *key, json_t *value)
{
	if (value)
		json_object_set_new(o, key, value);
}

/* ---- identities ---- */

const char *identity_state(struct store *s, const struct impu *u)
{
	return store_registered(s, u->set) > 0 ? "registered" : u->unregistered ? "unregistered" : "not registered";
}

static const char *state_of(struct show *w, const char *uri)
{
	struct impu u;

	return store_impu(w->store, w->pool, uri, &u) ? "not registered" : identity_state(w->store, &u);
}

json_t *identity_show(const struct shown_identity *i)
{
	json_t *o = json_pack("{s:s, s:b, s:I}", "impu", i->uri, "barred", i->barred, "set", (json_int_t)i->set);

	if (i->kind)
		set(o, "kind", json_string(identity_kind_name(i->kind)));
	set(o, "profile", text_or_none(i->profile));
	set(o, "display_name", text_or_none(i->display_name));
	set(o, "wildcard", text_or_none(i->wildcard));
	set(o, "as", text_or_none(i->as_name));
	if (i->extras.loose_route)
		set(o, "loose_route", json_true());
	set(o, "alias_group", text_or_none(i->extras.alias_group));
	set(o, "priority_level", i->extras.has_priority ? json_integer(i->extras.priority) : NULL);
	set(o, "max_registrations", i->extras.max_registrations ? json_integer(i->extras.max_registrations) : NULL);
	set(o, "trace", text_or_none(i->extras.trace_info));
	return o;
}

static void add_identity(void *context, const struct shown_identity *i)
{
	struct show *w = context;

	json_array_append_new(w->list, identity_show(i));
}

static int show_identities(struct show *w, json_t *o, const struct private_identity *p, const char *scscf_name)
{
	const char *first;
	int err;

	w->list = json_array();
	err = store_each_shown_identity(w->store, w->pool, p->id, add_identity, w);
	first = json_string_value(json_object_get(json_array_get(w->list, 0), "impu"));
	set(o, "registration", json_pack("{s:s, s:s*}", "state", first ? state_of(w, first) : "not registered", "scscf", scscf_name));
	set(o, "identities", w->list);
	return err;
}

/* ---- subscription ---- */

static void add_text(void *context, const char *text)
{
	struct show *w = context;

	json_array_append_new(w->list, json_string(text));
}

static int show_networks(struct show *w, json_t *o, int64_t subscription)
{
	int err;

	w->list = json_array();
	err = store_each_network(w->store, w->pool, subscription, add_text, w);
	if (json_array_size(w->list))
		set(o, "visited_networks", w->list);
	else
		json_decref(w->list);
	return err;
}

static json_t *numbers(const uint32_t *values, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_integer(values[i]));
	return list;
}

static int show_capabilities(struct show *w, json_t *o, int64_t subscription)
{
	struct cx_capabilities c;
	int err = store_capabilities(w->store, w->pool, subscription, &c);
	json_t *servers;

	if (err || !(c.mandatory_count + c.optional_count + c.server_names.count))
		return err;
	servers = json_array();
	for (size_t i = 0; i < c.server_names.count; i++)
		json_array_append_new(servers, json_string(c.server_names.item[i]));
	set(o, "capabilities", json_pack("{s:o, s:o, s:o}", "mandatory", numbers(c.mandatory, c.mandatory_count), "optional",
					 numbers(c.optional, c.optional_count), "servers", servers));
	return 0;
}

json_t *charging_show(const struct cx_charging *c)
{
	return json_pack("{s:s*, s:s*, s:s*, s:s*}", "primary_ccf", c->ccf_primary, "secondary_ccf", c->ccf_secondary, "primary_ecf",
			 c->ecf_primary, "secondary_ecf", c->ecf_secondary);
}

static int show_charging(struct show *w, json_t *o, int64_t subscription)
{
	struct cx_charging c;
	int err = store_own_charging(w->store, w->pool, subscription, &c);

	if (!err && (c.ccf_primary || c.ccf_secondary || c.ecf_primary || c.ecf_secondary))
		set(o, "charging", charging_show(&c));
	return err;
}

static int show_reference_location(struct show *w, json_t *o, int64_t subscription)
{
	struct reference_location l;
	int err = store_reference_location(w->store, w->pool, subscription, &l);

	if (!err && l.type)
		set(o, "reference_location", json_pack("{s:s, s:s, s:s}", "type", l.type, "info", l.info, "value", l.value));
	return err;
}

/* ---- cloud ---- */

static void add_service(void *context, const char *service, int64_t most)
{
	json_object_set_new(context, service, most < 0 ? json_null() : json_integer(most));
}

static void add_cloud(void *context, const struct cloud_row *row)
{
	struct show *w = context;
	json_t *services = json_object();
	json_t *o = json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:s, s:b}", "provider", row->provider, "user", row->user, "project", row->project,
			      "domain", row->domain, "role", row->role, "registration_guard", row->registration_guard, "second_factor",
			      row->second_factor);

	w->err = w->err ? w->err : store_each_cloud_service(w->store, w->pool, row->id, add_service, services);
	set(o, "services", services);
	json_array_append_new(w->list, o);
}

static int show_cloud(struct show *w, json_t *o, int64_t private_identity)
{
	int err;

	w->list = json_array();
	err = store_each_cloud(w->store, w->pool, private_identity, add_cloud, w);
	if (json_array_size(w->list))
		set(o, "cloud", w->list);
	else
		json_decref(w->list);
	return err ? err : w->err;
}

struct search {
	const char *provider;
	struct show show;
};

static void find_cloud(void *context, const struct cloud_row *row)
{
	struct search *f = context;

	if (!strcmp(row->provider, f->provider))
		add_cloud(&f->show, row);
}

int cloud_show(struct store *s, struct obstack *pool, int64_t private_identity, const char *provider, json_t **out)
{
	struct search f = { provider, { .store = s, .pool = pool, .list = json_array() } };
	int err = store_each_cloud(s, pool, private_identity, find_cloud, &f);

	err = err ? err : f.show.err;
	if (!err && !json_array_size(f.show.list))
		err = -ENOENT;
	if (!err)
		*out = json_incref(json_array_get(f.show.list, 0));
	json_decref(f.show.list);
	return err;
}

/* ---- the whole ---- */

static void show_aka(struct store *s, struct obstack *pool, json_t *o, int64_t private_identity)
{
	struct aka_row row;

	if (store_aka(s, pool, private_identity, &row))
		return;
	set(o, "algorithm", json_string(aka_algorithm_name(row.algorithm)));
	if (row.algorithm != AKA_TUAK)
		return;
	set(o, "iterations", json_integer(row.iterations));
	set(o, "res_bits", json_integer(row.res_bits));
}

json_t *subscriber_show_credentials(struct store *s, struct obstack *pool, const struct private_identity *p)
{
	json_t *o = json_pack("{s:s}", "scheme", scheme_name(p->scheme)), *algorithms;
	struct digest_row rows[2];
	int n;

	if (p->scheme == SCHEME_AKA)
		show_aka(s, pool, o, p->id);
	if (p->scheme != SCHEME_DIGEST)
		return o;
	algorithms = json_array();
	n = store_digests(s, pool, p->id, rows, ARRAY_LEN(rows));
	for (int i = 0; i < n; i++)
		json_array_append_new(algorithms, json_string(rows[i].algorithm));
	set(o, "algorithms", algorithms);
	if (n > 0)
		set(o, "realm", json_string(rows[0].realm));
	return o;
}

int subscriber_show(struct store *s, struct obstack *pool, const char *impi, json_t **out)
{
	struct show w = { .store = s, .pool = pool };
	const char *name, *scscf_name;
	struct private_identity p;
	int err = store_private(s, pool, impi, &p);
	json_t *o;

	if (!err)
		err = store_subscription_name(s, pool, p.subscription, &name, &scscf_name);
	if (err)
		return err;
	o = json_pack("{s:s, s:s, s:o}", "impi", p.impi, "subscription", name, "credentials",
		      subscriber_show_credentials(s, pool, &p));
	err = show_identities(&w, o, &p, scscf_name);
	if (!err)
		err = show_capabilities(&w, o, p.subscription);
	if (!err)
		err = show_networks(&w, o, p.subscription);
	if (!err)
		err = show_charging(&w, o, p.subscription);
	if (!err)
		err = show_reference_location(&w, o, p.subscription);
	if (!err && p.privileged_sender)
		set(o, "privileged_sender", json_true());
	if (!err)
		err = show_cloud(&w, o, p.id);
	if (err) {
		json_decref(o);
		return err;
	}
	*out = o;
	return 0;
}
