// SPDX-License-Identifier: Apache-2.0
/* Service profiles as rows. [TS 29.228 annex B.2] */
#include "hss/store/store_sql.h"
#include <stdio.h>
#include <stdlib.h>

/* "\nsip:a\nsip:b\n", or "" */
static int find_masked(struct store *s, struct obstack *pool, int64_t impu, const char **out)
{
	struct query *q = sql(s, SQL_MASKED);
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int more = f ? 1 : -ENOMEM;

	sql_int(q, ":public", impu);
	while (more > 0 && (more = sql_step(s, q)) > 0)
		fprintf(f, "%s%s\n", ftell(f) ? "" : "\n", sql_column_text(q, 0));
	if (f)
		fclose(f);
	*out = obstack_copy0(pool, text ? text : "", (int)len);
	free(text);
	return more;
}

int store_each_identity(struct store *s, struct obstack *pool, int64_t set,
			void (*each)(void *context, const struct profile_identity *i), void *context)
{
	struct query *q = sql(s, SQL_IDENTITIES_OF_SET);
	int more, err = 0;

	sql_int(q, ":set", set);
	while ((more = sql_step(s, q)) > 0) {
		struct profile_identity i = {
			.uri = sql_take(q, 0, pool), .wildcard = sql_take(q, 1, pool), .display_name = sql_take(q, 2, pool),
			.kind = (enum identity_kind)sql_column(q, 3), .barred = sql_column(q, 4),
			.profile = sql_column(q, 5), .masked = "", .extras = sql_take_extras(q, 8, pool) };

		err = err || !sql_column(q, 7) ? err : find_masked(s, pool, sql_column(q, 6), &i.masked);
		each(context, &i);
	}
	return more ? more : err;
}

int store_each_criterion(struct store *s, struct obstack *pool, int64_t profile,
			 void (*each)(void *context, const struct criterion_row *c), void *context)
{
	struct query *q = sql(s, SQL_CRITERIA);
	int more;

	sql_int(q, ":profile", profile);
	while ((more = sql_step(s, q)) > 0)
		each(context, &(struct criterion_row){
			.id = sql_column(q, 0), .priority = (int)sql_column(q, 1),
			.part = sql_column_null(q, 2) ? -1 : (int)sql_column(q, 2),
			.has_trigger = sql_column(q, 3), .cnf = sql_column(q, 4),
			.terminate_on_failure = sql_column(q, 5), .include_request = sql_column(q, 6),
			.include_response = sql_column(q, 7), .server_name = sql_take(q, 8, pool),
			.service_info = sql_take(q, 9, pool) });
	return more;
}

int store_each_trigger(struct store *s, struct obstack *pool, int64_t criterion,
		       void (*each)(void *context, const struct trigger_row *t), void *context)
{
	struct query *q = sql(s, SQL_TRIGGERS);
	int more;

	sql_int(q, ":criterion", criterion);
	while ((more = sql_step(s, q)) > 0)
		each(context, &(struct trigger_row){
			.kind = sql_take(q, 0, pool), .text = sql_take(q, 1, pool), .content = sql_take(q, 2, pool),
			.negated = sql_column(q, 3), .group_mask = (uint32_t)sql_column(q, 4),
			.registration_types = (uint32_t)sql_column(q, 5), .session_case = (int)sql_column(q, 6) });
	return more;
}

int store_each_shared_set(struct store *s, int64_t profile, void (*each)(void *context, uint32_t number), void *context)
{
	struct query *q = sql(s, SQL_SHARED_SETS);
	int more;

	sql_int(q, ":profile", profile);
	while ((more = sql_step(s, q)) > 0)
		each(context, (uint32_t)sql_column(q, 0));
	return more;
}

int store_media_profile(struct store *s, int64_t profile)
{
	struct query *q = sql(s, SQL_MEDIA_PROFILE);
	int64_t number = 0;
	int err;

	sql_int(q, ":profile", profile);
	err = sql_number(s, q, &number);
	return err ? err : (int)number;
}

/* ---- provisioning ---- */

int store_profile_find(struct store *s, const char *name, int64_t *id)
{
	struct query *q = sql(s, SQL_PROFILE_BY_NAME);

	sql_text(q, ":name", name);
	return sql_number(s, q, id);
}

int store_profile_revision(struct store *s, int64_t profile, int64_t *out)
{
	struct query *q = sql(s, SQL_PROFILE_REVISION);

	sql_int(q, ":profile", profile);
	return sql_number(s, q, out);
}

int store_profile_put(struct store *s, const char *name, int media_profile, int64_t *id)
{
	struct query *q = sql(s, SQL_PROFILE_ADD);
	int err;

	sql_text(q, ":name", name);
	sql_null_or_int(q, ":media", media_profile < 0, media_profile);
	sql_int(q, ":revision", store_new_revision());
	err = sql_number(s, q, id);
	if (err)
		return err;
	q = sql(s, SQL_CRITERIA_CLEAR);
	sql_int(q, ":profile", *id);
	err = sql_run(s, q);
	if (err)
		return err;
	q = sql(s, SQL_SHARED_SETS_CLEAR);
	sql_int(q, ":profile", *id);
	return sql_run(s, q);
}

int store_criterion_put(struct store *s, int64_t profile, const struct criterion_row *c, int64_t *id)
{
	struct query *q = sql(s, SQL_CRITERION_ADD);

	sql_int(q, ":profile", profile);
	sql_int(q, ":priority", c->priority);
	sql_null_or_int(q, ":part", c->part < 0, c->part);
	sql_int(q, ":has_trigger", c->has_trigger);
	sql_int(q, ":cnf", c->cnf);
	sql_text(q, ":server_name", c->server_name);
	sql_int(q, ":terminate", c->terminate_on_failure);
	sql_text(q, ":service_info", c->service_info);
	sql_int(q, ":request", c->include_request);
	sql_int(q, ":response", c->include_response);
	return sql_number(s, q, id);
}

int store_trigger_put(struct store *s, int64_t criterion, int position, const struct trigger_row *t)
{
	struct query *q = sql(s, SQL_TRIGGER_ADD);

	sql_int(q, ":criterion", criterion);
	sql_int(q, ":position", position);
	sql_text(q, ":kind", t->kind);
	sql_int(q, ":negated", t->negated);
	sql_int(q, ":groups", t->group_mask);
	sql_int(q, ":types", t->registration_types);
	sql_null_or_int(q, ":case", t->session_case < 0, t->session_case);
	sql_text(q, ":text", t->text);
	sql_text(q, ":content", t->content);
	return sql_run_later(s, q);
}

int store_shared_set_put(struct store *s, int64_t profile, uint32_t number)
{
	struct query *q = sql(s, SQL_SHARED_SET_ADD);

	sql_int(q, ":profile", profile);
	sql_int(q, ":number", number);
	return sql_run_later(s, q);
}

int store_profile_remove(struct store *s, const char *name)
{
	struct query *q = sql(s, SQL_PROFILE_REMOVE);
	int err;

	sql_text(q, ":name", name);
	err = sql_run(s, q);
	if (err == -EEXIST) /* the foreign key of an identity */
		return -EBUSY;
	return !err && !sql_changes(s) ? -ENOENT : err;
}
