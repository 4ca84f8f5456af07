// SPDX-License-Identifier: Apache-2.0
/* A connection to the store: its statements and transactions, in whatever database lies behind. */
#include "hss/store/store_driver.h"
#include "common/log.h"
#include <string.h>

static const char *const texts[] = {
#define X(name, text) [SQL_##name] = text,
	STATEMENTS(X)
#undef X
};

static const struct store_driver *const drivers[] = { &store_sqlite, &store_postgres };

/* ---- statements ---- */

struct query *sql(struct store *s, enum statement which)
{
	struct query **q = &s->prepared[which];

	if (!*q && s->driver->prepare(s, texts[which], q))
		return NULL;
	return *q;
}

void sql_int(struct query *q, const char *name, int64_t value)
{
	if (q)
		q->store->driver->bind_int(q, name, value);
}

void sql_null_or_int(struct query *q, const char *name, bool null, int64_t value)
{
	if (q && null)
		q->store->driver->bind_null(q, name);
	else
		sql_int(q, name, value);
}

void sql_text(struct query *q, const char *name, const char *value)
{
	if (q && value)
		q->store->driver->bind_text(q, name, value);
	else if (q)
		q->store->driver->bind_null(q, name);
}

void sql_blob(struct query *q, const char *name, struct bytes value)
{
	if (q)
		q->store->driver->bind_blob(q, name, value);
}

void sql_done(struct query *q)
{
	if (q)
		q->store->driver->reset(q);
}

int sql_step(struct store *s, struct query *q)
{
	int more = q ? s->driver->step(q) : -EIO;

	if (more <= 0)
		sql_done(q);
	return more;
}

int sql_run(struct store *s, struct query *q)
{
	int more;

	do
		more = sql_step(s, q);
	while (more > 0);
	return more;
}

int sql_run_later(struct store *s, struct query *q)
{
	int err;

	if (!q || !s->driver->later)
		return sql_run(s, q);
	err = s->driver->later(q);
	sql_done(q);
	return err;
}

int sql_row(struct store *s, struct query *q)
{
	int more = sql_step(s, q);

	return more > 0 ? 0 : more ? more : -ENOENT;
}

int sql_ask(struct store *s, struct query *q)
{
	int more = sql_step(s, q);

	if (more > 0)
		sql_done(q);
	return more;
}

int sql_number(struct store *s, struct query *q, int64_t *out)
{
	int err = sql_row(s, q);

	if (err)
		return err;
	*out = sql_column(q, 0);
	return sql_run(s, q); /* to its end: a RETURNING clause may come before the work is over */
}

int64_t sql_changes(struct store *s)
{
	return s->driver->changes(s);
}

/* ---- a row ---- */

int64_t sql_column(struct query *q, int column)
{
	return q->store->driver->column_int(q, column);
}

const char *sql_column_text(struct query *q, int column)
{
	return (const char *)q->store->driver->column(q, column).data;
}

bool sql_column_null(struct query *q, int column)
{
	return q->store->driver->column_null(q, column);
}

const char *sql_take(struct query *q, int column, struct obstack *pool)
{
	struct bytes text = q->store->driver->column(q, column);

	return text.data ? obstack_copy0(pool, text.data, (int)text.len) : NULL;
}

struct bytes sql_take_blob(struct query *q, int column, struct obstack *pool)
{
	struct bytes b = q->store->driver->column(q, column);

	return (struct bytes){ b.data ? obstack_copy(pool, b.data, (int)b.len) : NULL, b.len };
}

int sql_each_text(struct store *s, struct query *q, struct obstack *pool, void (*each)(void *context, const char *text), void *context)
{
	int more;

	while ((more = sql_step(s, q)) > 0)
		each(context, sql_take(q, 0, pool));
	return more;
}

int sql_each_name(struct store *s, enum statement which, struct obstack *pool, const char *after, size_t most,
		  void (*each)(void *context, const char *name), void *context)
{
	struct query *q = sql(s, which);

	sql_text(q, ":after", after);
	sql_int(q, ":most", (int64_t)most);
	return sql_each_text(s, q, pool, each, context);
}

/* ---- transactions ---- */

bool store_writes(const struct store *s)
{
	return s->writes;
}

int store_begin(struct store *s)
{
	return s->driver->transaction(s, s->writes ? STORE_BEGIN_WRITE : STORE_BEGIN);
}

int store_commit(struct store *s)
{
	return s->driver->transaction(s, STORE_COMMIT);
}

void store_rollback(struct store *s)
{
	s->driver->transaction(s, STORE_ROLLBACK);
}

int store_savepoint(struct store *s)
{
	return s->driver->transaction(s, STORE_SAVEPOINT);
}

int store_release(struct store *s)
{
	return s->driver->transaction(s, STORE_RELEASE);
}

void store_rollback_to(struct store *s)
{
	s->driver->transaction(s, STORE_ROLLBACK_TO);
}

/* ---- life ---- */

static const struct store_driver *driver_of(const char *where)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (!strncmp(where, drivers[i]->prefix, strlen(drivers[i]->prefix)))
			return drivers[i];
	return NULL;
}

int store_open(const struct store_options *o, struct store **out)
{
	const struct store_driver *d = driver_of(o->where);

	return d ? d->open(o, o->where + strlen(d->prefix), out) : -EINVAL;
}

bool store_leaves_sync(struct store *s)
{
	return s->driver->leave_sync && !s->driver->leave_sync(s);
}

int store_sync(struct store *s)
{
	return s->driver->sync(s);
}

bool store_may_be_lost(const struct store *s)
{
	return s->driver->check;
}

int store_check(struct store *s)
{
	return s->driver->check(s);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < SQL_COUNT_OF_STATEMENTS; i++)
		if (s->prepared[i])
			s->driver->finalize(s->prepared[i]);
	s->driver->close(s);
}
