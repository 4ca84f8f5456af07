// SPDX-License-Identifier: Apache-2.0
/* The rules by which a REGISTER changes contacts. [RFC 3261 10.3 steps 6-8, RFC 5626 6] */
#include "scscf/binding.h"
#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* With instance and reg-id a contact is a flow [RFC 5626 6]; with the instance alone it is a device, whose new address replaces
 * the old one [TS 24.229 5.4.1.2.1]; else the URI counts. */
static bool matches(const struct binding *b, const struct contact_wish *c, const char *private_identity)
{
	if (!same(b->private_identity, private_identity))
		return false;
	if (c->instance && c->reg_id)
		return b->reg_id == c->reg_id && same(b->instance, c->instance);
	if (same(b->key, c->key))
		return true;
	return c->instance && !b->reg_id && same(b->instance, c->instance);
}

static struct binding **find(struct bindings *have, const struct contact_wish *c, const char *private_identity)
{
	struct binding **at = &have->first;

	while (*at && !matches(*at, c, private_identity))
		at = &(*at)->next;
	return at;
}

/* [RFC 3261 10.3 step 7] parameter, header, default; too long is shortened. */
static uint64_t granted(const struct contact_wish *c, const struct register_wish *w, const struct binding_bounds *b)
{
	int64_t s = c->expires_s >= 0 ? c->expires_s : w->expires_s >= 0 ? w->expires_s : (int64_t)b->default_s;

	return (uint64_t)s > b->max_s ? b->max_s : (uint64_t)s;
}

/* The same Call-ID with a CSeq that is not higher is an old request that comes late. */
static bool is_late(const struct binding *b, const struct register_wish *w)
{
	return same(b->call_id, w->call_id) && w->cseq <= b->cseq;
}

static int check_star(const struct bindings *have, const struct register_wish *w)
{
	if (w->count || w->expires_s != 0)
		return 400;
	for (const struct binding *b = have->first; b; b = b->next)
		if (same(b->private_identity, w->private_identity) && is_late(b, w))
			return 500;
	return 0;
}

static bool repeated(const struct register_wish *w, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same(w->contacts[i].key, w->contacts[j].key))
			return true;
	return false;
}

int binding_check(const struct bindings *have, const struct register_wish *w, const struct binding_bounds *b)
{
	size_t all;

	if (w->star)
		return check_star(have, w);
	for (size_t i = 0; i < w->count; i++) {
		struct binding **at = find((struct bindings *)(uintptr_t)have, &w->contacts[i], w->private_identity);
		uint64_t s = granted(&w->contacts[i], w, b);

		if (repeated(w, i))
			return 400;
		if (s && s < b->min_s)
			return 423;
		if (*at && is_late(*at, w))
			return 500;
	}
	binding_count_after(have, w, b, &all);
	return all > b->contacts_max && all > have->count ? 403 : 0;
}

size_t binding_count_after(const struct bindings *have, const struct register_wish *w, const struct binding_bounds *b, size_t *all)
{
	size_t own = binding_count_of(have, w->private_identity), others = have->count - own;

	if (w->star)
		own = 0;
	for (size_t i = 0; i < w->count; i++) {
		bool there = *find((struct bindings *)(uintptr_t)have, &w->contacts[i], w->private_identity) != NULL;
		bool stays = granted(&w->contacts[i], w, b) > 0;

		own = own + (stays && !there) - (there && !stays);
	}
	*all = own + others;
	return own;
}

bool binding_only_removes(const struct register_wish *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->contacts[i].expires_s > 0 || (w->contacts[i].expires_s < 0 && w->expires_s != 0))
			return false;
	return w->star || w->count > 0;
}

bool binding_known(const struct bindings *have, const struct register_wish *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (!*find((struct bindings *)(uintptr_t)have, &w->contacts[i], w->private_identity))
			return false;
	return binding_count_of(have, w->private_identity) > 0;
}

static bool set_text(char **to, const char *from)
{
	char *copy = from ? strdup(from) : NULL;

	if (from && !copy)
		return false;
	free(*to);
	*to = copy;
	return true;
}

static bool fill(struct binding *n, const struct contact_wish *c, const struct register_wish *w)
{
	return set_text(&n->uri, c->uri) && set_text(&n->key, c->key) && set_text(&n->contact, c->contact) &&
	       set_text(&n->instance, c->instance) && set_text(&n->path, w->path) && set_text(&n->call_id, w->call_id) &&
	       set_text(&n->private_identity, w->private_identity);
}

static void unlink_at(struct bindings *have, struct binding **at)
{
	struct binding *gone = *at;

	*at = gone->next;
	have->count--;
	binding_free(gone);
}

static int put(struct bindings *have, struct binding **at, const struct contact_wish *c, const struct register_wish *w, uint64_t s)
{
	struct binding *n = *at ? *at : calloc(1, sizeof *n);

	if (!n)
		return -ENOMEM;
	if (!fill(n, c, w)) {
		if (!*at)
			binding_free(n);
		return -ENOMEM;
	}
	n->reg_id = c->reg_id;
	n->q = c->q;
	n->cseq = w->cseq;
	n->registered_ms = w->now_ms;
	n->expires_ms = w->now_ms + s * 1000;
	if (!*at) {
		*at = n;
		have->count++;
	}
	return 0;
}

int binding_apply(struct bindings *have, const struct register_wish *w, const struct binding_bounds *b)
{
	if (w->star)
		binding_remove_of(have, w->private_identity);
	for (size_t i = 0; i < w->count; i++) {
		struct binding **at = find(have, &w->contacts[i], w->private_identity);
		uint64_t s = granted(&w->contacts[i], w, b);

		if (s && put(have, at, &w->contacts[i], w, s))
			return -ENOMEM;
		if (!s && *at)
			unlink_at(have, at);
	}
	return 0;
}

size_t binding_count_of(const struct bindings *have, const char *private_identity)
{
	size_t n = 0;

	for (const struct binding *b = have->first; b; b = b->next)
		n += same(b->private_identity, private_identity);
	return n;
}

size_t binding_expire(struct bindings *have, uint64_t now_ms, uint64_t *next_ms)
{
	struct binding **at = &have->first;
	size_t gone = 0;

	*next_ms = 0;
	while (*at) {
		if ((*at)->expires_ms <= now_ms) {
			unlink_at(have, at);
			gone++;
			continue;
		}
		if (!*next_ms || (*at)->expires_ms < *next_ms)
			*next_ms = (*at)->expires_ms;
		at = &(*at)->next;
	}
	return gone;
}

size_t binding_remove_of(struct bindings *have, const char *private_identity)
{
	struct binding **at = &have->first;
	size_t gone = 0;

	while (*at) {
		if (private_identity && !same((*at)->private_identity, private_identity)) {
			at = &(*at)->next;
			continue;
		}
		unlink_at(have, at);
		gone++;
	}
	return gone;
}

void binding_add(struct bindings *have, struct binding *b)
{
	struct binding **at = &have->first;

	while (*at && !(same((*at)->key, b->key) && same((*at)->private_identity, b->private_identity)))
		at = &(*at)->next;
	if (*at)
		return binding_free(b);
	b->next = NULL;
	*at = b;
	have->count++;
}

void binding_free(struct binding *b)
{
	if (!b)
		return;
	free(b->uri);
	free(b->key);
	free(b->contact);
	free(b->instance);
	free(b->path);
	free(b->private_identity);
	free(b->call_id);
	free(b);
}

void bindings_clear(struct bindings *have)
{
	binding_remove_of(have, NULL);
}
