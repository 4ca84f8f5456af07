// SPDX-License-Identifier: Apache-2.0
/* Implicit registration sets: table, local state, timers. [TS 24.229 5.4.1] */
#include "scscf/user.h"
#include "common/log.h"
#include "scscf/deregistration.h"
#include "scscf/pack.h"
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

enum { KEEP_VERSION = 1 };

struct user_entry {
	const char *impu;            /* borrowed from the profile */
	struct user *user;
	UT_hash_handle hh;
};

struct users {
	struct scscf *scscf;
	struct user_entry *by_impu;
	struct user *all, *wild;     /* wild: those with wildcarded identities */
};

struct users *users_new(struct scscf *s)
{
	struct users *t = calloc(1, sizeof *t);

	if (t)
		t->scscf = s;
	return t;
}

struct scscf *users_scscf(const struct users *t)
{
	return t->scscf;
}

/* ---- the table ---- */

struct user *user_find(const struct users *t, const char *impu)
{
	struct user_entry *e;

	HASH_FIND_STR(t->by_impu, impu, e);
	return e ? e->user : NULL;
}

struct user *user_serving(const struct users *t, const char *impu)
{
	struct user *u = user_find(t, impu);

	if (u)
		return u;
	DL_FOREACH2(t->wild, u, next_wild)
		if (user_identity(u, impu))
			return u;
	return NULL;
}

struct user *users_first(const struct users *t)
{
	return t->all;
}

static bool has_wildcards(const struct subscription *p)
{
	for (size_t i = 0; i < p->identity_count; i++)
		if (p->identities[i].wildcard)
			return true;
	return false;
}

static void drop_entries(struct user *u)
{
	if (u->has_wildcards)
		DL_DELETE2(u->owner->wild, u, prev_wild, next_wild);
	u->has_wildcards = false;
	for (size_t i = 0; i < u->entry_count; i++)
		if (u->entries[i].user)
			HASH_DELETE(hh, u->owner->by_impu, &u->entries[i]);
	free(u->entries);
	u->entries = NULL;
	u->entry_count = 0;
}

/* An identity that another set still claims moves here: the HSS knows best. */
static void add_entries(struct user *u, struct user_entry *entries)
{
	struct users *t = u->owner;

	u->entries = entries;
	u->entry_count = u->profile->identity_count;
	u->has_wildcards = has_wildcards(u->profile);
	if (u->has_wildcards)
		DL_APPEND2(t->wild, u, prev_wild, next_wild);
	for (size_t i = 0; i < u->entry_count; i++) {
		struct user_entry *other;

		u->entries[i].impu = u->profile->identities[i].uri;
		HASH_FIND_STR(t->by_impu, u->entries[i].impu, other);
		if (other) {
			HASH_DELETE(hh, t->by_impu, other);
			other->user = NULL;
		}
		u->entries[i].user = u;
		HASH_ADD_KEYPTR(hh, t->by_impu, u->entries[i].impu, strlen(u->entries[i].impu), &u->entries[i]);
	}
}

static struct user *user_of_profile(const struct users *t, const struct subscription *p)
{
	for (size_t i = 0; i < p->identity_count; i++) {
		struct user *u = user_find(t, p->identities[i].uri);

		if (u)
			return u;
	}
	return NULL;
}

static struct user *user_new(struct users *t, const char *key)
{
	struct user *u = calloc(1, sizeof *u);

	if (u)
		u->key = strdup(key);
	if (!u || !u->key) {
		free(u);
		return NULL;
	}
	u->owner = t;
	DL_APPEND(t->all, u);
	return u;
}

static uint8_t *copy_of(struct bytes b)
{
	uint8_t *copy = malloc(b.len + 1);

	if (copy)
		memcpy(copy, b.data, b.len);
	return copy;
}

