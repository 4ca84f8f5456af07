// SPDX-License-Identifier: Apache-2.0
/* Tables read row by row and filled row by row, whatever they are: what a table holds is the schema's business. */
#include "hss/store/store_dump.h"
#include "hss/store/store_driver.h"
#include "db/sql.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CREATE "CREATE TABLE "
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

enum { SEQ_JUMP = 1 << 20 };                 /* more vectors than are given out between a backup and its restoring */

/* What is there though nobody has provisioned anything. */
static const char *const of_itself[] = { "master_key", "provisioning", "import_progress" };

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_name(const char *text)
{
	size_t n = strspn(text, NAME_CHARACTERS);

	return n && !text[n] && is_name_start(*text);
}

size_t store_tables(struct obstack *pool, const char **out, size_t most)
{
	size_t n = 0;

	for (const char *at = sql_schema; n < most && (at = strstr(at, CREATE)); at++) {
		const char *name = at + strlen(CREATE);

		out[n++] = obstack_copy0(pool, name, (int)strspn(name, NAME_CHARACTERS));
	}
	return n;
}

int store_schema_version(void)
{
	return atoi(sql_migrations[sql_migration_count - 1].file);
}

/* ---- reading ---- */

/* In db/schema.sql a column begins a line. */
static bool has_one_column(const char *table)
{
	char start[96];
	const char *at, *end;
	int lines = 0;

	snprintf(start, sizeof start, CREATE "%s (", table);
	at = strstr(sql_schema, start);
	end = at ? strstr(at, "\n)") : NULL;
	while (end && (at = strstr(at, "\n\t")) && at < end)
		lines += is_name_start(*(at += 2));
	return lines == 1;
}

int store_scan(struct store *s, const char *table, struct query **out)
{
	char text[128];
	int err;

	snprintf(text, sizeof text, "SELECT * FROM %s ORDER BY 1%s", table, has_one_column(table) ? "" : ", 2");
	err = s->driver->prepare(s, text, out);
	if (!err && s->driver->scan)
		s->driver->scan(*out);
	return err;
}

int store_scan_row(struct store *s, struct query *q)
{
	return s->driver->step(q);
}

size_t store_scan_columns(struct query *q, const char **out, size_t most)
{
	size_t n = (size_t)q->store->driver->columns(q);

	for (size_t i = 0; i < n && i < most; i++)
		out[i] = q->store->driver->column_name(q, (int)i);
	return n < most ? n : most;
}

struct value store_scan_value(struct query *q, size_t column)
{
	const struct store_driver *d = q->store->driver;
	struct value v = { .kind = d->column_null(q, (int)column) ? VALUE_NULL : d->column_kind(q, (int)column) };

	if (v.kind == VALUE_NUMBER)
		v.number = d->column_int(q, (int)column);
	else if (v.kind != VALUE_NULL)
		v.octets = d->column(q, (int)column);
	return v;
}

void store_scan_end(struct store *s, struct query *q)
{
	if (!q)
		return;
	s->driver->reset(q);
	s->driver->finalize(q);
}

/* ---- is there anything ---- */

static int has_rows(struct store *s, const char *table)
{
	struct query *q;
	char text[96];
	int more;

	for (size_t i = 0; i < ARRAY_LEN(of_itself); i++)
		if (!strcmp(table, of_itself[i]))
			return 0;
	snprintf(text, sizeof text, "SELECT 1 FROM %s LIMIT 1", table);
	if (s->driver->prepare(s, text, &q))
		return -EIO;
	more = s->driver->step(q);
	store_scan_end(s, q);
	return more;
}

int store_is_empty(struct store *s)
{
	const char *tables[TABLES_MAX];
	struct obstack pool;
	size_t n;
	int more = 0;

	obstack_init(&pool);
	n = store_tables(&pool, tables, TABLES_MAX);
	for (size_t i = 0; !more && i < n; i++)
		more = has_rows(s, tables[i]);
	obstack_free(&pool, NULL);
	return more < 0 ? more : !more;
}

