// SPDX-License-Identifier: Apache-2.0
/* The store in PostgreSQL, shared by several front ends, every commit durable before it is told.
 *
 * One statement is one round trip, whatever belongs to it: what opens a transaction or a savepoint, and the statement's
 * preparation, go out ahead of it in a pipeline. The end of what was only read is sent and not waited for.
 *
 * Who writes has an advisory lock until the commit, so that front ends take turns as the threads of one do, and each statement
 * sees all that was committed before: no check is out of date when its change is made. */
#include "hss/store/store_postgres.h"
#include "common/log.h"
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const words[] = {
	[STORE_BEGIN] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	[STORE_BEGIN_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
	[STORE_COMMIT] = "COMMIT", [STORE_ROLLBACK] = "ROLLBACK", [STORE_SAVEPOINT] = "SAVEPOINT one", [STORE_RELEASE] = "RELEASE one",
	[STORE_ROLLBACK_TO] = "ROLLBACK TO one",
};
enum { LATER_MAX = 256 };                    /* their answers must have room on their way while nobody reads them */
static const char lock[] = "SELECT pg_advisory_xact_lock(7452171)"; /* of this database; the number is ours alone */

enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT4 = 23 }; /* [PostgreSQL pg_type] */

struct postgres_query {
	struct query base;
	struct postgres_text text;
	char name[16];
	unsigned life;                       /* of the connection that knows it */
	bool reads, unknown;                 /* a SELECT; with a value that no text of the database can be */
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
	Oid types[PARAMETERS_MAX];           /* of numbers; of others PostgreSQL finds it out */
	char numbers[PARAMETERS_MAX][24];
	bool scans, open;                    /* by a cursor, which is there */
	PGresult *rows;                      /* NULL: not asked yet */
	int row;
};

static struct postgres_query *query_of(struct query *q)
{
	return (struct postgres_query *)(void *)q;
}

static struct postgres *connection_of(struct query *q)
{
	return postgres_of(q->store);
}

/* ---- statements ---- */

static int prepare(struct store *s, const char *text, struct query **out)
{
	struct postgres_query *q = calloc(1, sizeof *q);
	int err = q ? postgres_statement(text, &q->text) : -ENOMEM;

	if (err) {
		free(q);
		return err;
	}
	q->base.store = s;
	q->reads = !strncmp(text, "SELECT", 6);
	snprintf(q->name, sizeof q->name, "q%u", ++postgres_of(s)->names);
	*out = &q->base;
	return 0;
}

static void finalize(struct query *base)
{
	struct postgres_query *q = query_of(base);

	PQclear(q->rows);
	postgres_text_free(&q->text);
	free(q);
}

static size_t at(struct postgres_query *q, const char *name)
{
	size_t i;

	for (i = 0; i < q->text.count && strcmp(q->text.names[i], name); i++)
		;
	return i;
}

static void put(struct query *base, const char *name, const void *value, size_t len, int format)
{
	struct postgres_query *q = query_of(base);
	size_t i = at(q, name);

	if (i == q->text.count)
		return;
	q->values[i] = value;
	q->lengths[i] = (int)len;
	q->formats[i] = format;
}

static void bind_null(struct query *q, const char *name)
{
	put(q, name, NULL, 0, 0);
}

static void bind_int(struct query *base, const char *name, int64_t value)
{
	struct postgres_query *q = query_of(base);
	size_t i = at(q, name);

	if (i == q->text.count)
		return;
	snprintf(q->numbers[i], sizeof q->numbers[i], "%lld", (long long)value);
	q->types[i] = OID_INT8;
	put(base, name, q->numbers[i], 0, 0);
}

static void bind_text(struct query *q, const char *name, const char *value)
{
	query_of(q)->unknown |= !postgres_is_utf8(value);
	put(q, name, value, 0, 0);
}

static void bind_blob(struct query *q, const char *name, struct bytes value)
{
	put(q, name, value.data, value.len, 1);
}

static const char fetch[] = "FETCH 500 FROM scan";

/* One cursor a connection. */
static bool send_scan(struct postgres *p, struct postgres_query *q)
{
	bool sent = postgres_send_deferred(p) && (q->open || PQsendQueryParams(p->c, q->text.text, 0, NULL, NULL, NULL, NULL, 0));

	q->open = true;
	return sent && PQsendQueryParams(p->c, fetch, 0, NULL, NULL, NULL, NULL, 1);
}

static bool send_query(struct postgres *p, struct postgres_query *q)
{
	bool sent;

	if (q->scans)
		return send_scan(p, q);
	sent = postgres_send_deferred(p);

	if (sent && q->life != p->life)
		sent = PQsendPrepare(p->c, q->name, q->text.text, (int)q->text.count, q->types);
	return sent && PQsendQueryPrepared(p->c, q->name, (int)q->text.count, q->values, q->lengths, q->formats, 1);
}