static int set_profile(struct users *t, struct subscription *profile, struct bytes xml, struct user **out)
{
	struct user_entry *entries = calloc(profile->identity_count, sizeof *entries);
	uint8_t *copy = copy_of(xml);
	struct user *u = user_of_profile(t, profile);

	if (entries && copy && !u)
		u = user_new(t, profile->identities[0].uri);
	if (!entries || !copy || !u) {
		free(entries);
		free(copy);
		return -ENOMEM;
	}
	drop_entries(u);
	subscription_free(u->profile);
	free(u->xml);
	u->profile = profile;
	u->xml = copy;
	u->xml_len = xml.len;
	add_entries(u, entries);
	*out = u;
	return 0;
}

/* The set whose profile this is, to the letter: at most registrations nothing has changed. NULL: read it. */
static struct user *same_profile(const struct users *t, struct bytes xml)
{
	static const char open[] = "<Identity>";
	const char *end = (const char *)xml.data + xml.len, *p = memmem(xml.data, xml.len, open, strlen(open));
	const char *close = p ? memchr(p + 1, '<', (size_t)(end - p - 1)) : NULL;
	char impu[256];
	struct user *u;

	if (!close || (size_t)(close - p) - strlen(open) >= sizeof impu)
		return NULL;
	p += strlen(open);
	memcpy(impu, p, (size_t)(close - p));
	impu[close - p] = 0;
	u = user_find(t, impu);
	return u && u->xml_len == xml.len && !memcmp(u->xml, xml.data, xml.len) ? u : NULL;
}

static int read_profile(struct users *t, struct bytes xml, struct user **out, const char **why)
{
	struct subscription *profile;
	int err = subscription_parse(xml, &profile, why);

	if (err)
		return err;
	*why = "out of memory";
	err = set_profile(t, profile, xml, out);
	if (err)
		subscription_free(profile);
	return err;
}

int user_put(struct users *t, struct bytes xml, const char *hss, struct user **out, const char **why)
{
	struct user *same = same_profile(t, xml);
	char *host;
	int err;

	if (same)
		*out = same;
	err = same ? 0 : read_profile(t, xml, out, why);
	if (err || !hss || ((*out)->hss && !strcmp((*out)->hss, hss)))
		return err;
	host = hss ? strdup(hss) : NULL;
	if (host) {
		free((*out)->hss);
		(*out)->hss = host;
	}
	return 0;
}

static void free_user(struct user *u)
{
	struct users *t = u->owner;

	if (u->timer)
		sip_timer_cancel(u->timer);
	drop_entries(u);
	DL_DELETE(t->all, u);
	bindings_clear(&u->bindings);
	subscription_free(u->profile);
	free(u->xml);
	free(u->hss);
	free(u->key);
	free(u);
}

/* ---- local state ---- */

static void pack_binding(struct pack *p, const struct binding *b)
{
	pack_text(p, b->uri);
	pack_text(p, b->key);
	pack_text(p, b->contact);
	pack_text(p, b->instance);
	pack_text(p, b->path);
	pack_text(p, b->private_identity);
	pack_text(p, b->call_id);
	pack_number(p, b->reg_id);
	pack_number(p, b->q);
	pack_number(p, b->cseq);
	pack_number(p, b->expires_ms);
	pack_number(p, b->registered_ms);
}

static struct binding *unpack_binding(struct unpack *u)
{
	struct binding *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->uri = unpack_text(u);
	b->key = unpack_text(u);
	b->contact = unpack_text(u);
	b->instance = unpack_text(u);
	b->path = unpack_text(u);
	b->private_identity = unpack_text(u);
	b->call_id = unpack_text(u);
	b->reg_id = (uint32_t)unpack_number(u);
	b->q = (unsigned)unpack_number(u);
	b->cseq = (uint32_t)unpack_number(u);
	b->expires_ms = unpack_number(u);
	b->registered_ms = unpack_number(u);
	if (u->failed || !b->uri || !b->key || !b->contact || !b->private_identity) {
		binding_free(b);
		return NULL;
	}
	return b;
}

static void save(const struct user *u)
{
	struct pack p = { .data = NULL };
	int err = -ENOMEM;

	pack_number(&p, KEEP_VERSION);
	pack_bytes(&p, u->xml, u->xml_len);
	pack_text(&p, u->hss);
	pack_number(&p, u->bindings.count);
	for (const struct binding *b = u->bindings.first; b; b = b->next)
		pack_binding(&p, b);
	if (!p.failed)
		err = keep_put(u->owner->scscf->keep, "user", u->key, pack_value(&p));
	if (err)
		log_event(LOG_ERROR, "scscf.user", "impu=%s not kept: %s", u->key, strerror(-err));
	free(p.data);
}

