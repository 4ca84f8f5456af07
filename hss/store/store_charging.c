// SPDX-License-Identifier: Apache-2.0
/* Charging functions: of a subscription, and by default. [TS 29.229 6.3.19 to 6.3.24] */
#include "hss/store/store_sql.h"

/* ---- reading ---- */

static int take(struct store *s, struct query *q, struct obstack *pool, struct cx_charging *out)
{
	int err = sql_row(s, q);

	if (err)
		return err;
	*out = (struct cx_charging){ .ccf_primary = sql_take(q, 0, pool), .ccf_secondary = sql_take(q, 1, pool),
				     .ecf_primary = sql_take(q, 2, pool), .ecf_secondary = sql_take(q, 3, pool) };
	sql_done(q);
	return 0;
}

int store_own_charging(struct store *s, struct obstack *pool, int64_t subscription, struct cx_charging *out)
{
	struct query *q = sql(s, SQL_CHARGING);

	sql_int(q, ":subscription", subscription);
	return take(s, q, pool, out);
}

int store_charging(struct store *s, struct obstack *pool, int64_t subscription, struct cx_charging *out)
{
	int err = store_own_charging(s, pool, subscription, out);

	if (err || out->ccf_primary || out->ccf_secondary || out->ecf_primary || out->ecf_secondary)
		return err;
	err = take(s, sql(s, SQL_DEFAULT_CHARGING), pool, out);
	return err == -ENOENT ? 0 : err;
}

int store_default_charging(struct store *s, struct obstack *pool, struct cx_charging *out, int64_t *revision)
{
	int err = take(s, sql(s, SQL_DEFAULT_CHARGING), pool, out);

	return err ? err : sql_number(s, sql(s, SQL_DEFAULT_CHARGING_REVISION), revision);
}

int store_each_charged(struct store *s, struct obstack *pool, const char *after, size_t most,
		       void (*each)(void *context, const char *subscription), void *context)
{
	return sql_each_name(s, SQL_CHARGED, pool, after, most, each, context);
}

/* ---- writing ---- */

static int put(struct store *s, struct query *q, const struct cx_charging *c)
{
	sql_text(q, ":primary_ccf", c->ccf_primary);
	sql_text(q, ":secondary_ccf", c->ccf_secondary);
	sql_text(q, ":primary_ecf", c->ecf_primary);
	sql_text(q, ":secondary_ecf", c->ecf_secondary);
	return sql_run(s, q);
}

int store_charging_put(struct store *s, int64_t subscription, const struct cx_charging *c)
{
	struct query *q = sql(s, SQL_CHARGING_PUT);

	sql_int(q, ":subscription", subscription);
	return put(s, q, c);
}

int store_default_charging_put(struct store *s, const struct cx_charging *c)
{
	struct query *q = sql(s, SQL_DEFAULT_CHARGING_PUT);

	sql_int(q, ":revision", store_new_revision());
	return put(s, q, c);
}

int store_default_charging_remove(struct store *s)
{
	return sql_run(s, sql(s, SQL_DEFAULT_CHARGING_REMOVE));
}
