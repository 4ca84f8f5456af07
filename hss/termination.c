// SPDX-License-Identifier: Apache-2.0
/* Network initiated de-registration. [TS 29.228 6.1.3.1]
 *
 *   set ─▶ who registered it ─▶ not registered ─▶ RTR is written ─▶ S-CSCF released when nothing of the subscription needs it
 *
 *   another S-CSCF took over ─▶ RTR NEW_SERVER_ASSIGNED to the former one for the set that came, SERVER_CHANGE for the others
 */
#include "hss/termination.h"
#include "hss/notify.h"
#include <string.h>

static int end_all(struct store *s, const struct impu *u)
{
	int err = store_deregister(s, u->set, EVERYBODY);

	return err ? err : store_set_unregistered(s, u, false);
}

/* One of several, or the only one. */
static int end_one(struct store *s, struct obstack *pool, const struct impu *u, const char *impi)
{
	struct registration_row row;
	struct private_identity p;
	int err = store_private(s, pool, impi, &p);

	if (!err)
		err = store_registration(s, pool, u->set, p.id, &row);
	return err ? err : store_deregister(s, u->set, p.id);
}

static int release_if_idle(struct store *s, int64_t subscription)
{
	int in_use = store_subscription_in_use(s, subscription);

	return in_use ? (in_use < 0 ? in_use : 0) : store_release_server(s, subscription);
}

int terminate_set(struct store *s, struct obstack *pool, int64_t set, const struct termination *t)
{
	struct push_served was;
	struct impu u;
	int err = store_impu_of_set(s, pool, set, &u);

	if (!err)
		err = push_look_at_set(s, pool, set, &was);
	if (!err && !was.in_use)
		err = -ENOENT;
	if (!err)
		err = t->impi ? end_one(s, pool, &u, t->impi) : end_all(s, &u);
	if (!err)
		err = push_rtr(s, &(struct push_rtr){
			.host = was.host, .server = was.server, .impi = t->impi ? t->impi : was.impi, .impus = &was.impus,
			.reason = t->reason, .info = t->info, .reference_location = t->reference_location,
			.associated = !t->impi && was.impis.count > 1 ? &was.impis : NULL });
	if (!err)
		err = release_if_idle(s, u.subscription);
	return err ? err : notify_changed(s, pool, u.subscription, &(struct notify_change){ .by = NULL });
}

/* ---- what the S-CSCF kept ---- */

static int keep(struct store *s, struct obstack *pool, const struct cx_pair *pair, const char *server, const char *host)
{
	struct private_identity p;
	struct impu u;
	int linked, err = store_private(s, pool, pair->private_identity, &p);

	if (!err)
		err = store_impu(s, pool, pair->public_identity, &u);
	if (err)
		return err == -ENOENT ? 0 : err;
	linked = store_linked(s, p.id, u.id);
	if (linked <= 0 || (u.scscf_host && strcmp(u.scscf_host, host)))
		return linked < 0 ? linked : 0;
	if (!u.scscf_host)
		err = store_assign(s, &u, &(struct assignment){ .name = server, .host = host });
	if (!err)
		err = store_register(s, u.set, p.id, NULL);
	return err ? err : notify_changed(s, pool, u.subscription, &(struct notify_change){ .by = NULL });
}

int terminate_not(struct store *s, struct obstack *pool, const struct cx_pair *pairs, size_t n, const char *server, const char *host)
{
	int err = 0;

	for (size_t i = 0; !err && server && i < n; i++)
		err = keep(s, pool, &pairs[i], server, host);
	return err;
}

/* ---- another S-CSCF took over ---- */

static int tell_former(struct store *s, const struct push_served *was, enum cx_deregistration_reason reason)
{
	return push_rtr(s, &(struct push_rtr){ .host = was->host, .impi = was->impi, .impus = &was->impus, .reason = reason,
					       .info = reason == CX_NEW_SERVER_ASSIGNED ? "another S-CSCF serves" : "to be registered anew",
					       .associated = was->impis.count > 1 ? &was->impis : NULL });
}

static int end_other(struct store *s, struct obstack *pool, const struct push_served *was)
{
	struct impu u;
	int err = store_impu_of_set(s, pool, was->set, &u);

	if (!err)
		err = end_all(s, &u);
	return err ? err : tell_former(s, was, CX_SERVER_CHANGE);
}

/* In this order [TS 29.228 8.1.1]: what has come, then the rest. */
static int tell_of_all(struct store *s, struct obstack *pool, const struct push_before *was, const struct impu *u, const char *former)
{
	int err = 0;

	for (size_t i = 0; !err && i < was->count; i++) {
		struct push_served set = was->sets[i];

		set.host = former;
		if (set.set == u->set || u->reassignment_pending)
			err = tell_former(s, &set, CX_NEW_SERVER_ASSIGNED);
	}
	for (size_t i = 0; !err && i < was->count; i++) {
		struct push_served set = was->sets[i];

		set.host = former;
		if (set.set != u->set && !u->reassignment_pending)
			err = end_other(s, pool, &set);
	}
	return err;
}

int terminate_at_former(struct store *s, struct obstack *pool, const struct impu *u, const char *host)
{
	const char *former = serving_host(u);
	struct push_before *was;
	int err;

	if (!former || !strcmp(former, host))
		return 0;
	was = obstack_alloc(pool, sizeof *was);
	err = push_look(s, pool, u->subscription, was);
	if (!err)
		err = tell_of_all(s, pool, was, u, former);
	return err ? err : 1;
}
