// SPDX-License-Identifier: Apache-2.0
/* Several commands in one round trip, and the answers that nobody waits for. */
#include "hss/store/store_postgres.h"

/* Up to the next end of a round trip: the last result, or the first that failed; NULL: the connection broke. */
static PGresult *read_round(struct postgres *p)
{
	PGresult *kept = NULL;
	bool failed = false;

	for (;;) {
		PGresult *r = PQgetResult(p->c);
		ExecStatusType status = PQresultStatus(r);

		if (!r && PQstatus(p->c) == CONNECTION_OK)
			continue; /* the end of one command */
		if (!r || status == PGRES_PIPELINE_SYNC) {
			PQclear(r);
			return kept;
		}
		if (failed) {
			PQclear(r);
			continue;
		}
		PQclear(kept);
		kept = r;
		failed = status == PGRES_FATAL_ERROR;
		p->good += !failed;
	}
}

void postgres_read_unread(struct postgres *p)
{
	for (; p->unread && PQstatus(p->c) == CONNECTION_OK; p->unread--)
		PQclear(read_round(p));
	p->good = 0;
}

void postgres_defer(struct postgres *p, const char *text)
{
	p->deferred[p->deferred_count++] = text;
}

bool postgres_send_deferred(struct postgres *p)
{
	bool sent = true;

	for (size_t i = 0; sent && i < p->deferred_count; i++)
		sent = PQsendQueryParams(p->c, p->deferred[i], 0, NULL, NULL, NULL, NULL, 0);
	p->deferred_count = 0;
	return sent;
}

/* What was sent since the last one is a round trip: waits for its answer. 0 with *out, -errno. */
int postgres_finish_round(struct postgres *p, bool sent, const char *what, PGresult **out)
{
	PGresult *r = NULL;
	ExecStatusType status;
	int err;

	p->good = 0; /* of this one */
	p->later = 0;
	if (sent && PQpipelineSync(p->c)) {
		postgres_read_unread(p);
		r = read_round(p);
	}
	status = PQresultStatus(r);
	if (r && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)) {
		*out = r;
		return 0;
	}
	if (!r) {
		postgres_drop(p, PQerrorMessage(p->c)); /* whatever was sent */
		return -ERESTART;
	}
	err = postgres_error(p, r, what);
	PQclear(r);
	return err;
}

/* What was sent for later is done, or has failed. */
int postgres_flush(struct postgres *p)
{
	PGresult *r = NULL;
	int err = p->later ? postgres_finish_round(p, true, "what was sent before", &r) : 0;

	PQclear(r);
	return err;
}

int postgres_ready(struct postgres *p)
{
	if (p->in == OUTSIDE)
		return postgres_connect(p);
	return p->in == LOST ? -ERESTART : 0;
}
