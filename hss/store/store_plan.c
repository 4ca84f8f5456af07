// SPDX-License-Identifier: Apache-2.0
/* Changes noted where they were found necessary, on a reading connection, and made where changes are made.
 *
 *   reader:  snapshot ─▶ store_assign(), store_register() ... note what they would write, and what they saw instead
 *   writer:  does it look as it was seen? ─┬─ yes ─▶ written
 *                                          └─ no ──▶ nothing is written; the steps run again, on the writer's connection
 *
 * So the one thread that writes does nothing else, and what an answer holds is read by the many. */
#include "hss/store/store_sql.h"
#include <string.h>

void store_plan_begin(struct store *s, struct obstack *pool, struct store_plan *p)
{
	*p = (struct store_plan){ .pool = pool };
	s->plan = p;
}

void store_plan_end(struct store *s)
{
	s->plan = NULL;
}

/* What provisioning has changed since cannot be told by the rows that are written. */
static int note_version(struct store *s, struct store_plan *p)
{
	return sql_number(s, sql(s, SQL_PROVISIONING_VERSION), &p->provisioning);
}

int store_plan_assign(struct store *s, const struct impu *seen, bool so, const struct assignment *a)
{
	struct store_plan *p = s->plan;
	int err;

	/* nobody assigned, or another one: it depends on all that the subscription has */
	if (!p || !a->name || a->former_host || seen->former_host || p->subscription)
		return so ? 0 : -EROFS;
	err = note_version(s, p);
	if (err)
		return err;
	p->assigns = p->changes = !so;
	p->subscription = seen->subscription;
	p->seen_name = seen->scscf_name ? seen->scscf_name : "";
	p->seen_pending = seen->reassignment_pending;
	p->scscf_name = a->name;
	p->scscf_host = a->host;
	p->features = a->features;
	return 0;
}

int store_plan_register(struct store *s, int64_t set, int64_t private_identity, const char *restoration)
{
	struct store_plan *p = s->plan;
	struct registration_row row;
	int err;

	if (!p || !p->subscription || p->set)
		return -EROFS;
	err = store_registration(s, p->pool, set, private_identity, &row);
	if (err && err != -ENOENT)
		return err;
	p->seen_restoration = err ? NULL : row.restoration ? row.restoration : "";
	if (!err && (!restoration || !strcmp(restoration, p->seen_restoration)))
		return 0; /* as wanted already */
	p->changes = true;
	p->set = set;
	p->private_identity = private_identity;
	p->restoration = restoration;
	return 0;
}

int store_plan_registered(struct store *s, int64_t set)
{
	struct store_plan *p = s->plan;

	if (!p || !p->subscription)
		return -EROFS;
	p->changes = true;
	p->no_more_unregistered = set;
	return 0;
}

/* ---- on the writer's connection ---- */

/* 1: written; 0: it is not as it was seen. */
static int write_one(struct store *s, struct query *q)
{
	int err = sql_run(s, q);

	return err ? err : sql_changes(s) == 1;
}

static int assign(struct store *s, const struct store_plan *p)
{
	struct query *q = sql(s, p->assigns ? SQL_ASSIGN_AS_SEEN : SQL_ASSIGNED_AS_SEEN);

	sql_int(q, ":subscription", p->subscription);
	sql_text(q, ":seen", p->seen_name);
	sql_int(q, ":pending", p->seen_pending);
	sql_int(q, ":version", p->provisioning);
	if (!p->assigns)
		return sql_ask(s, q);
	sql_text(q, ":name", p->scscf_name);
	sql_text(q, ":host", p->scscf_host);
	sql_int(q, ":features", p->features);
	return write_one(s, q);
}

static int enter(struct store *s, const struct store_plan *p)
{
	struct query *q = sql(s, p->seen_restoration ? SQL_REGISTER_AS_SEEN : SQL_REGISTER_NEW);

	sql_int(q, ":set", p->set);
	sql_int(q, ":private", p->private_identity);
	sql_text(q, ":restoration", p->restoration);
	if (p->seen_restoration)
		sql_text(q, ":seen", p->seen_restoration);
	return write_one(s, q);
}

static int leave_unregistered(struct store *s, const struct store_plan *p)
{
	struct query *q = sql(s, SQL_SET_UNREGISTERED);

	sql_int(q, ":set", p->no_more_unregistered);
	sql_int(q, ":unregistered", false);
	return write_one(s, q);
}

int store_plan_apply(struct store *s, const struct store_plan *p)
{
	int go = assign(s, p);

	if (go > 0 && p->set)
		go = enter(s, p);
	if (go > 0 && p->no_more_unregistered)
		go = leave_unregistered(s, p);
	return go > 0 ? 0 : go ? go : -EAGAIN;
}

int store_provisioned(struct store *s)
{
	return sql_run(s, sql(s, SQL_PROVISIONED));
}
