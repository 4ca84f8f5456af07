// SPDX-License-Identifier: Apache-2.0
/* Whom a change concerns: the registration sets that an S-CSCF serves, before and after. [TS 29.228 6.1.3, 6.2.2, 6.5.2] */
#include "hss/push.h"
#include "hss/termination.h"
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

int push_look_at_set(struct store *s, struct obstack *pool, int64_t set, struct push_served *out)
{
	struct impu u;
	int err = store_impu_of_set(s, pool, set, &u);

	*out = (struct push_served){ .set = set };
	if (err)
		return err;
	out->host = serving_host(&u);
	out->server = u.former_host ? NULL : u.scscf_name;
	err = find_privates(s, pool, &u, out);
	out->in_use = u.unregistered || out->impis.count;
	if (!err)
		err = store_each_identity(s, pool, set, add_impu, &out->impus);
	if (!err)
		err = store_charging(s, pool, u.subscription, &out->charging);
	return err ? err : user_data(s, pool, &(struct user_data_wish){ .private_identity = out->impi, .set = set, .subscription = u.subscription,
									.features = u.scscf_features }, &out->user_data);
}

int push_look(struct store *s, struct obstack *pool, int64_t subscription, struct push_before *b)
{
	int64_t sets[PUSH_SETS_MAX];
	int err = 0, n = store_sets_in_use(s, subscription, sets, PUSH_SETS_MAX);

	b->count = 0;
	if (n > 0)
		err = store_capabilities(s, pool, subscription, &b->capabilities);
	if (!err && n > 0)
		err = store_reference_location(s, pool, subscription, &b->reference);
	for (int i = 0; !err && i < n; i++) {
		err = push_look_at_set(s, pool, sets[i], &b->sets[b->count]);
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

static int take_off(struct store *s, const struct push_served *was, const char *impi, const struct cx_strings *associated)
{
	return push_rtr(s, &(struct push_rtr){ .host = was->host, .server = was->server, .impi = impi, .impus = &was->impus, .associated = associated,
					       .reason = CX_PERMANENT_TERMINATION, .info = "changed by the operator" });
}

/* A private identity may have lost the set while another keeps it. */
static int compare_privates(struct store *s, const struct push_served *was, const struct push_served *is)
{
	int err = 0;

	for (size_t i = 0; !err && i < was->impis.count; i++)
		if (!is_in(&is->impis, was->impis.item[i]))
			err = take_off(s, was, was->impis.item[i], NULL);
	return err;
}

static int compare_set(struct store *s, const struct push_served *was, const struct push_served *is)
{
	int err;

	if (!is)
		return take_off(s, was, was->impi, was->impis.count > 1 ? &was->impis : NULL);
	err = compare_privates(s, was, is);
	return err || same(was, is) ? err : push_ppr(s, is->host, is->set, NULL);
}

/* What an S-CSCF must be able to do; in what order they came does not matter, for the store orders them. */
static bool same_demands(const struct cx_capabilities *a, const struct cx_capabilities *b)
{
	return a->mandatory_count == b->mandatory_count && !memcmp(a->mandatory, b->mandatory, a->mandatory_count * sizeof *a->mandatory);
}

static bool same_location(const struct reference_location *a, const struct reference_location *b)
{
	return same_text(a->type, b->type) && same_text(a->info, b->info) && same_text(a->value, b->value);
}

/* Another S-CSCF may be needed, or all is to be looked at anew: the user registers again [TS 29.228 6.1.3.1]. */
static int send_away(struct store *s, struct obstack *pool, const struct push_before *was, const struct push_before *now)
{
	bool moved = !same_location(&was->reference, &now->reference);
	const struct termination t = { .reason = CX_SERVER_CHANGE, .reference_location = moved,
				       .info = moved ? "the reference location has changed" : "another S-CSCF may be needed" };
	int err = 0;

	if (!moved && same_demands(&was->capabilities, &now->capabilities))
		return 0;
	for (size_t i = 0; !err && i < now->count; i++)
		err = terminate_set(s, pool, now->sets[i].set, &t);
	return err;
}

int push_compare(struct store *s, struct obstack *pool, int64_t subscription, const struct push_before *b)
{
	struct push_before *now = obstack_alloc(pool, sizeof *now);
	int err = push_look(s, pool, subscription, now);

	for (size_t i = 0; !err && i < b->count; i++)
		err = compare_set(s, &b->sets[i], find(now, b->sets[i].set));
	if (!err && b->count && now->count)
		err = send_away(s, pool, b, now);
	if (!err && b->count && !now->count) /* nobody needs the S-CSCF any more */
		err = store_release_server(s, subscription);
	return err;
}
