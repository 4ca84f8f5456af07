// SPDX-License-Identifier: Apache-2.0
/* What migrations need: texts of several statements, outside of the pipeline, and the schema's version. */
#include "hss/store/store_postgres.h"
#include <stdio.h>
#include <stdlib.h>

int postgres_simple(struct postgres *p, const char *text, PGresult **out)
{
	ExecStatusType status;
	PGresult *r = NULL;
	int err = postgres_ready(p);

	if (!err && (p->deferred_count || p->later))
		err = postgres_finish_round(p, postgres_send_deferred(p), text, &r);
	PQclear(r);
	if (err)
		return err;
	postgres_read_unread(p);
	PQexitPipelineMode(p->c);
	r = PQexec(p->c, text);
	status = PQresultStatus(r);
	err = r && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) ? 0 : postgres_error(p, r, text);
	if (p->c)
		PQenterPipelineMode(p->c);
	if (!err && out)
		*out = r;
	else
		PQclear(r);
	return err;
}

int postgres_execute(struct store *s, const char *text)
{
	struct postgres_text t;
	int err = postgres_schema(text, &t);

	if (err)
		return err;
	err = postgres_simple(postgres_of(s), t.text, NULL);
	postgres_text_free(&t);
	return err;
}

/* ---- the schema's version ---- */

int postgres_version(struct store *s, int *out)
{
	PGresult *r;
	int err = postgres_simple(postgres_of(s), "SELECT to_regclass('schema_version')", &r);
	bool empty = !err && PQgetisnull(r, 0, 0);

	if (err)
		return err;
	PQclear(r);
	if (empty) {
		*out = 0;
		return 0;
	}
	err = postgres_simple(postgres_of(s), "SELECT version FROM schema_version", &r);
	if (err)
		return err;
	*out = PQntuples(r) ? atoi(PQgetvalue(r, 0, 0)) : 0;
	PQclear(r);
	return 0;
}

/* Rows may have come with numbers of their own: what is counted goes on above them. */
static const char renumber[] =
	"DO $$ DECLARE c record; BEGIN FOR c IN SELECT table_name AS t, column_name AS n FROM information_schema.columns WHERE"
	" table_schema = current_schema() AND is_identity = 'YES' LOOP EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L),"
	" coalesce(max(%I), 0) + 1, false) FROM %I', quote_ident(c.t), c.n, c.n, c.t); END LOOP; END $$";

int postgres_set_version(struct store *s, int number)
{
	char text[200];
	int err;

	snprintf(text, sizeof text, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL); DELETE FROM schema_version;"
		 " INSERT INTO schema_version (version) VALUES (%d)", number);
	err = postgres_simple(postgres_of(s), text, NULL);
	return err ? err : postgres_simple(postgres_of(s), renumber, NULL);
}
