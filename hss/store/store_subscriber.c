// SPDX-License-Identifier: Apache-2.0
/* Subscribers as provisioning writes them; hss/rest/subscriber.c knows their JSON. */
#include "hss/store/store_sql.h"
#include <sys/random.h>

/* ---- subscription ---- */

/* No two are alike, not even those of one that went and came back. */
int64_t store_new_revision(void)
{
	uint64_t n = 0;

	if (getrandom(&n, sizeof n, 0) != sizeof n)
		n = clock_ns();
	return (int64_t)(n >> 2) + 1;
}

int store_subscription_put(struct store *s, const char *name, int64_t *id)
{
	struct query *q = sql(s, SQL_SUBSCRIPTION_PUT);

	sql_text(q, ":name", name);
	sql_int(q, ":revision", store_new_revision());
	return sql_number(s, q, id);
}

int store_subscription_find(struct store *s, const char *name, int64_t *id)
{
	struct query *q = sql(s, SQL_SUBSCRIPTION_BY_NAME);

	sql_text(q, ":name", name);
	return sql_number(s, q, id);
}

int store_subscription_touch(struct store *s, int64_t subscription)
{
	struct query *q = sql(s, SQL_SUBSCRIPTION_TOUCH);

	store_changed_note(s, subscription, 0);
	sql_int(q, ":subscription", subscription);
	sql_int(q, ":revision", store_new_revision());
	return sql_run_later(s, q);
}

int store_subscription_revision(struct store *s, int64_t subscription, int64_t *out)
{
	struct query *q = sql(s, SQL_SUBSCRIPTION_REVISION);

	sql_int(q, ":subscription", subscription);
	return sql_number(s, q, out);
}

int store_subscription_sweep(struct store *s, int64_t subscription)
{
	static const enum statement sweeps[] = { SQL_SWEEP_IMPUS, SQL_SWEEP_SETS, SQL_SWEEP_SUBSCRIPTION };
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_LEN(sweeps); i++) {
		struct query *q = sql(s, sweeps[i]);

		sql_int(q, ":subscription", subscription);
		err = sql_run(s, q);
	}
	return err;
}

static int clear(struct store *s, enum statement which, int64_t subscription)
{
	struct query *q = sql(s, which);

	sql_int(q, ":subscription", subscription);
	return sql_run_later(s, q);
}

int store_networks_put(struct store *s, int64_t subscription, const char *const *names, size_t n)
{
	int err = clear(s, SQL_NETWORKS_CLEAR, subscription);

	for (size_t i = 0; !err && i < n; i++) {
		struct query *q = sql(s, SQL_NETWORK_ADD);

		sql_int(q, ":subscription", subscription);
		sql_text(q, ":name", names[i]);
		err = sql_run_later(s, q);
	}
	return err;
}

static int add_capability(struct store *s, int64_t subscription, uint32_t value, bool mandatory)
{
	struct query *q = sql(s, SQL_CAPABILITY_ADD);

	sql_int(q, ":subscription", subscription);
	sql_int(q, ":value", value);
	sql_int(q, ":mandatory", mandatory);
	return sql_run_later(s, q);
}

static int add_preferred(struct store *s, int64_t subscription, size_t position, const char *name)
{
	struct query *q = sql(s, SQL_PREFERRED_ADD);

	sql_int(q, ":subscription", subscription);
	sql_int(q, ":position", (int64_t)position);
	sql_text(q, ":name", name);
	return sql_run_later(s, q);
}

int store_capabilities_put(struct store *s, int64_t subscription, const struct cx_capabilities *c)
{
	int err = clear(s, SQL_CAPABILITIES_CLEAR, subscription);

	if (!err)
		err = clear(s, SQL_PREFERRED_CLEAR, subscription);
	for (size_t i = 0; !err && i < c->optional_count; i++)
		err = add_capability(s, subscription, c->optional[i], false);
	for (size_t i = 0; !err && i < c->mandatory_count; i++)
		err = add_capability(s, subscription, c->mandatory[i], true);
	for (size_t i = 0; !err && i < c->server_names.count; i++)
		err = add_preferred(s, subscription, i, c->server_names.item[i]);
	return err;
}

/* ---- identities ---- */

int store_private_put(struct store *s, const char *impi, int64_t subscription, int64_t *id)
{
	struct query *q = sql(s, SQL_PRIVATE_ADD);

	sql_text(q, ":impi", impi);
	sql_int(q, ":subscription", subscription);
	return sql_number(s, q, id);
}

