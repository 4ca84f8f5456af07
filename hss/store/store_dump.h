// SPDX-License-Identifier: Apache-2.0
/* The store's tables as they are, for backup.c and restore.c; names of tables and columns are db/schema.sql's. */
#pragma once
#include "hss/store/store.h"

enum { TABLES_MAX = 64, COLUMNS_MAX = 32 };

struct value {
	enum value_kind { VALUE_NULL, VALUE_NUMBER, VALUE_TEXT, VALUE_OCTETS } kind;
	int64_t number;
	struct bytes octets;                 /* of a text, too */
};


/* The schema's tables; each comes after those that it refers to. How many; pool owns the names. */
size_t store_tables(struct obstack *pool, const char **out, size_t most);
int store_schema_version(void);              /* of this binary */

/* ---- reading: one table after the other, in a transaction ---- */

struct query;
int store_scan(struct store *s, const char *table, struct query **out);       /* 0 or -errno */
int store_scan_row(struct store *s, struct query *q);                         /* 1, 0 no more, -errno */
size_t store_scan_columns(struct query *q, const char **out, size_t most);    /* once a row is there; how many */
struct value store_scan_value(struct query *q, size_t column);                /* lives until the next row */
void store_scan_end(struct store *s, struct query *q);

/* ---- writing: in a transaction of a writing connection ---- */

int store_is_empty(struct store *s);                                          /* 1, 0: somebody or something is provisioned; -errno */
/* All tables go, and come back as they were in the schema `version`, empty; */
int store_recreate(struct store *s, int version);
/* and once they are filled they become today's. */
int store_migrate_on(struct store *s, int version);
/* The table is empty then, also of what a migration put into it. -EINVAL: no such table or columns. */
int store_insert(struct store *s, const char *table, const char *const *columns, size_t count, struct query **out);
int store_insert_row(struct store *s, struct query *q, const struct value *values, size_t count);
int store_insert_end(struct store *s, struct query *q);                       /* an error may be of the last some hundred rows */
/* Sequence numbers go on above those that may have been given out since, and what was noted while reading is void. */
int store_restored(struct store *s, int64_t provisioning);
int store_provisioning_version(struct store *s, int64_t *out);
