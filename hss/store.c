// SPDX-License-Identifier: Apache-2.0
/* A connection to SQLite: its settings, its statements, its transactions. */
#include "hss/store_sql.h"
#include "common/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_MS = 5000, CHECKPOINT_PAGES = 4000 };

static const char *const texts[] = {
#define X(name, text) [SQL_##name] = text,
	STATEMENTS(X)
#undef X
};

/* ---- statements ---- */

int sql_error(struct store *s, int result, const char *what)
{
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_NOMEM:
		return -ENOMEM;
	default:
		break;
	}
	log_event(LOG_ERROR, "hss.store", "what=\"%.60s\" error=\"%s\" code=%d", what, s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(result),
		  result);
	switch (result & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	default:
		return -EIO;
	}
}

sqlite3_stmt *sql(struct store *s, enum statement which)
{
	sqlite3_stmt **q = &s->prepared[which];
	int result = SQLITE_OK;

	if (!*q)
		result = sqlite3_prepare_v3(s->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, q, NULL);
	if (result) {
		sql_error(s, result, texts[which]);
		return NULL;
	}
	return *q;
}

static int at(sqlite3_stmt *q, const char *name)
{
	return sqlite3_bind_parameter_index(q, name);
}

void sql_int(sqlite3_stmt *q, const char *name, int64_t value)
{
	if (q)
		sqlite3_bind_int64(q, at(q, name), value);
}

void sql_null_or_int(sqlite3_stmt *q, const char *name, bool null, int64_t value)
{
	if (q && null)
		sqlite3_bind_null(q, at(q, name));
	else
		sql_int(q, name, value);
}

void sql_text(sqlite3_stmt *q, const char *name, const char *value)
{
	if (q)
		sqlite3_bind_text(q, at(q, name), value, -1, SQLITE_STATIC);
}

void sql_blob(sqlite3_stmt *q, const char *name, struct bytes value)
{
	if (q)
		sqlite3_bind_blob(q, at(q, name), value.data, (int)value.len, SQLITE_STATIC);
}

void sql_done(sqlite3_stmt *q)
{
	if (!q)
		return;
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

int sql_step(struct store *s, sqlite3_stmt *q)
{
	int result, err;

	if (!q)
		return -EIO;
	result = sqlite3_step(q);
	if (result == SQLITE_ROW)
		return 1;
	err = sql_error(s, result, sqlite3_sql(q));
	sql_done(q);
	return err;
}

int sql_run(struct store *s, sqlite3_stmt *q)
{
	int more;

	do
		more = sql_step(s, q);
	while (more > 0);
	return more;
}

int sql_ask(struct store *s, sqlite3_stmt *q)
{
	int more = sql_step(s, q);

	if (more > 0)
		sql_done(q);
	return more;
}

int sql_number(struct store *s, sqlite3_stmt *q, int64_t *out)
{
	int more = sql_step(s, q);

	if (more <= 0)
		return more ? more : -ENOENT;
	*out = sqlite3_column_int64(q, 0);
	return sql_run(s, q); /* to its end: a RETURNING clause may come before the work is over */
}

const char *sql_take(sqlite3_stmt *q, int column, struct obstack *pool)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	return text ? obstack_copy0(pool, text, sqlite3_column_bytes(q, column)) : NULL;
}

struct bytes sql_take_blob(sqlite3_stmt *q, int column, struct obstack *pool)
{
	const void *data = sqlite3_column_blob(q, column);
	size_t len = (size_t)sqlite3_column_bytes(q, column);

	return (struct bytes){ data ? obstack_copy(pool, data, (int)len) : NULL, len };
}

/* ---- transactions ---- */

int store_begin(struct store *s)
{
	return sql_run(s, sql(s, s->writes ? SQL_BEGIN_WRITE : SQL_BEGIN));
}

int store_commit(struct store *s)
{
	return sql_run(s, sql(s, SQL_COMMIT));
}

void store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db)) /* SQLite may have done it by itself: disk full */
		sql_run(s, sql(s, SQL_ROLLBACK));
}

int store_savepoint(struct store *s)
{
	return sql_run(s, sql(s, SQL_SAVEPOINT));
}

int store_release(struct store *s)
{
	return sql_run(s, sql(s, SQL_RELEASE));
}

void store_rollback_to(struct store *s)
{
	if (sqlite3_get_autocommit(s->db))
		return;
	sql_run(s, sql(s, SQL_ROLLBACK_TO));
	sql_run(s, sql(s, SQL_RELEASE));
}

/* ---- settings ---- */

/* SQLite ignores a misspelt pragma and may refuse a value: what counts is what it says afterwards. */
static int setting(struct store *s, const char *text, const char *ask, const char *wanted)
{
	sqlite3_stmt *q = NULL;
	const char *got;
	int result = sqlite3_exec(s->db, text, NULL, NULL, NULL), err = 0;

	if (!result)
		result = sqlite3_prepare_v2(s->db, ask, -1, &q, NULL);
	if (result)
		return sql_error(s, result, text);
	result = sqlite3_step(q);
	got = result == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL;
	if (!got || strcmp(got, wanted)) {
		log_event(LOG_ERROR, "hss.store", "setting=\"%s\" became=%s", text, got ? got : "nothing");
		err = -EIO;
	}
	sqlite3_finalize(q);
	return err;
}

static int settings(struct store *s, const struct store_options *o)
{
	char text[64], number[16];
	int err = 0;

	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (o->writes)
		err = setting(s, "PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal");
	if (!err)
		err = setting(s, "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2");
	if (!err)
		err = setting(s, "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1");
	if (!err && !o->writes)
		err = setting(s, "PRAGMA query_only = ON", "PRAGMA query_only", "1");
	if (!err && o->writes) /* savepoints keep what they may take back: not in a file */
		err = setting(s, "PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2");
	if (!err && o->writes) {
		snprintf(text, sizeof text, "PRAGMA wal_autocheckpoint = %d", CHECKPOINT_PAGES);
		snprintf(number, sizeof number, "%d", CHECKPOINT_PAGES);
		err = setting(s, text, "PRAGMA wal_autocheckpoint", number);
	}
	if (!err && o->cache_mb) {
		snprintf(text, sizeof text, "PRAGMA cache_size = -%u", o->cache_mb * 1024);
		snprintf(number, sizeof number, "-%u", o->cache_mb * 1024);
		err = setting(s, text, "PRAGMA cache_size", number);
	}
	return err;
}

/* ---- life ---- */

int store_open(const struct store_options *o, struct store **out)
{
	struct store *s = calloc(1, sizeof *s);
	int err;

	if (!s)
		return -ENOMEM;
	s->writes = o->writes;
	err = sql_error(s, sqlite3_open_v2(o->path, &s->db, SQLITE_OPEN_READWRITE | (o->writes ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX,
					   NULL), o->path);
	if (!err)
		err = settings(s, o);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < SQL_COUNT_OF_STATEMENTS; i++)
		sqlite3_finalize(s->prepared[i]);
	sqlite3_close(s->db);
	free(s);
}
