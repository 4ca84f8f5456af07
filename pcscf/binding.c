// SPDX-License-Identifier: Apache-2.0
/* Registered users: found by the number in their Path, by flow and by identity; kept in local state. [TS 24.229 5.2.2] */
#include "pcscf/binding.h"
#include "common/log.h"
#include "common/text.h"
#include "pcscf/record.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <uthash.h>
#include <utlist.h>

static const char table[] = "binding";

struct entry {                       /* a binding in the table by id */
	struct binding b;
	UT_hash_handle hh;
};

struct bindings {
	struct keep *keep;
	struct entry *by_id;
	struct binding *all;
	struct index *index;
	size_t count;
};

static uint64_t now_ms(void)
{
	return clock_wall_ns() / 1000000;
}

struct bindings *bindings_new(struct keep *keep)
{
	struct bindings *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->keep = keep;
	t->index = index_new();
	if (t->index)
		return t;
	free(t);
	return NULL;
}

size_t bindings_count(const struct bindings *t)
{
	return t->count;
}

uint64_t binding_new_id(void)
{
	uint64_t id = 0;

	while (!id)
		if (getrandom(&id, sizeof id, 0) != sizeof id)
			id = clock_wall_ns();
	return id;
}

/* ---- local state ---- */

static const char *key_of(uint64_t id, char key[17])
{
	text_format(key, 17, "%016" PRIx64, id);
	return key;
}

static int keep_record(const struct bindings *t, uint64_t id, const char *record)
{
	struct bytes value = { (const uint8_t *)record, strlen(record) };
	char key[17];

	return t->keep ? keep_put(t->keep, table, key_of(id, key), value) : 0;
}

static void forget_record(const struct bindings *t, uint64_t id)
{
	char key[17];

	if (t->keep)
		keep_remove(t->keep, table, key_of(id, key));
}

/* ---- finding ---- */

static struct binding *living(const struct binding *b)
{
	return b && b->data.expires_ms > now_ms() ? (struct binding *)b : NULL;
}

struct binding *binding_by_id(const struct bindings *t, uint64_t id)
{
	struct entry *e;

	HASH_FIND(hh, t->by_id, &id, sizeof id, e);
	return e ? living(&e->b) : NULL;
}

static struct binding *first_living(const struct index_node *n)
{
	while (n && !living(n->thing))
		n = n->next;
	return n ? n->thing : NULL;
}

struct binding *binding_first(const struct bindings *t, const char *word)
{
	return first_living(index_first(t->index, word));
}

struct binding *binding_next(const struct bindings *t, const char *word, const struct binding *b)
{
	const struct index_node *n = index_first(t->index, word);

	for (unsigned i = 0; n && i < b->word_count; i++)
		if (b->words[i].word == n->word)
			return first_living(b->words[i].next);
	return NULL;
}

struct binding *binding_by_contact(const struct bindings *t, const char *impu, const char *contact)
{
	struct binding *b;

	for (b = binding_first(t, impu); b; b = binding_next(t, impu, b))
		if (!strcmp(b->data.public_identity, impu) && binding_has_contact(b, contact))
			return b;
	return NULL;
}

struct binding *bindings_first(const struct bindings *t)
{
	return t->all;
}

bool binding_has_identity(const struct binding *b, const char *identity)
{
	for (unsigned i = 0; i < b->data.identity_count; i++)
		if (!strcmp(b->data.identities[i], identity))
			return true;
	return false;
}

bool binding_has_contact(const struct binding *b, const char *contact)
{
	size_t n = strlen(contact);
	const char *s = b->data.contacts;

	for (; n && (s = strstr(s, contact)); s += n)
		if ((s == b->data.contacts || s[-1] == ' ') && (s[n] == ' ' || !s[n]))
			return true;
	return false;
}

/* ---- changing ---- */

static void drop_words(struct bindings *t, struct binding *b)
{
	for (unsigned i = 0; i < b->word_count; i++)
		index_remove(t->index, &b->words[i]);
	free(b->words);
	b->words = NULL;
	b->word_count = 0;
}

