// SPDX-License-Identifier: Apache-2.0
/* Sh: what application servers may, and the data they keep here. [TS 29.328 6.2, 7.6] */
#include "hss/store/store_sql.h"

/* ---- permissions ---- */

int store_permission(struct store *s, const char *identity, uint32_t reference)
{
	struct query *q = sql(s, SQL_PERMISSION);
	int err, operations;

	sql_int(q, ":reference", reference);
	sql_text(q, ":identity", identity);
	err = sql_row(s, q);
	if (err)
		return err;
	operations = sql_column_null(q, 0) ? 0 : (int)sql_column(q, 0);
	sql_done(q);
	return operations;
}

int store_each_permission(struct store *s, struct obstack *pool, void (*each)(void *context, const char *identity, struct permission_row p),
			  void *context)
{
	struct query *q = sql(s, SQL_SERVERS);
	int more;

	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool),
		     sql_column_null(q, 1) ? (struct permission_row){ 0, 0 }
					   : (struct permission_row){ (uint32_t)sql_column(q, 1), (int)sql_column(q, 2) });
	return more;
}

int store_server_find(struct store *s, const char *identity)
{
	struct query *q = sql(s, SQL_SERVER_BY_IDENTITY);
	int64_t id;

	sql_text(q, ":identity", identity);
	return sql_number(s, q, &id);
}

static int add_permission(struct store *s, int64_t server, const struct permission_row *row)
{
	struct query *q = sql(s, SQL_PERMISSION_ADD);

	sql_int(q, ":server", server);
	sql_int(q, ":reference", row->reference);
	sql_int(q, ":operations", row->operations);
	return sql_run(s, q);
}

int store_server_put(struct store *s, const char *identity, const struct permission_row *rows, size_t n)
{
	struct query *q = sql(s, SQL_SERVER_ADD);
	int64_t id;
	int err;

	sql_text(q, ":identity", identity);
	err = sql_number(s, q, &id);
	if (err)
		return err;
	q = sql(s, SQL_PERMISSIONS_CLEAR);
	sql_int(q, ":server", id);
	err = sql_run(s, q);
	for (size_t i = 0; !err && i < n; i++)
		err = add_permission(s, id, &rows[i]);
	return err;
}

int store_server_remove(struct store *s, const char *identity)
{
	struct query *q = sql(s, SQL_SERVER_REMOVE);
	int err;

	sql_text(q, ":identity", identity);
	err = sql_run(s, q);
	return err || sql_changes(s) ? err : -ENOENT;
}

/* ---- repository data ---- */

int store_repository(struct store *s, struct obstack *pool, int64_t impu, const char *service_indication, struct repository_row *out)
{
	struct query *q = sql(s, SQL_REPOSITORY);
	int err;

	sql_int(q, ":public", impu);
	sql_text(q, ":name", service_indication);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = (struct repository_row){ sql_column(q, 0), sql_take(q, 1, pool) };
	sql_done(q);
	return 0;
}

int store_repository_put(struct store *s, int64_t impu, const char *service_indication, const struct repository_row *row)
{
	struct query *q;

	if (!s->writes)
		return -EROFS;
	q = sql(s, row->data ? SQL_REPOSITORY_PUT : SQL_REPOSITORY_REMOVE);
	sql_int(q, ":public", impu);
	sql_text(q, ":name", service_indication);
	if (row->data) {
		sql_int(q, ":number", row->number);
		sql_text(q, ":data", row->data);
	}
	return sql_run(s, q);
}

/* ---- cloud profiles ---- */

int store_cloud_sequence(struct store *s, int64_t subscription, int64_t *number)
{
	struct query *q = sql(s, SQL_CLOUD_SEQUENCE);

	sql_int(q, ":subscription", subscription);
	return sql_number(s, q, number);
}

