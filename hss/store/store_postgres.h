// SPDX-License-Identifier: Apache-2.0
/* Within the driver of PostgreSQL: store_postgres.c has statements and transactions, store_postgres_pipeline.c their round trips,
 * store_postgres_connection.c the connection, store_postgres_schema.c what migrations need, store_postgres_text.c the dialect. */
#pragma once
#include "hss/store/store_driver.h"
#include <libpq-fe.h>

/* ---- the dialect: store_postgres_text.c ---- */

enum { PARAMETERS_MAX = 32 };

struct postgres_text {
	char *text;                          /* NULL: nothing is held */
	char *names[PARAMETERS_MAX];         /* ":impi" is $1 where names[0] says so */
	size_t count;
};

/* Our SQL as PostgreSQL's: parameters numbered, words and types exchanged. 0, -ENOMEM, -E2BIG too many parameters. */
int postgres_statement(const char *text, struct postgres_text *out);
int postgres_schema(const char *text, struct postgres_text *out); /* of a migration: columns get their types as well */
void postgres_text_free(struct postgres_text *t);
bool postgres_is_utf8(const char *text);

/* ---- the connection: store_postgres_connection.c ---- */

enum { DEFERRED_MAX = 8 };

struct postgres {
	struct store base;
	char *conninfo;
	PGconn *c;                           /* NULL: none */
	unsigned life;                       /* of connections: a new one knows no statement of the last one */
	unsigned names;                      /* given to statements */
	bool told;                           /* that there is no connection */
	uint64_t not_before_ns;              /* the next attempt to connect */
	unsigned pause_ms;
	enum { OUTSIDE, INSIDE, LOST } in;   /* a transaction; LOST: one whose connection broke */
	const char *deferred[DEFERRED_MAX];  /* goes out ahead of the next statement, in one round trip */
	size_t deferred_count;
	unsigned unread;                     /* answers that nobody waited for */
	size_t later;                        /* statements sent since the last round trip, whose results come with the next one's */
	size_t good;                         /* commands of the last round trip that were done */
	int64_t changes;
};

static inline struct postgres *postgres_of(struct store *s)
{
	return (struct postgres *)(void *)s;
}

/* Connected, at once or anew, outside of a transaction. -EBUSY: not now. */
int postgres_connect(struct postgres *p);
/* Away with the connection. */
void postgres_drop(struct postgres *p, const char *why);
/* A failed result as -errno; logs what nobody expects, and drops a connection of no use. */
int postgres_error(struct postgres *p, const PGresult *r, const char *what);
/* Whether it is still there as far as its socket tells. */
bool postgres_alive(struct postgres *p);

/* ---- round trips: store_postgres_pipeline.c ---- */

int postgres_ready(struct postgres *p);      /* to be asked: -EBUSY no connection, -ERESTART the transaction went with it */
void postgres_defer(struct postgres *p, const char *text);
bool postgres_send_deferred(struct postgres *p);
/* What was sent since the last one is a round trip: waits for its answer. 0 with *out, -errno. */
int postgres_finish_round(struct postgres *p, bool sent, const char *what, PGresult **out);
int postgres_flush(struct postgres *p);      /* what was sent for later is done, or has failed */
void postgres_read_unread(struct postgres *p);

/* ---- texts of several statements: store_postgres_schema.c ---- */

int postgres_simple(struct postgres *p, const char *text, PGresult **out); /* out NULL: nobody wants the rows */
int postgres_execute(struct store *s, const char *text);
int postgres_version(struct store *s, int *out);
int postgres_set_version(struct store *s, int version);