static int add_words(struct bindings *t, struct binding *b)
{
	const struct binding_data *d = &b->data;
	int err;

	b->words = calloc(d->identity_count + 2, sizeof *b->words);
	if (!b->words)
		return -ENOMEM;
	err = index_add(t->index, d->flow_name, b, &b->words[b->word_count++]);
	for (unsigned i = 0; !err && i < d->identity_count; i++)
		err = index_add(t->index, d->identities[i], b, &b->words[b->word_count++]);
	if (!err && !binding_has_identity(b, d->public_identity))
		err = index_add(t->index, d->public_identity, b, &b->words[b->word_count++]);
	return err;
}

void binding_remove(struct bindings *t, struct binding *b)
{
	struct entry *e = CONTAINER_OF(b, struct entry, b);

	forget_record(t, b->data.id);
	drop_words(t, b);
	HASH_DELETE(hh, t->by_id, e);
	DL_DELETE(t->all, b);
	t->count--;
	flow_free(b->flow);
	free(b->record);
	free(e);
}

static struct binding *add(struct bindings *t, uint64_t id)
{
	struct entry *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->b.data.id = id;
	HASH_ADD(hh, t->by_id, b.data.id, sizeof id, e);
	DL_APPEND(t->all, &e->b);
	t->count++;
	return &e->b;
}

/* Takes the record. On failure the binding is gone: half of one would be found by some words only. */
static int fill(struct bindings *t, struct binding *b, char *record)
{
	int err;

	drop_words(t, b);
	free(b->record);
	b->record = record;
	err = record_read(record, &b->data);
	if (!err)
		err = add_words(t, b);
	if (err)
		binding_remove(t, b);
	return err;
}

static struct entry *entry_of(const struct bindings *t, uint64_t id)
{
	struct entry *e;

	HASH_FIND(hh, t->by_id, &id, sizeof id, e);
	return e;
}

int binding_store(struct bindings *t, const struct binding_data *d, struct flow *flow, struct binding **out)
{
	struct entry *e = entry_of(t, d->id);
	struct binding *b = e ? &e->b : NULL;
	char *record = d->identity_count ? record_write(d) : NULL;
	uint64_t id = d->id; /* d may lie in the binding's own record */
	int err, lost;

	if (!record)
		return -EINVAL;
	lost = keep_record(t, id, record);
	if (!b)
		b = add(t, id);
	if (!b) {
		forget_record(t, id);
		free(record);
		return -ENOMEM;
	}
	err = fill(t, b, record);
	if (err)
		return err;
	if (flow != b->flow) {
		flow_free(b->flow);
		b->flow = flow ? flow_ref(flow) : NULL;
	}
	*out = b;
	return lost;
}

int binding_move(struct bindings *t, struct binding *b, struct flow *flow)
{
	struct binding_data d = b->data;

	d.flow_name = flow_name(flow);
	return binding_store(t, &d, flow, &b);
}

struct flow *binding_flow(struct sip_agent *a, struct binding *b)
{
	if (!b->flow)
		b->flow = flow_parse(a, b->data.flow_name);
	return b->flow;
}

size_t bindings_expire(struct bindings *t, uint64_t at_ms)
{
	struct binding *b, *next;
	size_t n = 0;

	DL_FOREACH_SAFE(t->all, b, next) {
		if (b->data.expires_ms > at_ms)
			continue;
		log_event(LOG_INFO, "pcscf.binding", "impu=%s flow=\"%s\" ran out", b->data.public_identity, b->data.flow_name);
		binding_remove(t, b);
		n++;
	}
	return n;
}

/* ---- start and end ---- */

static void load_one(void *context, const char *key, struct bytes value)
{
	struct bindings *t = context;
	char *record = strndup((const char *)value.data, value.len);
	struct binding_data d;
	char *copy = record ? strdup(record) : NULL;
	struct binding *b = copy && !record_read(copy, &d) && d.expires_ms > now_ms() ? add(t, d.id) : NULL;

	free(copy);
	if (!b || fill(t, b, record))
		log_event(LOG_DEBUG, "pcscf.binding", "id=%s not read back: run out, or of another version", key);
	if (!b)
		free(record);
}

int bindings_load(struct bindings *t)
{
	struct keep *keep = t->keep;
	int err;

	t->keep = NULL; /* nothing may be written while it is read */
	err = keep ? keep_each(keep, table, load_one, t) : 0;
	t->keep = keep;
	return err;
}

void bindings_free(struct bindings *t)
{
	if (!t)
		return;
	t->keep = NULL; /* what is kept stays for the next start */
	while (t->all)
		binding_remove(t, t->all);
	index_free(t->index);
	free(t);
}
