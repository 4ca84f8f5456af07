// SPDX-License-Identifier: Apache-2.0
/* Identities and what their subscription says of them. [TS 29.228 annex B] */
#include "hss/store/store_sql.h"
#include <string.h>

static const char *const schemes[] = { [SCHEME_NONE] = "none", [SCHEME_DIGEST] = "digest", [SCHEME_AKA] = "aka" };

const char *scheme_name(enum scheme scheme)
{
	return schemes[scheme];
}

static enum scheme scheme_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (name && !strcmp(schemes[i], name))
			return (enum scheme)i;
	return SCHEME_NONE;
}

int store_private(struct store *s, struct obstack *pool, const char *impi, struct private_identity *out)
{
	struct query *q = sql(s, SQL_PRIVATE_BY_IMPI);
	int err;

	sql_text(q, ":impi", impi);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = (struct private_identity){ .id = sql_column(q, 0), .subscription = sql_column(q, 1),
					  .impi = sql_take(q, 2, pool), .scheme = scheme_of(sql_column_text(q, 3)),
					  .privileged_sender = sql_column(q, 4) };
	sql_done(q);
	return 0;
}

static int read_impu(struct store *s, struct query *q, struct obstack *pool, struct impu *out)
{
	int err = sql_row(s, q);

	if (err)
		return err;
	*out = (struct impu){
		.id = sql_column(q, 0), .set = sql_column(q, 1), .subscription = sql_column(q, 2),
		.kind = (enum identity_kind)sql_column(q, 3), .barred = sql_column(q, 4),
		.unregistered = sql_column(q, 5), .reassignment_pending = sql_column(q, 6), .uri = sql_take(q, 7, pool),
		.as_name = sql_take(q, 8, pool), .scscf_name = sql_take(q, 9, pool), .scscf_host = sql_take(q, 10, pool),
		.former_host = sql_take(q, 11, pool), .scscf_features = (uint32_t)sql_column(q, 12),
		.wildcard = sql_take(q, 13, pool),
	};
	sql_done(q);
	if (!is_wildcarded(out->kind))
		out->wildcard = NULL;
	else if (!out->wildcard)
		out->wildcard = out->uri;
	return 0;
}

int store_impu(struct store *s, struct obstack *pool, const char *uri, struct impu *out)
{
	struct query *q = sql(s, SQL_IMPU_BY_URI);

	sql_text(q, ":impu", uri);
	return read_impu(s, q, pool, out);
}

int store_impu_of_set(struct store *s, struct obstack *pool, int64_t set, struct impu *out)
{
	struct query *q = sql(s, SQL_IMPU_OF_SET);

	sql_int(q, ":set", set);
	return read_impu(s, q, pool, out);
}

int store_linked(struct store *s, int64_t private_identity, int64_t impu)
{
	struct query *q = sql(s, SQL_LINKED);

	sql_int(q, ":private", private_identity);
	sql_int(q, ":public", impu);
	return sql_ask(s, q);
}

int store_set_has_unbarred(struct store *s, int64_t set)
{
	struct query *q = sql(s, SQL_SET_HAS_UNBARRED);

	sql_int(q, ":set", set);
	return sql_ask(s, q);
}

struct identity_extras sql_take_extras(struct query *q, int column, struct obstack *pool)
{
	return (struct identity_extras){
		.loose_route = sql_column(q, column), .alias_group = sql_take(q, column + 1, pool),
		.has_priority = !sql_column_null(q, column + 2), .priority = sql_column(q, column + 2),
		.max_registrations = sql_column(q, column + 3),
		.trace_info = sql_take(q, column + 4, pool) };
}

int store_set_needs_loose_route(struct store *s, int64_t set)
{
	struct query *q = sql(s, SQL_SET_LOOSE_ROUTE);

	sql_int(q, ":set", set);
	return sql_ask(s, q);
}

int store_set_has_unregistered_services(struct store *s, int64_t set)
{
	struct query *q = sql(s, SQL_SET_HAS_UNREGISTERED_SERVICES);

	sql_int(q, ":set", set);
	return sql_ask(s, q);
}

int store_roams(struct store *s, int64_t subscription, const char *visited_network)
{
	struct query *q = sql(s, SQL_ROAMS);

	sql_int(q, ":subscription", subscription);
	sql_text(q, ":name", visited_network);
	return sql_ask(s, q);
}

static int numbers(struct store *s, int64_t subscription, struct cx_capabilities *out)
{
	struct query *q = sql(s, SQL_CAPABILITIES);
	int more;

	sql_int(q, ":subscription", subscription);
	while ((more = sql_step(s, q)) > 0) {
		uint32_t value = (uint32_t)sql_column(q, 0);
		bool mandatory = sql_column(q, 1);

		if (mandatory && out->mandatory_count < CX_LIST_MAX)
			out->mandatory[out->mandatory_count++] = value;
		else if (!mandatory && out->optional_count < CX_LIST_MAX)
			out->optional[out->optional_count++] = value;
	}
	return more;
}

static int names(struct store *s, struct query *q, int64_t subscription, struct obstack *pool, struct cx_strings *out)
{
	int more;

	sql_int(q, ":subscription", subscription);
	while ((more = sql_step(s, q)) > 0)
		if (out->count < CX_LIST_MAX)
			out->item[out->count++] = sql_take(q, 0, pool);
	return more;
}

int store_capabilities(struct store *s, struct obstack *pool, int64_t subscription, struct cx_capabilities *out)
{
	int err;

	*out = (struct cx_capabilities){ .mandatory_count = 0 };
	err = numbers(s, subscription, out);
	return err ? err : names(s, sql(s, SQL_PREFERRED_SCSCFS), subscription, pool, &out->server_names);
}

int store_private_of_impu(struct store *s, struct obstack *pool, int64_t impu, const char **impi)
{
	struct query *q = sql(s, SQL_PRIVATE_OF_IMPU);
	int err;

	sql_int(q, ":public", impu);
	err = sql_row(s, q);
	if (err)
		return err;
	*impi = sql_take(q, 0, pool);
	sql_done(q);
	return 0;
}

int store_privates_of(struct store *s, struct obstack *pool, int64_t subscription, struct cx_strings *out)
{
	out->count = 0;
	return names(s, sql(s, SQL_PRIVATES_OF), subscription, pool, out);
}

int store_reference_location(struct store *s, struct obstack *pool, int64_t subscription, struct reference_location *out)
{
	struct query *q = sql(s, SQL_REFERENCE);
	int err;

	sql_int(q, ":subscription", subscription);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = (struct reference_location){ sql_take(q, 0, pool), sql_take(q, 1, pool), sql_take(q, 2, pool) };
	sql_done(q);
	return 0;
}