int store_cloud_sequence_put(struct store *s, int64_t subscription, int64_t number)
{
	struct query *q = sql(s, SQL_CLOUD_SEQUENCE_PUT);

	sql_int(q, ":subscription", subscription);
	sql_int(q, ":number", number);
	return sql_run(s, q);
}

int store_cloud_changed(struct store *s, int64_t subscription)
{
	struct query *q = sql(s, SQL_CLOUD_SEQUENCE_NEXT);

	sql_int(q, ":subscription", subscription);
	return sql_run(s, q);
}

int store_each_owner(struct store *s, struct obstack *pool, int64_t impu, void (*each)(void *context, int64_t id, const char *impi),
		     void *context)
{
	struct query *q = sql(s, SQL_OWNERS);
	int more;

	sql_int(q, ":public", impu);
	while ((more = sql_step(s, q)) > 0)
		each(context, sql_column(q, 0), sql_take(q, 1, pool));
	return more;
}

/* ---- activation ---- */

int store_psi_active(struct store *s, int64_t impu)
{
	struct query *q = sql(s, SQL_PSI_INACTIVE);
	int inactive;

	sql_int(q, ":public", impu);
	inactive = sql_ask(s, q);
	return inactive < 0 ? inactive : !inactive;
}

int store_psi_activate(struct store *s, int64_t impu, bool active)
{
	struct query *q;

	if (!s->writes)
		return -EROFS;
	q = sql(s, active ? SQL_PSI_ACTIVATE : SQL_PSI_DEACTIVATE);
	sql_int(q, ":public", impu);
	return sql_run(s, q);
}

int store_each_dsai(struct store *s, struct obstack *pool, int64_t impu, const char *server_name,
		    void (*each)(void *context, const char *tag, bool active), void *context)
{
	struct query *q = sql(s, SQL_DSAIS);
	int more;

	sql_int(q, ":public", impu);
	sql_text(q, ":server", server_name);
	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool), sql_column(q, 1));
	return more;
}

int store_each_dsai_of(struct store *s, struct obstack *pool, int64_t impu,
		       void (*each)(void *context, const char *server_name, const char *tag, bool active), void *context)
{
	struct query *q = sql(s, SQL_ALL_DSAIS);
	int more;

	sql_int(q, ":public", impu);
	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool), sql_take(q, 1, pool), sql_column(q, 2));
	return more;
}

int store_dsai_put(struct store *s, int64_t impu, const char *server_name, const char *tag, bool active)
{
	struct query *q;

	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_DSAI_PUT);
	sql_int(q, ":public", impu);
	sql_text(q, ":server", server_name);
	sql_text(q, ":tag", tag);
	sql_int(q, ":active", active);
	return sql_run(s, q);
}

int store_dsais_clear(struct store *s, int64_t impu)
{
	struct query *q = sql(s, SQL_DSAIS_CLEAR);

	sql_int(q, ":public", impu);
	return sql_run(s, q);
}

/* ---- identities ---- */

int store_each_known_identity(struct store *s, struct obstack *pool, int64_t subscription,
			      void (*each)(void *context, const struct known_identity *i), void *context)
{
	struct query *q = sql(s, SQL_IDENTITIES_OF_SUBSCRIPTION);
	int more;

	sql_int(q, ":subscription", subscription);
	while ((more = sql_step(s, q)) > 0)
		each(context, &(struct known_identity){
			.id = sql_column(q, 0), .uri = sql_take(q, 1, pool), .barred = sql_column(q, 2), .set = sql_column(q, 3),
			.kind = (enum identity_kind)sql_column(q, 4), .registered = sql_column(q, 5),
			.alias_group = sql_take(q, 6, pool), .trace_info = sql_take(q, 7, pool) });
	return more;
}

int store_profile_of_impu(struct store *s, int64_t impu, int64_t *profile)
{
	struct query *q = sql(s, SQL_PROFILE_OF_IMPU);

	sql_int(q, ":public", impu);
	return sql_number(s, q, profile);
}