static void load_bindings(struct user *u, struct unpack *in)
{
	for (uint64_t n = unpack_number(in); n && !in->failed; n--) {
		struct binding *b = unpack_binding(in);

		if (!b)
			return;
		binding_add(&u->bindings, b);
	}
}

/* A profile that came later may begin with another identity: the name in local state stays. */
static void keep_its_name(struct user *u, const char *key)
{
	char *name = strcmp(u->key, key) ? strdup(key) : NULL;

	if (!name)
		return;
	free(u->key);
	u->key = name;
}

static void load_one(void *context, const char *key, struct bytes value)
{
	struct users *t = context;
	struct unpack in = { .left = value };
	const char *why = "another version";
	struct user *u = NULL;
	struct bytes xml;
	char *hss;

	if (unpack_number(&in) != KEEP_VERSION)
		return;
	xml = unpack_bytes(&in);
	hss = unpack_text(&in);
	if (in.failed || !xml.data || user_put(t, xml, hss, &u, &why))
		log_event(LOG_WARN, "scscf.user", "impu=%s kept state not read: %s", key, why);
	else
		load_bindings(u, &in);
	free(hss);
	if (!u)
		return;
	keep_its_name(u, key);
	u->counted = u->bindings.count;
	metric_add(t->scscf->bindings_gauge, (int64_t)u->counted);
}

int users_load(struct users *t)
{
	return keep_each(t->scscf->keep, "user", load_one, t);
}

/* ---- time ---- */

static void set_timer(struct user *u);

/* TS 24.229 5.4.1.4: what ran out is gone for us at once; the HSS hears of it */
static void on_timer(void *arg)
{
	struct user *u = arg;

	u->timer = NULL;
	deregistration_of_expired(u);
}

static void set_timer(struct user *u)
{
	uint64_t now = clock_wall_ns() / 1000000, next = 0;

	if (u->timer)
		sip_timer_cancel(u->timer);
	u->timer = NULL;
	for (const struct binding *b = u->bindings.first; b; b = b->next)
		if (!next || b->expires_ms < next)
			next = b->expires_ms;
	if (next)
		u->timer = sip_timer_set(u->owner->scscf->agent, next > now ? next - now + 1 : 1, on_timer, u);
}

void users_start_timers(struct users *t)
{
	struct user *u, *after;

	DL_FOREACH_SAFE(t->all, u, after)
		if (u->bindings.count)
			set_timer(u);
		else
			user_remove(u);
}

void user_changed(struct user *u)
{
	save(u);
	set_timer(u);
	metric_add(u->owner->scscf->bindings_gauge, (int64_t)u->bindings.count - (int64_t)u->counted);
	u->counted = u->bindings.count;
}

void user_remove(struct user *u)
{
	struct users *t = u->owner;

	keep_remove(t->scscf->keep, "user", u->key);
	metric_add(t->scscf->bindings_gauge, -(int64_t)u->counted);
	free_user(u);
}

void users_free(struct users *t)
{
	struct user *u, *after;

	if (!t)
		return;
	DL_FOREACH_SAFE(t->all, u, after) {
		u->timer = NULL; /* the agent took its timers along */
		free_user(u);
	}
	free(t);
}

/* ---- identities ---- */

const struct public_identity *user_identity(const struct user *u, const char *impu)
{
	return subscription_find(u->profile, impu);
}

const char *user_identity_of_scheme(const struct user *u, const char *impu, const char *scheme)
{
	size_t n = strlen(scheme);

	if (impu && !strncmp(impu, scheme, n))
		return impu;
	for (size_t i = 0; i < u->profile->identity_count; i++) {
		const struct public_identity *p = &u->profile->identities[i];

		if (!p->barred && !p->wildcarded && !strncmp(p->uri, scheme, n))
			return p->uri;
	}
	return NULL;
}
