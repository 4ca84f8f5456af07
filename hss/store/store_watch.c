// SPDX-License-Identifier: Apache-2.0
/* Sh: what application servers watch. One whose time is over is not seen any more, and goes when the next one comes: nobody
 * needs to look for it. [TS 29.328 6.1.3] */
#include "hss/store/store_sql.h"
#include <string.h>

static int64_t now(void)
{
	return (int64_t)(clock_wall_ns() / 1000000000u);
}

int store_watched(struct store *s, int64_t subscription)
{
	struct query *q = sql(s, SQL_WATCHED);

	sql_int(q, ":subscription", subscription);
	return sql_ask(s, q);
}

static int each_watch(struct store *s, struct query *q, struct obstack *pool, void (*each)(void *context, const struct watch *w),
		      void *context)
{
	int more;

	sql_int(q, ":now", now());
	while ((more = sql_step(s, q)) > 0)
		each(context, &(struct watch){
			.id = sql_column(q, 0), .impu = sql_column(q, 1), .host = sql_take(q, 2, pool), .realm = sql_take(q, 3, pool),
			.reference = (uint32_t)sql_column(q, 4), .server_name = sql_take(q, 5, pool), .name = sql_take(q, 6, pool),
			.identity_set = (uint32_t)sql_column(q, 7), .msisdn = sql_take(q, 8, pool), .one_time = sql_column(q, 9),
			.together = sql_column(q, 10), .uri = sql_take(q, 11, pool), .shown = sql_column(q, 12) });
	return more;
}

int store_each_watch(struct store *s, struct obstack *pool, int64_t subscription, void (*each)(void *context, const struct watch *w),
		     void *context)
{
	struct query *q = sql(s, SQL_WATCHES);

	sql_int(q, ":subscription", subscription);
	return each_watch(s, q, pool, each, context);
}

int store_each_watch_of_profile(struct store *s, struct obstack *pool, int64_t profile,
				void (*each)(void *context, const struct watch *w), void *context)
{
	struct query *q = sql(s, SQL_WATCHES_OF_PROFILE);

	sql_int(q, ":profile", profile);
	return each_watch(s, q, pool, each, context);
}

static void bind_key(struct query *q, const struct watch *w)
{
	sql_int(q, ":public", w->impu);
	sql_text(q, ":host", w->host);
	sql_int(q, ":reference", w->reference);
	sql_text(q, ":server", w->server_name);
	sql_text(q, ":name", w->name);
	sql_int(q, ":set", w->identity_set);
}

int store_watch_put(struct store *s, const struct watch *w)
{
	struct query *q;

	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_WATCH_PUT);
	bind_key(q, w);
	sql_text(q, ":realm", w->realm);
	sql_text(q, ":msisdn", w->msisdn);
	sql_null_or_int(q, ":expiry", !w->expiry, w->expiry);
	sql_int(q, ":once", w->one_time);
	sql_int(q, ":together", w->together);
	sql_int(q, ":shown", w->shown);
	return sql_run(s, q);
}

int store_watch_shown(struct store *s, int64_t id, int64_t shown)
{
	struct query *q = sql(s, SQL_WATCH_SHOWN);

	sql_int(q, ":id", id);
	sql_int(q, ":shown", shown);
	return sql_run(s, q);
}

int store_watch_end(struct store *s, const struct watch *w)
{
	struct query *q;

	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_WATCH_END);
	bind_key(q, w);
	return sql_run(s, q);
}

int store_watch_remove(struct store *s, int64_t id)
{
	struct query *q = sql(s, SQL_WATCH_REMOVE);

	sql_int(q, ":id", id);
	return sql_run(s, q);
}

int store_watches_sweep(struct store *s)
{
	struct query *q = sql(s, SQL_WATCHES_SWEEP);

	sql_int(q, ":now", now());
	return sql_run(s, q);
}

/* ---- what is to be told ---- */

/* In their order, and none twice. */
static int64_t next_id(void)
{
	static int64_t last; /* the writer's thread alone comes here */
	int64_t id = (int64_t)clock_wall_ns();

	last = id > last ? id : last + 1;
	return last;
}

int store_notice_put(struct store *s, const struct notice *n)
{
	struct query *q = sql(s, SQL_NOTICE_REPLACE);
	int err;

	sql_text(q, ":host", n->host);
	sql_text(q, ":watches", n->watches);
	err = sql_run(s, q);
	if (err)
		return err;
	q = sql(s, SQL_NOTICE_ADD);
	sql_int(q, ":id", next_id()); /* not that of one under way, whose end would be the end of this one */
	sql_text(q, ":host", n->host);
	sql_text(q, ":realm", n->realm);
	sql_text(q, ":watches", n->watches);
	sql_text(q, ":public", n->uri);
	sql_text(q, ":msisdn", n->msisdn);
	sql_text(q, ":data", n->user_data);
	sql_int(q, ":now", now());
	return sql_run(s, q);
}

int store_notice_remove(struct store *s, int64_t id)
{
	struct query *q = sql(s, SQL_NOTICE_REMOVE);

	sql_int(q, ":id", id);
	return sql_run(s, q);
}

int store_each_notice_host(struct store *s, struct obstack *pool, void (*each)(void *context, const char *host), void *context)
{
	struct query *q = sql(s, SQL_NOTICE_HOSTS);
	int more;

	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool));
	return more;
}

int store_notice_first(struct store *s, struct obstack *pool, const char *host, struct notice *out)
{
	struct query *q = sql(s, SQL_NOTICE_FIRST);
	int err;

	sql_text(q, ":host", host);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = (struct notice){ .id = sql_column(q, 0), .host = host, .realm = sql_take(q, 1, pool), .watches = sql_take(q, 2, pool),
				.uri = sql_take(q, 3, pool), .msisdn = sql_take(q, 4, pool), .user_data = sql_take(q, 5, pool),
				.since = sql_column(q, 6) };
	sql_done(q);
	return 0;
}

/* ---- whom a change of the operator's concerns ---- */

void store_changed_note(struct store *s, int64_t subscription, int64_t profile)
{
	for (size_t i = 0; i < s->changed_count; i++)
		if (s->changed[i].subscription == subscription && s->changed[i].profile == profile)
			return;
	if (s->changed_count < STORE_CHANGED_MAX)
		s->changed[s->changed_count++] = (struct store_changed){ subscription, profile };
}

size_t store_changed_take(struct store *s, struct store_changed *out)
{
	size_t n = s->changed_count;

	memcpy(out, s->changed, n * sizeof *out);
	s->changed_count = 0;
	return n;
}
