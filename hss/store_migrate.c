// SPDX-License-Identifier: Apache-2.0
/* The file's schema becomes this binary's: each migration and its number in one transaction, so that a death between two of
 * them leaves a whole one. Migrations are append-only; db/schema.sql is what all together give. */
#include "common/log.h"
#include "db/sql.h"
#include "hss/store_sql.h"
#include <stdio.h>
#include <stdlib.h>

static int number_of(const struct sql_migration *m)
{
	return atoi(m->file);
}

static int run(struct store *s, const char *text)
{
	return sql_error(s, sqlite3_exec(s->db, text, NULL, NULL, NULL), text);
}

static int version(struct store *s, int *out)
{
	sqlite3_stmt *q = NULL;
	int result = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &q, NULL);

	if (!result)
		result = sqlite3_step(q);
	if (result == SQLITE_ROW)
		*out = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return sql_error(s, result, "PRAGMA user_version");
}

/* Two front ends may start at once: the version is read again once the file is ours. */
static int migrate(struct store *s, const struct sql_migration *m)
{
	char text[64];
	int have = 0, err = store_begin(s);

	if (err)
		return err;
	err = version(s, &have);
	if (!err && have < number_of(m)) {
		err = run(s, m->text);
		snprintf(text, sizeof text, "PRAGMA user_version = %d", number_of(m));
		if (!err)
			err = run(s, text);
		if (!err)
			log_event(LOG_INFO, "hss.store", "migration=%s", m->file);
	}
	if (!err)
		err = store_commit(s);
	if (err)
		store_rollback(s);
	return err;
}

int store_migrate(struct store *s)
{
	int newest = number_of(&sql_migrations[sql_migration_count - 1]), have = 0, err = version(s, &have);

	if (!err && have > newest) {
		log_event(LOG_ERROR, "hss.store", "schema=%d; this binary knows %d at most: start the newer one", have, newest);
		return -EPROTO;
	}
	for (size_t i = 0; !err && i < sql_migration_count; i++)
		if (number_of(&sql_migrations[i]) > have)
			err = migrate(s, &sql_migrations[i]);
	return err;
}
