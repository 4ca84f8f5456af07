// SPDX-License-Identifier: Apache-2.0
/* S-CSCFs: what an operator records of them, and whom they serve. */
#include "hss/store/store_sql.h"

/* ---- reading ---- */

static struct query *of(struct store *s, enum statement which, const char *name)
{
	struct query *q = sql(s, which);

	sql_text(q, ":name", name);
	return q;
}

int store_each_scscf(struct store *s, struct obstack *pool, const char *after, size_t most,
		     void (*each)(void *context, const char *name), void *context)
{
	return sql_each_name(s, SQL_SCSCFS, pool, after, most, each, context);
}

static int look(struct store *s, struct obstack *pool, const char *name, struct scscf_row *out)
{
	struct query *q = of(s, SQL_SCSCF, name);
	int more = sql_step(s, q);

	if (more <= 0)
		return more;
	out->recorded = true;
	out->note = sql_take(q, 0, pool);
	out->revision = sql_column(q, 1);
	sql_done(q);
	return 0;
}

int store_scscf(struct store *s, struct obstack *pool, const char *name, struct scscf_row *out)
{
	int err;

	*out = (struct scscf_row){ .name = name };
	err = look(s, pool, name, out);
	if (!err)
		err = sql_number(s, of(s, SQL_SCSCF_ASSIGNED, name), &out->assigned);
	return !err && !out->recorded && !out->assigned ? -ENOENT : err;
}

int store_each_scscf_capability(struct store *s, const char *name, void (*each)(void *context, uint32_t value), void *context)
{
	struct query *q = of(s, SQL_SCSCF_CAPABILITIES, name);
	int more;

	while ((more = sql_step(s, q)) > 0)
		each(context, (uint32_t)sql_column(q, 0));
	return more;
}

int store_each_scscf_host(struct store *s, struct obstack *pool, const char *name, void (*each)(void *context, const char *host), void *context)
{
	return sql_each_text(s, of(s, SQL_SCSCF_HOSTS, name), pool, each, context);
}

int store_each_user_of_scscf(struct store *s, struct obstack *pool, const char *name, int64_t after, size_t most,
			     void (*each)(void *context, int64_t subscription, const char *subscription_name), void *context)
{
	struct query *q = of(s, SQL_SCSCF_USERS, name);
	int more;

	sql_int(q, ":after", after);
	sql_int(q, ":most", (int64_t)most);
	while ((more = sql_step(s, q)) > 0)
		each(context, sql_column(q, 0), sql_take(q, 1, pool));
	return more;
}

/* ---- writing ---- */

int store_scscf_put(struct store *s, const char *name, const char *note, const uint32_t *capabilities, size_t n)
{
	struct query *q = of(s, SQL_SCSCF_PUT, name);
	int err;

	sql_text(q, ":note", note);
	sql_int(q, ":revision", store_new_revision());
	err = sql_run(s, q);
	if (!err)
		err = sql_run(s, of(s, SQL_SCSCF_CAPABILITIES_CLEAR, name));
	for (size_t i = 0; !err && i < n; i++) {
		q = of(s, SQL_SCSCF_CAPABILITY_ADD, name);
		sql_int(q, ":value", capabilities[i]);
		err = sql_run(s, q);
	}
	return err;
}

int store_scscf_remove(struct store *s, const char *name)
{
	return sql_run(s, of(s, SQL_SCSCF_REMOVE, name));
}
