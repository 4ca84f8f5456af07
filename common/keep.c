// SPDX-License-Identifier: Apache-2.0
/* Local state on LMDB: a writable memory map that the kernel keeps when the process dies, and no sync, so a write costs
 * microseconds. After a reboot the file may be torn: another boot id, and it is thrown away unread. */
#include "common/keep.h"
#include "common/log.h"
#include "common/path.h"
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TABLES_MAX = 8, PATH_MAX_BYTES = 512, BOOT_ID_MAX = 64 };

struct keep {
	MDB_env *env;
	struct { char name[32]; MDB_dbi dbi; } tables[TABLES_MAX];
	size_t table_count;
};

/* LMDB's errors beside those of errno. */
static int error_of(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return -ENOENT;
	case MDB_MAP_FULL:
		return -ENOSPC;
	case MDB_BAD_VALSIZE:
		return -EINVAL;
	case MDB_CORRUPTED:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_PAGE_NOTFOUND:
		return -EBADMSG;
	default:
		return rc > 0 ? -rc : -EIO;
	}
}

/* ---- open ---- */

static int read_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	int err = 0;

	if (!f)
		return -errno;
	if (!fgets(out, (int)size, f))
		err = -EIO;
	fclose(f);
	return err;
}

static int write_line(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	bool good;

	if (!f)
		return -errno;
	good = fputs(text, f) >= 0;
	good = fclose(f) == 0 && good;
	return good ? 0 : -EIO;
}

static void throw_away(const char *path)
{
	char file[PATH_MAX_BYTES];

	snprintf(file, sizeof file, "%s/data.mdb", path);
	unlink(file);
	snprintf(file, sizeof file, "%s/lock.mdb", path);
	unlink(file);
}

/* The boot that wrote the file is noted beside it. */
static int check_boot(const char *path)
{
	char now[BOOT_ID_MAX], then[BOOT_ID_MAX] = "", file[PATH_MAX_BYTES];
	int err = read_line("/proc/sys/kernel/random/boot_id", now, sizeof now);

	if (err)
		return err;
	snprintf(file, sizeof file, "%s/boot", path);
	if (read_line(file, then, sizeof then) == 0 && !strcmp(now, then))
		return 0;
	if (*then)
		log_event(LOG_WARN, "keep", "path=%s event=thrown_away why=\"of another boot\"", path);
	throw_away(path);
	return write_line(file, now);
}

static int open_env(const char *path, size_t size_max, MDB_env **out)
{
	MDB_env *env;
	int rc = mdb_env_create(&env);

	if (rc)
		return error_of(rc);
	mdb_env_set_mapsize(env, size_max);
	mdb_env_set_maxdbs(env, TABLES_MAX);
	rc = mdb_env_open(env, path, MDB_WRITEMAP | MDB_NOSYNC | MDB_NOMETASYNC | MDB_NOTLS, 0600);
	if (rc) {
		mdb_env_close(env);
		return error_of(rc);
	}
	mdb_reader_check(env, NULL); /* of a process that was killed while it read */
	*out = env;
	return 0;
}

int keep_open(const char *path, size_t size_max, struct keep **out)
{
	struct keep *k;
	int err = path_make(path);

	if (!err)
		err = check_boot(path);
	if (err)
		return err;
	k = calloc(1, sizeof *k);
	if (!k)
		return -ENOMEM;
	err = open_env(path, size_max, &k->env);
	if (err == -EBADMSG) {
		log_event(LOG_ERROR, "keep", "path=%s event=thrown_away why=\"damaged\"", path);
		throw_away(path);
		err = open_env(path, size_max, &k->env);
	}
	if (err) {
		free(k);
		return err;
	}
	*out = k;
	return 0;
}

void keep_close(struct keep *k)
{
	if (!k)
		return;
	mdb_env_close(k->env);
	free(k);
}

/* ---- tables ---- */

