// SPDX-License-Identifier: Apache-2.0
/* A connection to PostgreSQL: its settings, its loss, and the way back.
 *
 * A lost connection ends what it was asked with -ERESTART (nothing was changed) or, at a COMMIT, -EBUSY (nobody knows); the next
 * transaction makes it anew, at most every `pause`. A server that has become a standby is as good as lost: the address, or
 * another of several in the option, leads to the new primary. */
#include "hss/store/store_postgres.h"
#include "common/log.h"
#include <stdlib.h>

enum { PAUSE_FIRST_MS = 50, PAUSE_MAX_MS = 1000, VERSION_LEAST = 130000 };

/* What is waited for has an end; a front end that vanished holds no lock for long. Statements are planned once, when a table may
 * still be empty, and each has its index. */
static const char settings[] =
	"SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '5s'; SET tcp_keepalives_idle = 5;"
	" SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET client_min_messages = error;"
	" SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off";
static const char current[] =
	"SELECT current_setting('synchronous_commit'), current_setting('server_version_num'), current_setting('server_encoding'),"
	" current_setting('fsync'), current_setting('full_page_writes')";

/* ---- errors ---- */

void postgres_drop(struct postgres *p, const char *why)
{
	if (!p->told && p->c)
		log_event(LOG_WARN, "hss.store", "event=lost error=\"%s\"", why);
	p->told = true;
	PQfinish(p->c);
	p->c = NULL;
	p->deferred_count = p->later = p->unread = 0;
	if (p->in == INSIDE)
		p->in = LOST;
}

/* Of no use any more: broken, being shut down, or the primary no longer [PostgreSQL appendix A]. */
static bool is_lost(struct postgres *p, const char *state)
{
	return PQstatus(p->c) != CONNECTION_OK || !strncmp(state, "08", 2) || !strncmp(state, "57P", 3) || !strcmp(state, "25006") ||
	       !strcmp(state, "25P03");
}

int postgres_error(struct postgres *p, const PGresult *r, const char *what)
{
	const char *field = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL, *state = field ? field : "";
	char text[160];

	if (!strncmp(state, "23", 2))
		return -EEXIST;
	snprintf(text, sizeof text, "%s", r ? PQresultErrorMessage(r) : PQerrorMessage(p->c));
	text[strcspn(text, "\n")] = 0;
	if (is_lost(p, state)) {
		postgres_drop(p, text);
		return -ERESTART;
	}
	if (!strcmp(state, "40001") || !strcmp(state, "40P01")) /* a conflict with another front end */
		return -ERESTART;
	log_event(LOG_ERROR, "hss.store", "what=\"%.60s\" error=\"%s\" code=%s", what, text, state);
	if (!strcmp(state, "53100"))
		return -ENOSPC;
	return !strncmp(state, "53", 2) || !strcmp(state, "55P03") || !strcmp(state, "57014") ? -EBUSY : -EIO;
}

/* ---- settings ---- */

/* A commit is told once it is on the disk, and on that of the standbys that the server is told to wait for. */
static int check_durable(struct postgres *p, const char *now)
{
	PGresult *r;
	bool on;

	if (!strcmp(now, "on") || !strcmp(now, "remote_apply"))
		return 0;
	PQclear(PQexec(p->c, "SET synchronous_commit = on"));
	r = PQexec(p->c, "SHOW synchronous_commit");
	on = PQresultStatus(r) == PGRES_TUPLES_OK && !strcmp(PQgetvalue(r, 0, 0), "on");
	PQclear(r);
	if (!on)
		log_event(LOG_ERROR, "hss.store", "setting=\"synchronous_commit\" stays=%s", now);
	return on ? 0 : -EIO;
}

