// SPDX-License-Identifier: Apache-2.0
/* Whom a change concerns: the registration sets that an S-CSCF serves, before and after. [TS 29.228 6.1.3, 6.2.2, 6.5.2] */
#include "hss/push.h"
#include "hss/user_data.h"
#include <string.h>

static void add_impu(void *context, const struct profile_identity *i)
{
	struct cx_strings *impus = context;

	if (impus->count < CX_LIST_MAX)
		impus->item[impus->count++] = i->uri;
}

/* Those that registered the set; or, it being served unregistered, one that may. */
static int find_privates(struct store *s, struct obstack *pool, const struct impu *u, struct push_served *out)
{
	struct registration_row rows[CX_LIST_MAX];
	int n = store_registrations(s, pool, u->set, rows, CX_LIST_MAX);

	for (int i = 0; i < n; i++)
		out->impis.item[out->impis.count++] = rows[i].impi;
	if (n > 0)
		out->impi = rows[0].impi;
	return n ? (n < 0 ? n : 0) : store_private_of_impu(s, pool, u->id, &out->impi);
}

static int look_at_set(struct store *s, struct obstack *pool, int64_t set, struct push_served *out)
{
	struct impu u;
	int err = store_impu_of_set(s, pool, set, &u);

	*out = (struct push_served){ .set = set };
	if (err)
		return err;
	out->host = u.scscf_host;
	err = find_privates(s, pool, &u, out);
	if (!err)
		err = store_each_identity(s, pool, set, add_impu, &out->impus);
	if (!err)
		err = store_charging(s, pool, u.subscription, &out->charging);
	return err ? err : user_data(s, pool, out->impi, set, &out->user_data);
}

int push_look(struct store *s, struct obstack *pool, int64_t subscription, struct push_before *b)
{
	int64_t sets[PUSH_SETS_MAX];
	int err = 0, n = store_sets_in_use(s, subscription, sets, PUSH_SETS_MAX);

	b->count = 0;
	for (int i = 0; !err && i < n; i++) {
		err = look_at_set(s, pool, sets[i], &b->sets[b->count]);
		if (!err)
			b->count++;
	}
	return n < 0 ? n : err;
}

/* ---- afterwards ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same(const struct push_served *a, const struct push_served *b)
{
	return a->user_data.len == b->user_data.len && !memcmp(a->user_data.data, b->user_data.data, a->user_data.len) &&
	       same_text(a->charging.ccf_primary, b->charging.ccf_primary) && same_text(a->charging.ccf_secondary, b->charging.ccf_secondary) &&
	       same_text(a->charging.ecf_primary, b->charging.ecf_primary) && same_text(a->charging.ecf_secondary, b->charging.ecf_secondary);
}

static const struct push_served *find(const struct push_before *b, int64_t set)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->sets[i].set == set)
			return &b->sets[i];
	return NULL;
}

static bool is_in(const struct cx_strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->item[i], text))
			return true;
	return false;
}

/* A private identity may have lost the set while another keeps it. */
static int compare_privates(const struct push_served *was, const struct push_served *is, struct push_list *l)
{
	int err = 0;

	for (size_t i = 0; !err && i < was->impis.count; i++)
		if (!is_in(&is->impis, was->impis.item[i]))
			err = push_rtr(l, was->host, was->impis.item[i], &was->impus, NULL);
	return err;
}

static int compare_set(const struct push_served *was, const struct push_served *is, struct push_list *l)
{
	int err;

	if (!is)
		return push_rtr(l, was->host, was->impi, &was->impus, was->impis.count > 1 ? &was->impis : NULL);
	err = compare_privates(was, is, l);
	return err || same(was, is) ? err : push_ppr(l, is->host, is->impi, is->user_data, &is->charging);
}

int push_compare(struct store *s, struct obstack *pool, int64_t subscription, const struct push_before *b, struct push_list *l)
{
	struct push_before *now = obstack_alloc(pool, sizeof *now);
	int err = push_look(s, pool, subscription, now);

	for (size_t i = 0; !err && i < b->count; i++)
		err = compare_set(&b->sets[i], find(now, b->sets[i].set), l);
	if (!err && b->count && !now->count) /* nobody needs the S-CSCF any more */
		err = store_release_server(s, subscription);
	return err;
}

/* ---- a profile that many have ---- */

struct told {
	struct store *store;
	struct obstack *pool;
	struct push_list *list;
	int err;
};

static void tell(void *context, int64_t set)
{
	struct told *t = context;
	struct push_served now;

	t->err = t->err ? t->err : look_at_set(t->store, t->pool, set, &now);
	if (!t->err)
		t->err = push_ppr(t->list, now.host, now.impi, now.user_data, &now.charging);
}

int push_profile(struct store *s, struct obstack *pool, int64_t profile, struct push_list *l)
{
	struct told t = { s, pool, l, 0 };
	int err = store_each_set_of_profile(s, profile, tell, &t);

	return err ? err : t.err;
}