static int ask(struct postgres *p, struct postgres_query *q)
{
	int err = postgres_ready(p);
	size_t ahead = p->deferred_count + p->later;

	if (err)
		return err;
	err = postgres_finish_round(p, send_query(p, q), q->text.text, &q->rows);
	if (p->good > ahead && !q->scans) /* prepared, even if it failed then */
		q->life = p->life;
	if (err)
		return err;
	q->row = -1;
	if (*PQcmdTuples(q->rows))
		p->changes = strtoll(PQcmdTuples(q->rows), NULL, 10);
	return 0;
}

/* A text that is none in UTF-8 is in no row; nor is it put into one. */
static int step(struct query *base)
{
	struct postgres_query *q = query_of(base);
	int err = 0;

	if (q->unknown)
		return q->reads ? 0 : -EINVAL;
	if (q->scans && q->rows && PQntuples(q->rows) && q->row + 1 == PQntuples(q->rows)) { /* the next piece */
		PQclear(q->rows);
		q->rows = NULL;
	}
	if (!q->rows)
		err = ask(connection_of(base), q);
	return err ? err : ++q->row < PQntuples(q->rows);
}

static int later(struct query *base)
{
	struct postgres_query *q = query_of(base);
	struct postgres *p = connection_of(base);

	if (q->unknown)
		return -EINVAL;
	if (p->in != INSIDE)
		return p->in == LOST ? -ERESTART : step(base);
	if (!send_query(p, q)) {
		postgres_drop(p, PQerrorMessage(p->c));
		return -ERESTART;
	}
	q->life = p->life; /* if it is not prepared, it has failed, and the transaction with it */
	return ++p->later < LATER_MAX ? 0 : postgres_flush(p);
}

static int settle(struct store *s)
{
	return postgres_flush(postgres_of(s));
}

static void reset(struct query *base)
{
	struct postgres_query *q = query_of(base);

	PQclear(q->rows);
	q->rows = NULL;
	if (q->open && connection_of(base)->in == INSIDE)
		postgres_defer(connection_of(base), "CLOSE scan");
	q->open = q->unknown = false;
	memset(q->values, 0, sizeof q->values);
	memset(q->formats, 0, sizeof q->formats);
}

static bool column_null(struct query *base, int column)
{
	return PQgetisnull(query_of(base)->rows, query_of(base)->row, column);
}

/* Numbers come as they are, the most significant octet first: 8 of a column, 4 of a constant, 1 of a yes or no. */
static int64_t column_int(struct query *base, int column)
{
	const struct postgres_query *q = query_of(base);
	const char *value = PQgetvalue(q->rows, q->row, column);
	uint64_t eight;
	uint32_t four;

	switch (PQgetlength(q->rows, q->row, column)) {
	case 8:
		memcpy(&eight, value, sizeof eight);
		return (int64_t)be64toh(eight);
	case 4:
		memcpy(&four, value, sizeof four);
		return (int32_t)ntohl(four);
	case 1:
		return *value;
	default:
		return 0;
	}
}

static struct bytes column(struct query *base, int n)
{
	const struct postgres_query *q = query_of(base);

	if (column_null(base, n))
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ (const uint8_t *)PQgetvalue(q->rows, q->row, n), (size_t)PQgetlength(q->rows, q->row, n) };
}

static int columns(struct query *q)
{
	return PQnfields(query_of(q)->rows);
}

static const char *column_name(struct query *q, int n)
{
	return PQfname(query_of(q)->rows, n);
}

static enum value_kind column_kind(struct query *q, int n)
{
	Oid type = PQftype(query_of(q)->rows, n);

	return type == OID_INT8 || type == OID_INT4 || type == OID_BOOL ? VALUE_NUMBER : type == OID_BYTEA ? VALUE_OCTETS : VALUE_TEXT;
}

/* The text becomes the cursor's. */
static void scan(struct query *base)
{
	struct postgres_query *q = query_of(base);
	char *text;

	if (asprintf(&text, "DECLARE scan NO SCROLL CURSOR FOR %s", q->text.text) < 0)
		return; /* all at once, then */
	free(q->text.text);
	q->text.text = text;
	q->scans = true;
}

static int64_t changes(struct store *s)
{
	return postgres_of(s)->changes;
}

/* ---- transactions ---- */

/* Who reads begins with its first question; who writes waits here for its turn. */
static int begin(struct postgres *p, enum transaction what)
{
	PGresult *r = NULL;
	int err = postgres_connect(p);

	if (err)
		return err;
	p->deferred_count = 0;
	p->in = INSIDE;
	postgres_defer(p, words[what]);
	if (what == STORE_BEGIN)
		return 0;
	postgres_defer(p, lock);
	err = postgres_finish_round(p, postgres_send_deferred(p), lock, &r);
	PQclear(r);
	return err == -ERESTART ? -EBUSY : err;
}