static int check_settings(struct postgres *p, const PGresult *r)
{
	if (atoi(PQgetvalue(r, 0, 1)) < VERSION_LEAST) {
		log_event(LOG_ERROR, "hss.store", "server_version=%s; %d at least is expected", PQgetvalue(r, 0, 1), VERSION_LEAST);
		return -EPROTO;
	}
	if (strcmp(PQgetvalue(r, 0, 2), "UTF8")) {
		log_event(LOG_ERROR, "hss.store", "encoding=%s; a database in UTF8 is expected", PQgetvalue(r, 0, 2));
		return -EPROTO;
	}
	if (p->base.writes && (strcmp(PQgetvalue(r, 0, 3), "on") || strcmp(PQgetvalue(r, 0, 4), "on")))
		log_event(LOG_WARN, "hss.store", "fsync=%s full_page_writes=%s; a crash of the machine may lose what was acknowledged",
			  PQgetvalue(r, 0, 3), PQgetvalue(r, 0, 4));
	return check_durable(p, PQgetvalue(r, 0, 0));
}

static int make_settings(struct postgres *p)
{
	PGresult *r = PQexec(p->c, settings);
	int err = PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : postgres_error(p, r, settings);

	PQclear(r);
	if (err)
		return err;
	r = PQexec(p->c, current);
	err = PQresultStatus(r) == PGRES_TUPLES_OK ? check_settings(p, r) : postgres_error(p, r, current);
	PQclear(r);
	return err;
}

/* ---- connecting ---- */

static void no_notice(void *context, const PGresult *r)
{
	(void)context;
	(void)r;
}

static int failed(struct postgres *p, const char *why, int err)
{
	char text[200];

	snprintf(text, sizeof text, "%s", why);
	text[strcspn(text, "\n")] = 0;
	if (!p->told)
		log_event(LOG_ERROR, "hss.store", "event=unreachable error=\"%s\"", text);
	p->told = true;
	PQfinish(p->c);
	p->c = NULL;
	p->pause_ms = p->pause_ms ? (p->pause_ms * 2 < PAUSE_MAX_MS ? p->pause_ms * 2 : PAUSE_MAX_MS) : PAUSE_FIRST_MS;
	p->not_before_ns = clock_ns() + p->pause_ms * UINT64_C(1000000);
	return err == -ERESTART ? -EBUSY : err;
}

/* The option's own words come last, so that they count. */
static PGconn *dial(const char *conninfo)
{
	static const char *const names[] = { "fallback_application_name", "connect_timeout", "tcp_user_timeout", "keepalives_idle",
					     "keepalives_interval", "keepalives_count", "target_session_attrs", "dbname",
					     "client_encoding", NULL };
	const char *const values[] = { "minims-hss", "3", "5000", "5", "2", "3", "read-write", conninfo, "UTF8", NULL };

	return PQconnectdbParams(names, values, 1);
}

static int connect_anew(struct postgres *p)
{
	int err;

	if (clock_ns() < p->not_before_ns)
		return -EBUSY;
	p->c = dial(p->conninfo);
	if (PQstatus(p->c) != CONNECTION_OK)
		return failed(p, PQerrorMessage(p->c), -EBUSY);
	PQsetNoticeReceiver(p->c, no_notice, NULL);
	err = make_settings(p);
	if (!err && !PQenterPipelineMode(p->c))
		err = -EIO;
	if (err)
		return failed(p, "its settings", err);
	if (p->told)
		log_event(LOG_INFO, "hss.store", "event=connected");
	p->told = false;
	p->pause_ms = 0;
	p->not_before_ns = 0;
	p->life++;
	return 0;
}

/* A server that ends says so first: two looks find its words and the end. */
bool postgres_alive(struct postgres *p)
{
	return p->c && PQconsumeInput(p->c) && PQconsumeInput(p->c) && PQstatus(p->c) == CONNECTION_OK;
}

int postgres_connect(struct postgres *p)
{
	if (p->c && !postgres_alive(p))
		postgres_drop(p, PQerrorMessage(p->c));
	p->in = OUTSIDE;
	return p->c ? 0 : connect_anew(p);
}
