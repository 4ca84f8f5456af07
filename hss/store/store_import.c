// SPDX-License-Identifier: Apache-2.0
/* How far bulk imports have come, in the transactions of their slices. */
#include "hss/store/store_sql.h"

int store_import(struct store *s, const char *name, struct import_row *out)
{
	struct query *q = sql(s, SQL_IMPORT);
	int err;

	sql_text(q, ":name", name);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = (struct import_row){ sql_column(q, 0), sql_column(q, 1), sql_column(q, 2) };
	sql_done(q);
	return 0;
}

int store_import_put(struct store *s, const char *name, const struct import_row *row)
{
	struct query *q = sql(s, SQL_IMPORT_PUT);

	sql_text(q, ":name", name);
	sql_int(q, ":line", row->line);
	sql_int(q, ":loaded", row->loaded);
	sql_int(q, ":failed", row->failed);
	return sql_run(s, q);
}

int store_import_remove(struct store *s, const char *name)
{
	struct query *q = sql(s, SQL_IMPORT_REMOVE);

	sql_text(q, ":name", name);
	return sql_run(s, q);
}

int store_each_import(struct store *s, struct obstack *pool, const char *after, size_t most,
		      void (*each)(void *context, const char *name), void *context)
{
	return sql_each_name(s, SQL_IMPORTS, pool, after, most, each, context);
}
