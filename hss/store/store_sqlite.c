// SPDX-License-Identifier: Apache-2.0
/* The store in an SQLite file, WAL, every commit on the disk before it is told. */
#include "hss/store/store_driver.h"
#include "common/log.h"
#include "common/path.h"
#include "hss/store/store_sqlite_checkpoint.h"
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUSY_MS = 5000 };

static const char *const words[] = {
	[STORE_BEGIN] = "BEGIN", [STORE_BEGIN_WRITE] = "BEGIN IMMEDIATE", [STORE_COMMIT] = "COMMIT", [STORE_ROLLBACK] = "ROLLBACK",
	[STORE_SAVEPOINT] = "SAVEPOINT one", [STORE_RELEASE] = "RELEASE one", [STORE_ROLLBACK_TO] = "ROLLBACK TO one",
};

struct sqlite {
	struct store base;
	sqlite3 *db;
	struct checkpointer *checkpointer;   /* of the one that writes */
	int log;                             /* the file of the write-ahead log, or -1 */
	sqlite3_stmt *transactions[ARRAY_LEN(words)];
};

struct sqlite_query {
	struct query base;
	sqlite3_stmt *stmt;
};

static struct sqlite *of(struct store *s)
{
	return (struct sqlite *)(void *)s;
}

static sqlite3_stmt *stmt_of(struct query *q)
{
	return ((struct sqlite_query *)(void *)q)->stmt;
}

/* An SQLite result as -errno; logs what nobody expects. */
static int error(struct store *s, int result, const char *what)
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
	log_event(LOG_ERROR, "hss.store", "what=\"%.60s\" error=\"%s\" code=%d", what,
		  of(s)->db ? sqlite3_errmsg(of(s)->db) : sqlite3_errstr(result), result);
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

/* ---- statements ---- */

