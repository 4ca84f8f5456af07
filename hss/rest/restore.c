// SPDX-License-Identifier: Apache-2.0
/* A backup becomes the store, in one transaction:
 *
 *   checksum ─▶ form, schema ─▶ master keys ─▶ is the store empty? ─▶ tables as of then ─▶ rows ─▶ migrations since
 *
 * Sequence numbers of AKA that were given out after the backup was made are passed over. [TS 33.102 C.1.1.1] */
#include "common/log.h"
#include "common/trailer.h"
#include "hss/rest/backup.h"
#include "hss/key/keyring.h"
#include <jansson.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16 << 20 };

struct lines {
	struct bytes left;
	size_t number;
};

static int wrong(struct restoring *r, size_t line, const char *why)
{
	return problem_set(r->problem, 422, NULL, "line %zu of the backup: %s", line, why);
}

/* 1 with its object, 0 at the end, -EINVAL. Every line ends, as the checksum has told. */
static int next_line(struct restoring *r, struct lines *l, json_t **out)
{
	const uint8_t *end = l->left.len ? memchr(l->left.data, '\n', l->left.len) : NULL;
	size_t len = end ? (size_t)(end - l->left.data) : 0;

	if (!end)
		return 0;
	*out = len > LINE_MAX_BYTES ? NULL : json_loadb((const char *)l->left.data, len, 0, NULL);
	l->left.data += len + 1;
	l->left.len -= len + 1;
	l->number++;
	return *out ? 1 : wrong(r, l->number, "it is no JSON");
}

/* ---- before anything changes ---- */

