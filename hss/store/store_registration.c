// SPDX-License-Identifier: Apache-2.0
/* Registration state, the assigned S-CSCF, restoration information. [TS 29.228 6.1.2, TS 23.380 4]
 * What is already so is not written: a registration that brings nothing new costs no transaction. */
#include "hss/store/store_sql.h"
#include <string.h>

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* ---- reading ---- */

int store_registered(struct store *s, int64_t set)
{
	struct query *q = sql(s, SQL_REGISTERED);

	sql_int(q, ":set", set);
	return sql_ask(s, q);
}

int store_registration(struct store *s, struct obstack *pool, int64_t set, int64_t private_identity, struct registration_row *out)
{
	struct query *q = sql(s, SQL_REGISTRATION);
	int err;

	sql_int(q, ":set", set);
	sql_int(q, ":private", private_identity);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = (struct registration_row){ sql_take(q, 0, pool), sql_take(q, 1, pool) };
	sql_done(q);
	return 0;
}

int store_registrations(struct store *s, struct obstack *pool, int64_t set, struct registration_row *out, size_t most)
{
	struct query *q = sql(s, SQL_REGISTRATIONS);
	size_t n = 0;
	int more;

	sql_int(q, ":set", set);
	while ((more = sql_step(s, q)) > 0)
		if (n < most)
			out[n++] = (struct registration_row){ sql_take(q, 0, pool), sql_take(q, 1, pool) };
	return more ? more : (int)n;
}

static int take_sets(struct store *s, struct query *q, int64_t *sets, size_t most) /* how many */
{
	size_t n = 0;
	int more;

	while ((more = sql_step(s, q)) > 0)
		if (n < most)
			sets[n++] = sql_column(q, 0);
	return more ? more : (int)n;
}

int store_registered_sets(struct store *s, int64_t private_identity, int64_t *sets, size_t most)
{
	struct query *q = sql(s, SQL_REGISTERED_SETS);

	sql_int(q, ":private", private_identity);
	return take_sets(s, q, sets, most);
}

int store_sets_in_use(struct store *s, int64_t subscription, int64_t *sets, size_t most)
{
	struct query *q = sql(s, SQL_SETS_IN_USE);

	sql_int(q, ":subscription", subscription);
	return take_sets(s, q, sets, most);
}

int store_subscription_in_use(struct store *s, int64_t subscription)
{
	struct query *q = sql(s, SQL_SUBSCRIPTION_IN_USE);

	sql_int(q, ":subscription", subscription);
	return sql_ask(s, q);
}

/* ---- writing ---- */

int store_release_server(struct store *s, int64_t subscription)
{
	struct query *q = sql(s, SQL_RELEASE_SERVER);

	sql_int(q, ":subscription", subscription);
	return sql_run(s, q);
}

int store_registrations_sweep(struct store *s, int64_t private_identity)
{
	struct query *q = sql(s, SQL_SWEEP_REGISTRATIONS);

	sql_int(q, ":private", private_identity);
	return sql_run(s, q);
}

static bool is_assigned_so(const struct impu *i, const struct assignment *a)
{
	return same(i->scscf_name, a->name) && same(i->scscf_host, a->host) && same(i->former_host, a->former_host) &&
	       i->scscf_features == a->features && !i->reassignment_pending;
}

int store_assign(struct store *s, const struct impu *i, const struct assignment *a)
{
	bool so = is_assigned_so(i, a);
	struct query *q;

	if (!s->writes)
		return store_plan_assign(s, i, so, a);
	if (so)
		return 0;
	q = sql(s, SQL_ASSIGN);
	sql_int(q, ":subscription", i->subscription);
	sql_text(q, ":name", a->name);
	sql_text(q, ":host", a->host);
	sql_text(q, ":former", a->former_host);
	sql_int(q, ":features", a->features);
	return sql_run(s, q);
}

int store_reassignment_pending(struct store *s, const struct impu *i)
{
	struct query *q;

	if (i->reassignment_pending)
		return 0;
	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_REASSIGNMENT_PENDING);
	sql_int(q, ":subscription", i->subscription);
	return sql_run(s, q);
}

int store_set_unregistered(struct store *s, const struct impu *i, bool unregistered)
{
	struct query *q;

	if (i->unregistered == unregistered)
		return 0;
	if (!s->writes)
		return unregistered ? -EROFS : store_plan_registered(s, i->set);
	q = sql(s, SQL_SET_UNREGISTERED);
	sql_int(q, ":set", i->set);
	sql_int(q, ":unregistered", unregistered);
	return sql_run(s, q);
}

/* 1: as wanted already; 0: not; or -errno. */
static int registered_so(struct store *s, int64_t set, int64_t private_identity, const char *restoration)
{
	struct query *q = sql(s, SQL_REGISTRATION);
	int more, found;

	sql_int(q, ":set", set);
	sql_int(q, ":private", private_identity);
	more = sql_step(s, q);
	if (more <= 0)
		return more;
	found = !restoration || same(sql_column_text(q, 1), restoration);
	sql_done(q);
	return found;
}

int store_register(struct store *s, int64_t set, int64_t private_identity, const char *restoration)
{
	int so = s->writes ? registered_so(s, set, private_identity, restoration) :
			     store_plan_register(s, set, private_identity, restoration);
	struct query *q;

	if (so || !s->writes)
		return so < 0 ? so : 0;
	q = sql(s, SQL_REGISTER);
	sql_int(q, ":set", set);
	sql_int(q, ":private", private_identity);
	sql_text(q, ":restoration", restoration);
	return sql_run(s, q);
}

int store_deregister(struct store *s, int64_t set, int64_t private_identity)
{
	int so = private_identity == EVERYBODY ? store_registered(s, set) : registered_so(s, set, private_identity, NULL);
	struct query *q;

	if (so <= 0)
		return so;
	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_DEREGISTER);
	sql_int(q, ":set", set);
	sql_int(q, ":private", private_identity);
	return sql_run(s, q);
}