static int prepare(struct store *s, const char *text, struct query **out)
{
	struct sqlite_query *q = calloc(1, sizeof *q);
	int result;

	if (!q)
		return -ENOMEM;
	q->base.store = s;
	result = sqlite3_prepare_v3(of(s)->db, text, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
	if (result) {
		free(q);
		return error(s, result, text);
	}
	*out = &q->base;
	return 0;
}

static void finalize(struct query *q)
{
	sqlite3_finalize(stmt_of(q));
	free(q);
}

static int at(struct query *q, const char *name)
{
	return sqlite3_bind_parameter_index(stmt_of(q), name);
}

static void bind_null(struct query *q, const char *name)
{
	sqlite3_bind_null(stmt_of(q), at(q, name));
}

static void bind_int(struct query *q, const char *name, int64_t value)
{
	sqlite3_bind_int64(stmt_of(q), at(q, name), value);
}

static void bind_text(struct query *q, const char *name, const char *value)
{
	sqlite3_bind_text(stmt_of(q), at(q, name), value, -1, SQLITE_STATIC);
}

static void bind_blob(struct query *q, const char *name, struct bytes value)
{
	sqlite3_bind_blob(stmt_of(q), at(q, name), value.data, (int)value.len, SQLITE_STATIC);
}

static int step(struct query *q)
{
	int result = sqlite3_step(stmt_of(q));

	return result == SQLITE_ROW ? 1 : error(q->store, result, sqlite3_sql(stmt_of(q)));
}

static void reset(struct query *q)
{
	sqlite3_reset(stmt_of(q));
	sqlite3_clear_bindings(stmt_of(q));
}

static int64_t column_int(struct query *q, int column)
{
	return sqlite3_column_int64(stmt_of(q), column);
}

static bool column_null(struct query *q, int column)
{
	return sqlite3_column_type(stmt_of(q), column) == SQLITE_NULL;
}

/* An empty blob has no address of its own, NULL has none at all. */
static struct bytes column(struct query *q, int n)
{
	const void *data;

	if (sqlite3_column_type(stmt_of(q), n) == SQLITE_NULL)
		return (struct bytes){ NULL, 0 };
	data = sqlite3_column_type(stmt_of(q), n) == SQLITE_BLOB ? sqlite3_column_blob(stmt_of(q), n) : sqlite3_column_text(stmt_of(q), n);
	return (struct bytes){ data ? data : "", (size_t)sqlite3_column_bytes(stmt_of(q), n) };
}

static int columns(struct query *q)
{
	return sqlite3_column_count(stmt_of(q));
}

static const char *column_name(struct query *q, int n)
{
	return sqlite3_column_name(stmt_of(q), n);
}

static enum value_kind column_kind(struct query *q, int n)
{
	int type = sqlite3_column_type(stmt_of(q), n);

	return type == SQLITE_INTEGER ? VALUE_NUMBER : type == SQLITE_BLOB ? VALUE_OCTETS : VALUE_TEXT;
}

static int64_t changes(struct store *s)
{
	return sqlite3_changes(of(s)->db);
}

static int execute(struct store *s, const char *text)
{
	return error(s, sqlite3_exec(of(s)->db, text, NULL, NULL, NULL), text);
}

/* ---- transactions ---- */

static int run(struct store *s, enum transaction what)
{
	sqlite3_stmt **q = &of(s)->transactions[what];
	int result = *q ? SQLITE_OK : sqlite3_prepare_v3(of(s)->db, words[what], -1, SQLITE_PREPARE_PERSISTENT, q, NULL), err;

	if (!result)
		result = sqlite3_step(*q);
	err = error(s, result, words[what]);
	sqlite3_reset(*q);
	return err;
}

static int transaction(struct store *s, enum transaction what)
{
	bool undoes = what == STORE_ROLLBACK || what == STORE_ROLLBACK_TO;
	int err;

	if (undoes && sqlite3_get_autocommit(of(s)->db)) /* SQLite may have done it by itself: disk full */
		return 0;
	err = run(s, what);
	return err || what != STORE_ROLLBACK_TO ? err : run(s, STORE_RELEASE);
}

/* ---- the schema's version ---- */

static int version(struct store *s, int *out)
{
	sqlite3_stmt *q = NULL;
	int result = sqlite3_prepare_v2(of(s)->db, "PRAGMA user_version", -1, &q, NULL);

	if (!result)
		result = sqlite3_step(q);
	if (result == SQLITE_ROW)
		*out = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return error(s, result, "PRAGMA user_version");
}

static int set_version(struct store *s, int number)
{
	char text[64];

	snprintf(text, sizeof text, "PRAGMA user_version = %d", number);
	return execute(s, text);
}

/* ---- settings ---- */

/* SQLite ignores a misspelt pragma and may refuse a value: what counts is what it says afterwards. */
static int setting(struct store *s, const char *text, const char *ask, const char *wanted)
{
	sqlite3_stmt *q = NULL;
	const char *got;
	int result = sqlite3_exec(of(s)->db, text, NULL, NULL, NULL), err = 0;

	if (!result)
		result = sqlite3_prepare_v2(of(s)->db, ask, -1, &q, NULL);
	if (result)
		return error(s, result, text);
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

	sqlite3_busy_timeout(of(s)->db, BUSY_MS);
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
	if (!err) /* a page is read where the system has it, not copied; what is not mapped is read as ever */
		err = setting(s, "PRAGMA mmap_size = 2147418112", "PRAGMA mmap_size", "2147418112");
	if (!err && o->cache_mb) {
		snprintf(text, sizeof text, "PRAGMA cache_size = -%u", o->cache_mb * 1024);
		snprintf(number, sizeof number, "-%u", o->cache_mb * 1024);
		err = setting(s, text, "PRAGMA cache_size", number);
	}
	return err;
}

/* ---- the disk ---- */

/* The log's own descriptor: SQLite has no word for "now". It keeps no lock on that file, so that closing it takes none away. */
static int sync_sqlite(struct store *s)
{
	return fdatasync(of(s)->log) ? -errno : 0;
}

/* With NORMAL a checkpoint and the log's new beginning are still on the disk in the order they need to be. [sqlite.org/pragma.html] */
static int leave_sync(struct store *s)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s-wal", sqlite3_db_filename(of(s)->db, "main"));
	of(s)->log = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (of(s)->log < 0)
		return -errno;
	return setting(s, "PRAGMA synchronous = NORMAL", "PRAGMA synchronous", "1");
}

/* ---- life ---- */

static void close_sqlite(struct store *s)
{
	checkpointer_free(of(s)->checkpointer);
	if (of(s)->log >= 0)
		close(of(s)->log);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		sqlite3_finalize(of(s)->transactions[i]);
	sqlite3_close(of(s)->db);
	free(s);
}

static int open_sqlite(const struct store_options *o, const char *where, struct store **out)
{
	int flags = SQLITE_OPEN_READWRITE | (o->writes ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX, err = 0;
	struct sqlite *s = calloc(1, sizeof *s);

	if (!s)
		return -ENOMEM;
	s->base.driver = &store_sqlite;
	s->base.writes = o->writes;
	s->log = -1;
	if (o->writes)
		err = path_make_parent(where);
	if (!err)
		err = error(&s->base, sqlite3_open_v2(where, &s->db, flags, NULL), where);
	if (!err)
		err = settings(&s->base, o);
	if (!err && o->writes)
		err = checkpointer_new(where, s->db, &s->checkpointer);
	if (err) {
		close_sqlite(&s->base);
		return err;
	}
	*out = &s->base;
	return 0;
}

const struct store_driver store_sqlite = {
	.prefix = "sqlite:", .open = open_sqlite, .close = close_sqlite, .transaction = transaction, .execute = execute,
	.version = version, .set_version = set_version, .changes = changes,
	.leave_sync = leave_sync, .sync = sync_sqlite, .prepare = prepare, .finalize = finalize,
	.bind_null = bind_null, .bind_int = bind_int, .bind_text = bind_text, .bind_blob = bind_blob, .step = step, .reset = reset,
	.column_int = column_int, .column_null = column_null, .column = column,
	.columns = columns, .column_name = column_name, .column_kind = column_kind,
};