/* The table's handle, made at first use with MDB_CREATE; MDB_NOTFOUND without when nothing was ever put. One of a
 * transaction that was aborted is gone: only commit() remembers it. */
static int open_table(struct keep *k, MDB_txn *txn, const char *table, unsigned make, MDB_dbi *dbi)
{
	for (size_t i = 0; i < k->table_count; i++) {
		if (strcmp(k->tables[i].name, table))
			continue;
		*dbi = k->tables[i].dbi;
		return 0;
	}
	if (strlen(table) >= sizeof k->tables[0].name)
		return EINVAL;
	return mdb_dbi_open(txn, table, make, dbi);
}

static void remember_table(struct keep *k, const char *table, MDB_dbi dbi)
{
	for (size_t i = 0; i < k->table_count; i++)
		if (!strcmp(k->tables[i].name, table))
			return;
	if (k->table_count == TABLES_MAX)
		return;
	strcpy(k->tables[k->table_count].name, table);
	k->tables[k->table_count++].dbi = dbi;
}

/* LMDB bounds a key at 511 bytes and none may be empty. */
static MDB_val key_of(const char *key)
{
	return (MDB_val){ strlen(key), (void *)(uintptr_t)key };
}

static int commit(struct keep *k, MDB_txn *txn, const char *table, MDB_dbi dbi, int rc)
{
	if (rc) {
		mdb_txn_abort(txn);
		return rc;
	}
	rc = mdb_txn_commit(txn);
	if (!rc)
		remember_table(k, table, dbi);
	return rc;
}

int keep_put(struct keep *k, const char *table, const char *key, struct bytes value)
{
	MDB_val name = key_of(key), data = { value.len, (void *)(uintptr_t)value.data };
	MDB_dbi dbi = 0;
	MDB_txn *txn;
	int rc = mdb_txn_begin(k->env, NULL, 0, &txn);

	if (rc)
		return error_of(rc);
	rc = open_table(k, txn, table, MDB_CREATE, &dbi);
	if (!rc)
		rc = mdb_put(txn, dbi, &name, &data, 0);
	return error_of(commit(k, txn, table, dbi, rc));
}

int keep_remove(struct keep *k, const char *table, const char *key)
{
	MDB_val name = key_of(key);
	MDB_dbi dbi = 0;
	MDB_txn *txn;
	int rc = mdb_txn_begin(k->env, NULL, 0, &txn);

	if (rc)
		return error_of(rc);
	rc = open_table(k, txn, table, 0, &dbi);
	if (!rc)
		rc = mdb_del(txn, dbi, &name, NULL);
	rc = commit(k, txn, table, dbi, rc);
	return rc == MDB_NOTFOUND ? 0 : error_of(rc);
}

static int walk(MDB_cursor *cursor, void (*each)(void *context, const char *key, struct bytes value), void *context)
{
	MDB_val name, data;
	char key[512];
	int rc;

	while ((rc = mdb_cursor_get(cursor, &name, &data, MDB_NEXT)) == 0) {
		snprintf(key, sizeof key, "%.*s", (int)name.mv_size, (const char *)name.mv_data);
		each(context, key, (struct bytes){ data.mv_data, data.mv_size });
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int keep_each(struct keep *k, const char *table, void (*each)(void *context, const char *key, struct bytes value), void *context)
{
	MDB_cursor *cursor;
	MDB_dbi dbi = 0;
	MDB_txn *txn;
	int rc = mdb_txn_begin(k->env, NULL, MDB_RDONLY, &txn);

	if (rc)
		return error_of(rc);
	rc = open_table(k, txn, table, 0, &dbi);
	if (!rc)
		rc = mdb_cursor_open(txn, dbi, &cursor);
	if (!rc) {
		rc = walk(cursor, each, context);
		mdb_cursor_close(cursor);
	}
	rc = commit(k, txn, table, dbi, rc);
	return rc == MDB_NOTFOUND ? 0 : error_of(rc);
}
