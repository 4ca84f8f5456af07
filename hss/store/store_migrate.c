// SPDX-License-Identifier: Apache-2.0
/* The schema becomes this binary's: each migration and its number in one transaction, so that a death between two of them
 * leaves a whole one. Migrations are append-only; db/schema.sql is what all together give. */
#include "common/log.h"
#include "db/sql.h"
#include "hss/store/store_driver.h"
#include <stdlib.h>

static int number_of(const struct sql_migration *m)
{
	return atoi(m->file);
}

/* Two front ends may start at once: the version is read again once the store is ours. */
static int migrate(struct store *s, const struct sql_migration *m)
{
	int have = 0, err = store_begin(s);

	if (err)
		return err;
	err = s->driver->version(s, &have);
	if (!err && have < number_of(m)) {
		err = s->driver->execute(s, m->text);
		if (!err)
			err = s->driver->set_version(s, number_of(m));
		if (!err)
			log_event(LOG_INFO, "hss.store", "migration=%s", m->file);
	}
	if (!err)
		err = store_commit(s);
	if (err)
		store_rollback(s);
	return err;
}

/* What SQL alone cannot do. */
enum { BEFORE_WILDCARDS = 2 };

static int finish(struct store *s, int had)
{
	int err;

	if (!had || had > BEFORE_WILDCARDS)
		return 0;
	err = store_begin(s);
	if (err)
		return err;
	err = store_wildcards_place(s);
	if (!err)
		err = store_commit(s);
	if (err)
		store_rollback(s);
	return err;
}

int store_migrate(struct store *s)
{
	int newest = number_of(&sql_migrations[sql_migration_count - 1]), have = 0, err = s->driver->version(s, &have);

	if (!err && have > newest) {
		log_event(LOG_ERROR, "hss.store", "schema=%d; this binary knows %d at most: start the newer one", have, newest);
		return -EPROTO;
	}
	for (size_t i = 0; !err && i < sql_migration_count; i++)
		if (number_of(&sql_migrations[i]) > have)
			err = migrate(s, &sql_migrations[i]);
	return err ? err : finish(s, have);
}
