// SPDX-License-Identifier: Apache-2.0
/* The store as lines, one at a time, as the reader of them comes along. */
#include "hss/rest/backup.h"
#include "common/log.h"
#include "common/trailer.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct backup {
	struct store *store;
	struct obstack pool;
	struct trailer *trailer;
	const char *tables[TABLES_MAX];
	size_t count, next;              /* tables; the one after that of `rows` */
	struct query *rows;
	bool named, waits, ended;        /* the table's columns are told; its first row is not yet; the last line is made */
	size_t columns;
	char *line;
	size_t len, told;
	size_t lines;
	uint64_t began_ns;
};

/* ---- a line ---- */

/* Takes `o`. */
static int set_line(struct backup *b, json_t *o)
{
	free(b->line);
	b->line = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!b->line)
		return -ENOMEM;
	b->len = strlen(b->line);
	b->line[b->len++] = '\n'; /* where the text ended */
	b->told = 0;
	b->lines++;
	trailer_add(b->trailer, b->line, b->len);
	return 1;
}

static int first_line(struct backup *b)
{
	time_t now = (time_t)(clock_wall_ns() / 1000000000u);
	struct tm tm;
	char when[32];

	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return set_line(b, json_pack("{s:s, s:i, s:i, s:s}", "format", BACKUP_FORMAT, "version", BACKUP_VERSION, "schema", store_schema_version(),
				     "created", when));
}

static int table_line(struct backup *b)
{
	const char *names[COLUMNS_MAX];
	json_t *columns = json_array();

	b->columns = store_scan_columns(b->rows, names, COLUMNS_MAX);
	for (size_t i = 0; i < b->columns; i++)
		json_array_append_new(columns, json_string(names[i]));
	b->named = b->waits = true;
	return set_line(b, json_pack("{s:s, s:o}", "table", b->tables[b->next - 1], "columns", columns));
}

static json_t *hex(struct bytes octets)
{
	char *text = malloc(2 * octets.len + 1);
	json_t *o;

	if (!text)
		return NULL;
	text[0] = 0;
	for (size_t i = 0; i < octets.len; i++)
		snprintf(text + 2 * i, 3, "%02x", octets.data[i]);
	o = json_pack("{s:s}", "hex", text);
	free(text);
	return o;
}

static json_t *json_of(struct value v)
{
	switch (v.kind) {
	case VALUE_NUMBER:
		return json_integer(v.number);
	case VALUE_TEXT:
		return json_stringn((const char *)v.octets.data, v.octets.len);
	case VALUE_OCTETS:
		return hex(v.octets);
	case VALUE_NULL:
		break;
	}
	return json_null();
}

static int row_line(struct backup *b)
{
	json_t *row = json_array();

	b->waits = false;
	for (size_t i = 0; i < b->columns; i++)
		if (json_array_append_new(row, json_of(store_scan_value(b->rows, i)))) {
			json_decref(row);
			log_event(LOG_ERROR, "hss.backup", "table=%s error=\"a text is not UTF-8\"", b->tables[b->next - 1]);
			return -EILSEQ;
		}
	return set_line(b, row);
}

static int last_line(struct backup *b)
{
	free(b->line);
	b->line = malloc(TRAILER_MAX);
	if (!b->line)
		return -ENOMEM;
	b->len = trailer_end(b->trailer, b->line);
	b->told = 0;
	b->ended = true;
	return 1;
}

/* ---- the flow ---- */

static int next_table(struct backup *b)
{
	store_scan_end(b->store, b->rows);
	b->rows = NULL;
	b->named = false;
	return b->next == b->count ? 0 : store_scan(b->store, b->tables[b->next++], &b->rows);
}

/* 1: there is a line; 0: that was the last one; -errno. A table's first row waits while its columns are told. */
static int next_line(struct backup *b)
{
	int more;

	if (b->ended)
		return 0;
	if (!b->lines)
		return first_line(b);
	if (b->waits)
		return row_line(b);
	for (;;) {
		more = b->rows ? store_scan_row(b->store, b->rows) : 0;
		if (more)
			return more < 0 ? more : b->named ? row_line(b) : table_line(b);
		more = next_table(b);
		if (more)
			return more;
		if (!b->rows)
			return last_line(b);
	}
}

ssize_t backup_read(struct backup *b, char *out, size_t most)
{
	size_t n = 0;
	int more = 1;

	while (n < most && more > 0) {
		size_t part = b->len - b->told < most - n ? b->len - b->told : most - n;

		if (!part) {
			more = next_line(b);
			continue;
		}
		memcpy(out + n, b->line + b->told, part);
		b->told += part;
		n += part;
	}
	return more < 0 ? more : (ssize_t)n;
}

/* ---- life ---- */

int backup_begin(struct store *s, struct backup **out)
{
	struct backup *b = calloc(1, sizeof *b);
	int err = -ENOMEM;

	if (b)
		b->trailer = trailer_new();
	if (b && b->trailer)
		err = store_begin(s);
	if (err) {
		store_close(s);
		if (b)
			trailer_free(b->trailer);
		free(b);
		return err;
	}
	b->store = s;
	b->began_ns = clock_ns();
	obstack_init(&b->pool);
	b->count = store_tables(&b->pool, b->tables, TABLES_MAX);
	*out = b;
	return 0;
}

void backup_end(struct backup *b)
{
	log_event(b->ended ? LOG_INFO : LOG_WARN, "hss.backup", "event=%s lines=%zu seconds=%.1f", b->ended ? "made" : "broken off", b->lines,
		  (double)(clock_ns() - b->began_ns) / 1e9);
	store_scan_end(b->store, b->rows);
	store_rollback(b->store);
	store_close(b->store);
	obstack_free(&b->pool, NULL);
	trailer_free(b->trailer);
	free(b->line);
	free(b);
}