/* ---- the schema anew ---- */

static int drop_all(struct store *s)
{
	const char *tables[TABLES_MAX];
	struct obstack pool;
	char text[96];
	size_t n;
	int err = 0;

	obstack_init(&pool);
	for (n = store_tables(&pool, tables, TABLES_MAX); !err && n; n--) {
		snprintf(text, sizeof text, "DROP TABLE %s", tables[n - 1]);
		err = s->driver->execute(s, text);
	}
	obstack_free(&pool, NULL);
	return err;
}

static int run_migrations(struct store *s, int above, int up_to)
{
	int err = 0;

	for (size_t i = 0; !err && i < sql_migration_count; i++) {
		int number = atoi(sql_migrations[i].file);

		if (number > above && number <= up_to)
			err = s->driver->execute(s, sql_migrations[i].text);
	}
	return err;
}

int store_recreate(struct store *s, int version)
{
	int err = drop_all(s);

	return err ? err : run_migrations(s, 0, version);
}

int store_migrate_on(struct store *s, int version)
{
	int err = run_migrations(s, version, store_schema_version());

	return err ? err : s->driver->set_version(s, store_schema_version());
}

/* ---- writing ---- */

static const char *parameter(size_t i, char out[24])
{
	snprintf(out, 24, ":c%zu", i);
	return out;
}

static int empty(struct store *s, const char *table)
{
	char text[96];

	snprintf(text, sizeof text, "DELETE FROM %s", table);
	return s->driver->execute(s, text);
}

int store_insert(struct store *s, const char *table, const char *const *columns, size_t count, struct query **out)
{
	char *text = NULL, name[24];
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool good = f && is_name(table) && count && count <= COLUMNS_MAX;
	int err;

	if (good)
		fprintf(f, "INSERT INTO %s (", table);
	for (size_t i = 0; good && i < count; i++) {
		good = is_name(columns[i]);
		fprintf(f, "%s%s", i ? ", " : "", columns[i]);
	}
	for (size_t i = 0; good && i < count; i++)
		fprintf(f, "%s%s", i ? ", " : ") VALUES (", parameter(i, name));
	if (good)
		fputs(")", f);
	if (f)
		fclose(f);
	err = !good ? -EINVAL : empty(s, table);
	if (!err)
		err = s->driver->prepare(s, text, out);
	free(text);
	return err;
}

int store_insert_row(struct store *s, struct query *q, const struct value *values, size_t count)
{
	const struct store_driver *d = s->driver;
	char name[24];
	int err;

	for (size_t i = 0; i < count; i++)
		switch (values[i].kind) {
		case VALUE_NULL:
			d->bind_null(q, parameter(i, name));
			break;
		case VALUE_NUMBER:
			d->bind_int(q, parameter(i, name), values[i].number);
			break;
		case VALUE_TEXT:
			d->bind_text(q, parameter(i, name), (const char *)values[i].octets.data);
			break;
		case VALUE_OCTETS:
			d->bind_blob(q, parameter(i, name), values[i].octets);
			break;
		}
	err = d->later ? d->later(q) : d->step(q);
	d->reset(q);
	return err;
}

int store_insert_end(struct store *s, struct query *q)
{
	store_scan_end(s, q);
	return q && s->driver->settle ? s->driver->settle(s) : 0;
}

/* ---- afterwards ---- */

int store_provisioning_version(struct store *s, int64_t *out)
{
	return sql_number(s, sql(s, SQL_PROVISIONING_VERSION), out);
}

int store_restored(struct store *s, int64_t provisioning)
{
	struct query *q = sql(s, SQL_SEQ_JUMP);
	int err;

	sql_int(q, ":jump", SEQ_JUMP);
	err = sql_run(s, q);
	if (err)
		return err;
	err = store_provisioned(s); /* the row is there */
	if (err)
		return err;
	q = sql(s, SQL_PROVISIONING_BEYOND);
	sql_int(q, ":version", provisioning);
	return sql_run(s, q);
}
