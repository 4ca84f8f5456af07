// SPDX-License-Identifier: Apache-2.0
/* Subscribers as REST shows them. */
#include "hss/store/store_sql.h"

int store_each_impi(struct store *s, struct obstack *pool, const char *after, size_t most,
		    void (*each)(void *context, const char *impi), void *context)
{
	return sql_each_name(s, SQL_IMPIS, pool, after, most, each, context);
}

int store_each_impu(struct store *s, struct obstack *pool, const char *after, size_t most,
		    void (*each)(void *context, const char *impu), void *context)
{
	return sql_each_name(s, SQL_IMPUS, pool, after, most, each, context);
}

int store_each_profile(struct store *s, struct obstack *pool, const char *after, size_t most,
		       void (*each)(void *context, const char *name), void *context)
{
	return sql_each_name(s, SQL_PROFILES, pool, after, most, each, context);
}

int store_each_private_of_impu(struct store *s, struct obstack *pool, int64_t impu, void (*each)(void *context, const char *impi),
			       void *context)
{
	struct query *q = sql(s, SQL_PRIVATES_OF_IMPU);

	sql_int(q, ":public", impu);
	return sql_each_text(s, q, pool, each, context);
}

int store_each_network(struct store *s, struct obstack *pool, int64_t subscription, void (*each)(void *context, const char *name),
		       void *context)
{
	struct query *q = sql(s, SQL_NETWORKS);

	sql_int(q, ":subscription", subscription);
	return sql_each_text(s, q, pool, each, context);
}

static struct shown_identity take_identity(struct query *q, struct obstack *pool)
{
	return (struct shown_identity){
		.uri = sql_take(q, 0, pool), .wildcard = sql_take(q, 1, pool), .display_name = sql_take(q, 2, pool),
		.as_name = sql_take(q, 3, pool), .profile = sql_take(q, 4, pool), .kind = (enum identity_kind)sql_column(q, 5),
		.barred = sql_column(q, 6), .set = sql_column(q, 7), .extras = sql_take_extras(q, 9, pool) };
}

int store_shown_identity(struct store *s, struct obstack *pool, int64_t impu, struct shown_identity *out, int *rank)
{
	struct query *q = sql(s, SQL_SHOWN_IDENTITY);
	int err;

	sql_int(q, ":public", impu);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = take_identity(q, pool);
	*rank = (int)sql_column(q, 8);
	sql_done(q);
	return 0;
}

int store_each_shown_identity(struct store *s, struct obstack *pool, int64_t private_identity,
			      void (*each)(void *context, const struct shown_identity *i), void *context)
{
	struct query *q = sql(s, SQL_SHOWN_IDENTITIES);
	int more;

	sql_int(q, ":private", private_identity);
	while ((more = sql_step(s, q)) > 0) {
		struct shown_identity i = take_identity(q, pool);

		each(context, &i);
	}
	return more;
}

int store_subscription_name(struct store *s, struct obstack *pool, int64_t subscription, const char **name, const char **scscf_name)
{
	struct query *q = sql(s, SQL_SUBSCRIPTION_NAME);
	int err;

	sql_int(q, ":subscription", subscription);
	err = sql_row(s, q);
	if (err)
		return err;
	*name = sql_take(q, 0, pool);
	*scscf_name = sql_take(q, 1, pool);
	sql_done(q);
	return 0;
}

int store_each_cloud(struct store *s, struct obstack *pool, int64_t private_identity,
		     void (*each)(void *context, const struct cloud_row *row), void *context)
{
	struct query *q = sql(s, SQL_CLOUDS);
	int more;

	sql_int(q, ":private", private_identity);
	while ((more = sql_step(s, q)) > 0)
		each(context, &(struct cloud_row){
			.id = sql_column(q, 0), .provider = sql_take(q, 1, pool), .user = sql_take(q, 2, pool),
			.project = sql_take(q, 3, pool), .domain = sql_take(q, 4, pool), .role = sql_take(q, 5, pool),
			.registration_guard = sql_take(q, 6, pool), .second_factor = sql_column(q, 7) });
	return more;
}

int store_each_cloud_service(struct store *s, struct obstack *pool, int64_t cloud_profile,
			     void (*each)(void *context, const char *service, int64_t most), void *context)
{
	struct query *q = sql(s, SQL_CLOUD_SERVICES);
	int more;

	sql_int(q, ":cloud", cloud_profile);
	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool), sql_column_null(q, 1) ? -1 : sql_column(q, 1));
	return more;
}

int store_each_cloud_name(struct store *s, struct obstack *pool, const char *impi, const char *provider, size_t most,
			  void (*each)(void *context, const char *impi, const char *provider), void *context)
{
	struct query *q = sql(s, SQL_CLOUD_NAMES);
	int more;

	sql_text(q, ":impi", impi);
	sql_text(q, ":provider", provider);
	sql_int(q, ":most", (int64_t)most);
	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool), sql_take(q, 1, pool));
	return more;
}

int store_each_criterion_name(struct store *s, struct obstack *pool, const char *name, int64_t priority, size_t most,
			      void (*each)(void *context, const char *profile, int64_t priority), void *context)
{
	struct query *q = sql(s, SQL_CRITERION_NAMES);
	int more;

	sql_text(q, ":name", name);
	sql_int(q, ":priority", priority);
	sql_int(q, ":most", (int64_t)most);
	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool), sql_column(q, 1));
	return more;
}

int store_count(struct store *s, int64_t *subscribers)
{
	return sql_number(s, sql(s, SQL_COUNT), subscribers);
}
