// SPDX-License-Identifier: Apache-2.0
/* What a database does in its own way (store_sqlite.c, store_postgres.c), chosen by store_open(). Only under hss/store*.
 *
 * Every function returns 0 or more, or -errno after logging what nobody expects: -EEXIST a constraint, -EBUSY locked or not to be
 * reached, -ERESTART the transaction is lost with all that it did and may be tried again (another's was in its way, or the
 * connection broke), -ENOSPC, -EIO. A commit of which nobody knows whether it happened is -EBUSY. */
#pragma once
#include "hss/store/store_dump.h"
#include "hss/store/store_sql.h"

struct query {                               /* first in the driver's own */
	struct store *store;
};

enum transaction { STORE_BEGIN, STORE_BEGIN_WRITE, STORE_COMMIT, STORE_ROLLBACK, STORE_SAVEPOINT, STORE_RELEASE, STORE_ROLLBACK_TO };

struct store_driver {
	const char *prefix;                  /* "sqlite:" of the option `store` */
	/* The rest of the option. The new store's first member is struct store. */
	int (*open)(const struct store_options *o, const char *where, struct store **out);
	void (*close)(struct store *s);      /* prepared queries are gone by then */
	int (*transaction)(struct store *s, enum transaction what);
	/* One text with several statements, outside of what is prepared. */
	int (*execute)(struct store *s, const char *text);
	/* The schema's version; 0 in an empty database. Set inside the migration's transaction. */
	int (*version)(struct store *s, int *out);
	int (*set_version)(struct store *s, int version);
	int64_t (*changes)(struct store *s);
	/* Commits no longer wait for the disk; sync does, on any thread. NULL: they always do. */
	int (*leave_sync)(struct store *s);
	int (*sync)(struct store *s);
	int (*check)(struct store *s);       /* outside of a transaction: is it there? NULL: always */

	int (*prepare)(struct store *s, const char *text, struct query **out);
	void (*finalize)(struct query *q);
	void (*bind_null)(struct query *q, const char *name);
	void (*bind_int)(struct query *q, const char *name, int64_t value);
	void (*bind_text)(struct query *q, const char *name, const char *value);
	void (*bind_blob)(struct query *q, const char *name, struct bytes value);
	int (*step)(struct query *q);        /* 1: a row; 0: the end */
	/* Of one that gives no rows: its error may come with a later one's, a savepoint's or the commit's. NULL: as step. */
	int (*later)(struct query *q);
	int (*settle)(struct store *s);      /* what was run so is done. 0, or its error. NULL: nothing ever is */
	void (*reset)(struct query *q);      /* and its values unbound */
	int64_t (*column_int)(struct query *q, int column);
	bool (*column_null)(struct query *q, int column);
	struct bytes (*column)(struct query *q, int column); /* text or octets; data NULL for NULL */
	/* Of a statement that has a row. */
	int (*columns)(struct query *q);
	const char *(*column_name)(struct query *q, int column);
	enum value_kind (*column_kind)(struct query *q, int column); /* of one that is not NULL */
	/* Of a SELECT without parameters, in a transaction: its rows come piece by piece. NULL: they always do. */
	void (*scan)(struct query *q);
};

extern const struct store_driver store_sqlite, store_postgres;
