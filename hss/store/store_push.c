// SPDX-License-Identifier: Apache-2.0
/* What S-CSCFs are still to be told, written with the change that it tells of. [TS 29.228 6.1.3, 6.2.2] */
#include "hss/store/store_sql.h"

static int64_t now_s(void)
{
	return (int64_t)(clock_wall_ns() / 1000000000u);
}

int store_push_rtr(struct store *s, const char *host, const char *impi, const char *request)
{
	struct query *q;

	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_PUSH_RTR);
	sql_text(q, ":host", host);
	sql_text(q, ":impi", impi);
	sql_text(q, ":request", request);
	sql_int(q, ":now", now_s());
	return sql_run(s, q);
}

int store_push_ppr(struct store *s, const char *host, const char *impi, int64_t set)
{
	struct query *q;

	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_PUSH_PPR);
	sql_text(q, ":host", host);
	sql_text(q, ":impi", impi);
	sql_int(q, ":set", set);
	sql_int(q, ":now", now_s());
	return sql_run(s, q);
}

int store_push_profile(struct store *s, int64_t profile, int64_t shared)
{
	struct query *q = sql(s, SQL_PUSH_PROFILE);

	store_changed_note(s, 0, profile);
	sql_int(q, ":profile", profile);
	sql_int(q, ":shared", shared);
	sql_int(q, ":now", now_s());
	return sql_run(s, q);
}

int store_push_default_charging(struct store *s)
{
	struct query *q = sql(s, SQL_PUSH_DEFAULT_CHARGING);

	sql_int(q, ":now", now_s());
	return sql_run(s, q);
}

int store_push_next_host(struct store *s, struct obstack *pool, const char *after, const char **host)
{
	struct query *q = sql(s, SQL_PUSH_NEXT_HOST);
	int err;

	sql_text(q, ":after", after);
	err = sql_row(s, q);
	if (err)
		return err;
	*host = sql_take(q, 0, pool);
	sql_done(q);
	return 0;
}

int store_pushes_of(struct store *s, struct obstack *pool, const char *host, int64_t after, struct pending_push *out, size_t most)
{
	struct query *q = sql(s, SQL_PUSHES_OF);
	size_t n = 0;
	int more;

	sql_text(q, ":host", host);
	sql_int(q, ":after", after);
	sql_int(q, ":most", (int64_t)most);
	while ((more = sql_step(s, q)) > 0)
		out[n++] = (struct pending_push){ .id = sql_column(q, 0), .revision = sql_column(q, 1), .set = sql_column(q, 2),
						  .private_identity = sql_take(q, 3, pool), .request = sql_take(q, 4, pool),
						  .created_s = sql_column(q, 5) };
	return more ? more : (int)n;
}

int store_push_done(struct store *s, int64_t id, int64_t revision)
{
	struct query *q = sql(s, SQL_PUSH_DONE);

	sql_int(q, ":id", id);
	sql_int(q, ":revision", revision);
	return sql_run(s, q);
}

int store_push_clear(struct store *s)
{
	return sql_run(s, sql(s, SQL_PUSH_CLEAR));
}
