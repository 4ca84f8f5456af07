// SPDX-License-Identifier: Apache-2.0
/* All users leave an S-CSCF, as before it is taken out of service: each registration ends with an RTR.
 *
 *   server-change          the default: they are to register anew, and the I-CSCF chooses another S-CSCF
 *   permanent-termination  they are registered no longer
 *
 * Who is served unregistered is told by REMOVE_S-CSCF whatever was said [TS 29.228 6.1.3.1]. A slice of subscriptions goes into one
 * transaction, and what else waits for the writer has its turn between two. */
#include "hss/rest/take_off.h"
#include "hss/rest/subscriber_part.h"
#include "hss/termination.h"
#include <stdlib.h>
#include <string.h>

enum { SLICE = 100, SETS_MAX = 64 };

struct progress {
	int64_t after;               /* the last subscription that left */
	int64_t subscriptions, registrations;
};

struct leaving {
	char *scscf;
	enum cx_deregistration_reason reason;
	const char *info;
	struct progress now, slice;  /* slice: where the one begins that is being made */
	size_t found;                /* in it */
};

static void leaving_free(struct change *c)
{
	struct leaving *l = c->own;

	free(l->scscf);
	free(l);
	change_free(c);
}

/* ---- on the writer's thread ---- */

struct users {
	int64_t ids[SLICE];
	size_t count;
};

static void add_user(void *context, int64_t subscription, const char *name)
{
	struct users *u = context;

	(void)name;
	u->ids[u->count++] = subscription;
}

static int end_set(struct leaving *l, struct store *s, struct obstack *pool, int64_t set)
{
	int registered = store_registered(s, set);

	if (registered < 0)
		return registered;
	l->now.registrations++;
	return terminate_set(s, pool, set, &(struct termination){ .reason = registered ? l->reason : CX_REMOVE_SCSCF, .info = l->info });
}

/* One that has nothing in use is only waiting to authenticate. */
static int leave(struct leaving *l, struct store *s, struct obstack *pool, int64_t subscription)
{
	int64_t sets[SETS_MAX];
	int err = 0, n = store_sets_in_use(s, subscription, sets, SETS_MAX);

	for (int i = 0; !err && i < n; i++)
		err = end_set(l, s, pool, sets[i]);
	if (!err && !n)
		err = store_release_server(s, subscription);
	l->now.subscriptions++;
	l->now.after = subscription;
	return n < 0 ? n : err;
}

static int make_slice(struct change *c, struct store *s)
{
	struct leaving *l = c->own;
	struct users u = { .count = 0 };
	struct obstack pool;
	int err;

	l->now = l->slice; /* it may be made again */
	obstack_init(&pool);
	err = store_each_user_of_scscf(s, &pool, l->scscf, l->now.after, SLICE, add_user, &u);
	for (size_t i = 0; !err && i < u.count; i++)
		err = leave(l, s, &pool, u.ids[i]);
	l->found = u.count;
	obstack_free(&pool, NULL);
	return err;
}

/* ---- on the loop's thread ---- */

static void on_slice(struct change *c)
{
	struct leaving *l = c->own;

	l->slice = l->now;
	if (l->found == SLICE)
		return change_submit(c);
	http_reply_json(c->request, 200, json_pack("{s:s, s:I, s:I, s:b}", "name", l->scscf, "subscriptions", (json_int_t)l->now.subscriptions,
						   "registrations", (json_int_t)l->now.registrations, "dry_run", c->dry_run));
	leaving_free(c);
}

static void on_refused(struct change *c)
{
	problem_reply(c->request, &c->problem);
	leaving_free(c);
}

static int read_wish(struct change *c, struct leaving *l)
{
	static const char *const keys[] = { "reason", "info", NULL };
	const struct subscriber u = { .problem = &c->problem };
	const char *reason = "server-change";
	int err = members_known(&u, c->object, "", keys);

	l->info = "by the operator";
	if (!err && (member_text(&u, c->object, "", "reason", &reason) < 0 || member_text(&u, c->object, "", "info", &l->info) < 0))
		err = -EINVAL;
	if (!err && strcmp(reason, "server-change") && strcmp(reason, "permanent-termination"))
		err = problem_set(&c->problem, 422, "reason", "server-change or permanent-termination is expected");
	l->reason = strcmp(reason, "server-change") ? CX_PERMANENT_TERMINATION : CX_SERVER_CHANGE;
	return err;
}

static struct leaving *leaving_new(const char *scscf_name)
{
	struct leaving *l = calloc(1, sizeof *l);

	if (l)
		l->scscf = strdup(scscf_name);
	if (l && l->scscf)
		return l;
	free(l);
	return NULL;
}

void take_off(struct http_request *q, struct provisioning *d, const char *scscf_name)
{
	struct change *c = change_new(d, q, make_slice, on_slice);

	if (!c)
		return;
	if (!http_body(q).len)
		c->object = json_object();
	else if (!change_read_json(c))
		return;
	c->own = leaving_new(scscf_name);
	if (!c->own) {
		problem_set(&c->problem, 500, NULL, "out of memory");
		return change_refuse(c);
	}
	c->refuse = on_refused;
	if (read_wish(c, c->own))
		on_refused(c);
	else
		change_submit(c);
}
