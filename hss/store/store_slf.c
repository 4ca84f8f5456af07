// SPDX-License-Identifier: Apache-2.0
/* Which HSS has whom, as rows. [TS 23.228 5.8.1] */
#include "hss/store/store_sql.h"
#include <string.h>

int store_slf_route(struct store *s, struct obstack *pool, const char *name, const char **hss, int64_t *revision)
{
	struct query *q = sql(s, SQL_SLF_ROUTE);
	int err;

	sql_text(q, ":name", name);
	err = sql_row(s, q);
	if (err)
		return err;
	*hss = sql_take(q, 0, pool);
	*revision = sql_column(q, 1);
	sql_done(q);
	return 0;
}

int store_slf_find(struct store *s, struct obstack *pool, const char *name, const char **hss)
{
	int64_t revision;

	return store_slf_route(s, pool, name, hss, &revision);
}

int store_each_slf_wildcard(struct store *s, struct obstack *pool, const char *identity,
			    bool (*each)(void *context, const char *wildcard, const char *hss), void *context)
{
	struct query *q = sql(s, SQL_SLF_WILDCARDS);
	int more;

	sql_text(q, ":identity", identity);
	while ((more = sql_step(s, q)) > 0) {
		const char *wildcard = sql_take(q, 0, pool), *hss = sql_take(q, 1, pool);

		if (!each(context, wildcard, hss)) {
			sql_done(q);
			return 0;
		}
	}
	return more;
}

int store_each_slf(struct store *s, struct obstack *pool, const char *after, size_t most,
		   void (*each)(void *context, const char *name), void *context)
{
	return sql_each_name(s, SQL_SLF_ROUTES, pool, after, most, each, context);
}

int store_slf_count(struct store *s, int64_t *routes)
{
	return sql_number(s, sql(s, SQL_SLF_COUNT), routes);
}

int store_slf_put(struct store *s, const struct slf_row *row)
{
	struct query *q = sql(s, SQL_SLF_PUT);

	sql_text(q, ":name", row->name);
	sql_text(q, ":kind", row->kind);
	sql_text(q, ":prefix", row->prefix);
	sql_text(q, ":hss", row->hss);
	sql_int(q, ":revision", store_new_revision());
	return sql_run(s, q);
}

int store_slf_remove(struct store *s, const char *name)
{
	struct query *q = sql(s, SQL_SLF_REMOVE);
	int err;

	sql_text(q, ":name", name);
	err = sql_run(s, q);
	if (err)
		return err;
	return sql_changes(s) ? 0 : -ENOENT;
}