int store_private_remove(struct store *s, const char *impi)
{
	struct query *q = sql(s, SQL_PRIVATE_REMOVE);

	sql_text(q, ":impi", impi);
	return sql_run(s, q);
}

int store_set_put(struct store *s, int64_t subscription, int64_t number, int64_t *id)
{
	struct query *q = sql(s, SQL_SET_ADD);

	sql_int(q, ":subscription", subscription);
	sql_int(q, ":number", number);
	return sql_number(s, q, id);
}

int store_reference_location_put(struct store *s, int64_t subscription, const struct reference_location *l)
{
	struct query *q = sql(s, SQL_REFERENCE_PUT);

	sql_int(q, ":subscription", subscription);
	sql_text(q, ":type", l->type);
	sql_text(q, ":info", l->info);
	sql_text(q, ":value", l->value);
	return sql_run(s, q);
}

int store_privileged_sender_put(struct store *s, int64_t private_identity, bool privileged)
{
	struct query *q = sql(s, SQL_PRIVILEGED_PUT);

	sql_int(q, ":private", private_identity);
	sql_int(q, ":privileged", privileged);
	return sql_run(s, q);
}

int store_impu_put(struct store *s, const struct impu_row *row, int64_t *id)
{
	struct query *q = sql(s, SQL_IMPU_ADD);
	int err;

	sql_text(q, ":impu", row->uri);
	sql_int(q, ":set", row->set);
	sql_int(q, ":rank", row->rank);
	sql_int(q, ":kind", row->kind);
	sql_text(q, ":wildcard", row->wildcard);
	sql_int(q, ":barred", row->barred);
	sql_text(q, ":display_name", row->display_name);
	sql_null_or_int(q, ":profile", !row->profile, row->profile);
	sql_text(q, ":as_name", row->as_name);
	sql_int(q, ":loose_route", row->extras.loose_route);
	sql_text(q, ":alias_group", row->extras.alias_group);
	sql_null_or_int(q, ":service_priority", !row->extras.has_priority, row->extras.priority);
	sql_null_or_int(q, ":max_registrations", !row->extras.max_registrations, row->extras.max_registrations);
	sql_text(q, ":trace_info", row->extras.trace_info);
	err = sql_number(s, q, id);
	return err ? err : store_wildcard_put(s, *id, is_wildcarded(row->kind) ? row->wildcard ? row->wildcard : row->uri : NULL);
}

int store_link(struct store *s, int64_t private_identity, int64_t impu)
{
	struct query *q = sql(s, SQL_LINK_ADD);

	sql_int(q, ":private", private_identity);
	sql_int(q, ":public", impu);
	return sql_run_later(s, q);
}

int store_unlink_all(struct store *s, int64_t private_identity)
{
	struct query *q = sql(s, SQL_UNLINK_ALL);

	sql_int(q, ":private", private_identity);
	return sql_run_later(s, q);
}

/* ---- cloud ---- */

int store_cloud_clear(struct store *s, int64_t private_identity)
{
	struct query *q = sql(s, SQL_CLOUD_CLEAR);

	sql_int(q, ":private", private_identity);
	return sql_run_later(s, q);
}

int store_cloud_remove(struct store *s, int64_t private_identity, const char *provider)
{
	struct query *q = sql(s, SQL_CLOUD_REMOVE);

	sql_int(q, ":private", private_identity);
	sql_text(q, ":provider", provider);
	return sql_run(s, q);
}

int store_cloud_put(struct store *s, int64_t private_identity, const struct cloud_row *row, int64_t *id)
{
	struct query *q = sql(s, SQL_CLOUD_ADD);

	sql_int(q, ":private", private_identity);
	sql_text(q, ":provider", row->provider);
	sql_text(q, ":user", row->user);
	sql_text(q, ":project", row->project);
	sql_text(q, ":domain", row->domain);
	sql_text(q, ":role", row->role);
	sql_text(q, ":guard", row->registration_guard);
	sql_int(q, ":second_factor", row->second_factor);
	return sql_number(s, q, id);
}

int store_cloud_service_put(struct store *s, int64_t cloud_profile, const char *service, int64_t most)
{
	struct query *q = sql(s, SQL_CLOUD_SERVICE_ADD);

	sql_int(q, ":cloud", cloud_profile);
	sql_text(q, ":service", service);
	sql_null_or_int(q, ":most", most < 0, most);
	return sql_run_later(s, q);
}