/* Whether the server has heard of the transaction. */
static bool has_begun(const struct postgres *p)
{
	return !p->deferred_count || p->deferred[0] != words[STORE_BEGIN];
}

/* A transaction that failed ends as ROLLBACK whatever was asked. When the connection breaks here, nobody knows. */
static int commit(struct postgres *p)
{
	PGresult *r = NULL;
	int err = 0;

	if (p->in == LOST) {
		p->in = OUTSIDE;
		return -ERESTART;
	}
	if (has_begun(p)) {
		postgres_defer(p, words[STORE_COMMIT]);
		err = postgres_finish_round(p, postgres_send_deferred(p), words[STORE_COMMIT], &r);
		if (!err && strcmp(PQcmdStatus(r), "COMMIT"))
			err = -EIO;
		PQclear(r);
	}
	p->deferred_count = 0;
	p->in = OUTSIDE;
	return err == -ERESTART && !p->c ? -EBUSY : err;
}

static int rollback(struct postgres *p)
{
	bool ends = p->in == INSIDE && has_begun(p);

	postgres_flush(p); /* after one that failed nothing is heard until the end of the round trip */
	ends = ends && p->in == INSIDE;
	p->in = OUTSIDE;
	p->deferred_count = 0;
	if (!ends)
		return 0;
	if (PQsendQueryParams(p->c, words[STORE_ROLLBACK], 0, NULL, NULL, NULL, NULL, 0) && PQpipelineSync(p->c))
		p->unread++;
	else
		postgres_drop(p, PQerrorMessage(p->c));
	return 0;
}

/* A savepoint of which the server has not heard yet goes as it came. */
static int savepoint(struct postgres *p, enum transaction what)
{
	bool unheard = p->deferred_count && p->deferred[p->deferred_count - 1] == words[STORE_SAVEPOINT];
	PGresult *r = NULL;
	int err = 0;

	if (p->in == INSIDE)
		err = postgres_flush(p);
	if (p->in != INSIDE)
		return what == STORE_SAVEPOINT ? -ERESTART : err;
	if (err && what != STORE_ROLLBACK_TO)
		return err;
	err = 0;
	if (what != STORE_SAVEPOINT && unheard) {
		p->deferred_count--;
		return 0;
	}
	if (p->deferred_count + 3 > DEFERRED_MAX) {
		err = postgres_finish_round(p, postgres_send_deferred(p), words[what], &r);
		PQclear(r);
	}
	if (err)
		return err;
	postgres_defer(p, words[what]);
	if (what == STORE_ROLLBACK_TO)
		postgres_defer(p, words[STORE_RELEASE]);
	return 0;
}

static int transaction(struct store *s, enum transaction what)
{
	struct postgres *p = postgres_of(s);

	switch (what) {
	case STORE_BEGIN:
	case STORE_BEGIN_WRITE:
		return begin(p, what);
	case STORE_COMMIT:
		return commit(p);
	case STORE_ROLLBACK:
		return rollback(p);
	case STORE_SAVEPOINT:
	case STORE_RELEASE:
	case STORE_ROLLBACK_TO:
		return savepoint(p, what);
	}
	return -EINVAL;
}

/* ---- life ---- */

static int check(struct store *s)
{
	struct postgres *p = postgres_of(s);
	int err = postgres_connect(p);

	return err ? err : postgres_simple(p, "SELECT 1", NULL);
}

static void close_postgres(struct store *s)
{
	struct postgres *p = postgres_of(s);

	PQfinish(p->c);
	free(p->conninfo);
	free(p);
}

/* A reading one connects when it is first asked. */
static int open_postgres(const struct store_options *o, const char *where, struct store **out)
{
	struct postgres *p = calloc(1, sizeof *p);
	int err = 0;

	if (!p)
		return -ENOMEM;
	p->base.driver = &store_postgres;
	p->base.writes = o->writes;
	p->conninfo = strdup(!strncmp(where, "//", 2) ? o->where : where); /* a URI is one with its scheme */
	if (!p->conninfo)
		err = -ENOMEM;
	if (!err && o->writes)
		err = postgres_connect(p);
	if (err) {
		close_postgres(&p->base);
		return err;
	}
	*out = &p->base;
	return 0;
}

const struct store_driver store_postgres = {
	.prefix = "postgresql:", .open = open_postgres, .close = close_postgres, .transaction = transaction, .execute = postgres_execute,
	.version = postgres_version, .set_version = postgres_set_version, .changes = changes, .check = check, .prepare = prepare, .finalize = finalize,
	.bind_null = bind_null, .bind_int = bind_int, .bind_text = bind_text, .bind_blob = bind_blob, .step = step, .later = later, .settle = settle, .reset = reset,
	.column_int = column_int, .column_null = column_null, .column = column,
	.columns = columns, .column_name = column_name, .column_kind = column_kind, .scan = scan,
};