static int check_head(struct restoring *r, struct lines *l)
{
	const char *format = NULL;
	int version = 0, go;
	json_t *o = NULL;

	go = next_line(r, l, &o);
	if (go <= 0)
		return go ? go : wrong(r, 1, "there is none");
	if (json_unpack(o, "{s:s, s:i, s:i}", "format", &format, "version", &version, "schema", &r->schema) || strcmp(format, BACKUP_FORMAT))
		go = wrong(r, 1, "no backup of an HSS of ours");
	else if (version != BACKUP_VERSION)
		go = problem_set(r->problem, 422, NULL, "a backup of form %d; this HSS knows %d", version, BACKUP_VERSION);
	else if (r->schema < 1 || r->schema > store_schema_version())
		go = problem_set(r->problem, 422, NULL, "a backup of schema %d; this HSS knows %d at most: restore it with the newer one",
				 r->schema, store_schema_version());
	json_decref(o);
	return go < 0 ? go : 0;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Octets from hex digits, into the pool. */
static bool read_hex(const char *text, struct obstack *pool, struct bytes *out)
{
	size_t len = strlen(text);
	uint8_t *octets = obstack_alloc(pool, (int)(len / 2 + 1));

	for (size_t i = 0; i < len; i += 2) { /* of an odd one the last is none */
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return false;
		octets[i / 2] = (uint8_t)(high << 4 | low);
	}
	*out = (struct bytes){ octets, len / 2 };
	return true;
}

static bool read_value(json_t *o, struct obstack *pool, struct value *out)
{
	const json_t *octets = json_object_get(o, "hex");

	*out = (struct value){ .kind = VALUE_NULL };
	switch (json_typeof(o)) {
	case JSON_NULL:
		return true;
	case JSON_INTEGER:
		*out = (struct value){ .kind = VALUE_NUMBER, .number = json_integer_value(o) };
		return true;
	case JSON_STRING:
		*out = (struct value){ VALUE_TEXT, 0, { (const uint8_t *)json_string_value(o), json_string_length(o) } };
		return true;
	case JSON_OBJECT:
		out->kind = VALUE_OCTETS;
		return json_is_string(octets) && read_hex(json_string_value(octets), pool, &out->octets);
	case JSON_ARRAY:
	case JSON_REAL:
	case JSON_TRUE:
	case JSON_FALSE:
		break;
	}
	return false;
}

/* The columns of a table line; how many, 0: it is none. */
static size_t read_columns(const json_t *o, const char **out)
{
	const json_t *list = json_object_get(o, "columns");
	size_t n = json_array_size(list);

	if (!json_string_value(json_object_get(o, "table")) || n > COLUMNS_MAX)
		return 0;
	for (size_t i = 0; i < n; i++) {
		out[i] = json_string_value(json_array_get(list, i));
		if (!out[i])
			return 0;
	}
	return n;
}

static int check_key(struct restoring *r, const json_t *row, size_t column, struct obstack *pool)
{
	struct value v;

	if (!read_value(json_array_get(row, column), pool, &v) || v.kind != VALUE_OCTETS)
		return problem_set(r->problem, 422, NULL, "the backup does not say which master key its secrets are sealed under");
	if (keyring_has(r->keys, v.octets))
		return 0;
	return problem_set(r->problem, 409, NULL, "the secrets of the backup are sealed under another master key than this HSS has");
}

/* Every key that the backup's secrets need is ours. */
static int check_keys(struct restoring *r, struct lines l, struct obstack *pool)
{
	const char *columns[COLUMNS_MAX];
	size_t n, column = COLUMNS_MAX;
	bool here = false;
	json_t *o;
	int go;

	while ((go = next_line(r, &l, &o)) > 0) {
		if (json_is_object(o)) {
			n = read_columns(o, columns);
			here = n && !strcmp(json_string_value(json_object_get(o, "table")), "master_key");
			for (column = 0; column < n && strcmp(columns[column], "check_value"); column++)
				;
		} else if (here) {
			go = check_key(r, o, column, pool);
		}
		json_decref(o);
		if (go < 0)
			break;
	}
	return go;
}

static int check_room(struct restoring *r, struct store *s)
{
	int empty = r->replace ? 1 : store_is_empty(s);

	return empty < 0 ? empty : empty ? 0 : problem_set(r->problem, 409, NULL, "the store is not empty; replace=true lets what is there go");
}

/* ---- rows ---- */

struct filling {
	struct query *insert;
	bool subscribers;                    /* the table is theirs */
	size_t columns;
};

/* What fails for want of room, or of the store, is not the backup's fault. */
static int row_error(struct restoring *r, size_t line, int err)
{
	if (!err || err == -ENOSPC || err == -EBUSY || err == -ERESTART || err == -ENOMEM)
		return err;
	return wrong(r, line, "this row, or one shortly before it, does not fit the schema or contradicts another one");
}

static int begin_table(struct restoring *r, struct store *s, struct filling *f, const json_t *o, size_t line)
{
	const char *columns[COLUMNS_MAX], *table = json_string_value(json_object_get(o, "table"));
	int err = row_error(r, line, store_insert_end(s, f->insert));

	f->insert = NULL;
	if (err)
		return err;
	f->columns = read_columns(o, columns);
	if (!f->columns)
		return wrong(r, line, "a table and its columns are expected");
	f->subscribers = !strcmp(table, "private_identity");
	err = store_insert(s, table, columns, f->columns, &f->insert);
	return err == -EINVAL || err == -EIO ? wrong(r, line, "no such table, or no such columns") : err;
}

static int add_row(struct restoring *r, struct store *s, struct filling *f, json_t *row, size_t line)
{
	struct value values[COLUMNS_MAX];
	struct obstack pool;
	int err = 0;

	if (!f->insert || json_array_size(row) != f->columns)
		return wrong(r, line, "as many values as the table has columns are expected");
	obstack_init(&pool);
	for (size_t i = 0; !err && i < f->columns; i++)
		if (!read_value(json_array_get(row, i), &pool, &values[i]))
			err = wrong(r, line, "a value of no kind that a table has");
	if (!err)
		err = row_error(r, line, store_insert_row(s, f->insert, values, f->columns));
	obstack_free(&pool, NULL);
	r->rows += !err;
	r->subscribers += !err && f->subscribers;
	return err;
}

static int fill(struct restoring *r, struct store *s, struct lines l)
{
	struct filling f = { 0 };
	json_t *o;
	int go, err;

	while ((go = next_line(r, &l, &o)) > 0) {
		go = json_is_array(o) ? add_row(r, s, &f, o, l.number) : begin_table(r, s, &f, o, l.number);
		json_decref(o);
		if (go < 0)
			break;
	}
	err = row_error(r, l.number, store_insert_end(s, f.insert));
	return go < 0 ? go : err;
}

/* ---- the flow ---- */

static int check(struct restoring *r, struct store *s, struct lines *l)
{
	struct obstack pool;
	int err = trailer_check(r->file, &l->left);

	if (err)
		return problem_set(r->problem, 422, NULL, "the checksum of the backup does not fit: it was cut short, or changed");
	err = check_head(r, l);
	if (err)
		return err;
	obstack_init(&pool);
	err = check_keys(r, *l, &pool);
	obstack_free(&pool, NULL);
	return err ? err : check_room(r, s);
}

int restore(struct restoring *r, struct store *s)
{
	struct lines l = { .number = 0 };
	int64_t provisioning = 0;
	int err = check(r, s, &l);

	r->rows = r->subscribers = 0;
	if (!err)
		err = store_provisioning_version(s, &provisioning);
	if (!err)
		err = store_recreate(s, r->schema);
	if (!err)
		err = fill(r, s, l);
	if (!err)
		err = store_migrate_on(s, r->schema);
	return err ? err : store_restored(s, provisioning);
}
