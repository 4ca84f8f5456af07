// SPDX-License-Identifier: Apache-2.0
/* Challenges by nonce. Their HA1 and RES never lie on the disk in clear: the value is sealed. */
#include "scscf/vector.h"
#include "common/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

enum {
	KEEP_VERSION = 2,
	PER_IDENTITY_MAX = 8,        /* devices that share a private identity, and a few challenges nobody answered */
	SWEEP_MS = 1000,
};

struct vector {
	struct challenge challenge;  /* first: vector_of() */
	struct owner *owner;
	UT_hash_handle hh;
	struct vector *prev, *next;          /* of the same private identity, oldest first */
	struct vector *prev_due, *next_due;  /* in the order they run out */
	struct vector **queue;
};

struct owner {
	char *private_identity;
	struct vector *first;
	size_t count;
	UT_hash_handle hh;
};

struct vectors {
	struct scscf *scscf;
	struct vector *by_nonce;
	struct owner *by_identity;
	struct vector *waiting, *used; /* each with one lifetime, so each in the order of running out */
	struct sip_timer *timer;
};

struct stored {                      /* sealed into local state */
	uint32_t version;
	char private_identity[256];
	struct challenge challenge;
};

static struct vector *vector_of(struct challenge *c)
{
	return (struct vector *)(void *)c;
}

struct vectors *vectors_new(struct scscf *s)
{
	struct vectors *t = calloc(1, sizeof *t);

	if (t)
		t->scscf = s;
	return t;
}

/* ---- memory ---- */

static void enqueue(struct vectors *t, struct vector *v)
{
	v->queue = v->challenge.used ? &t->used : &t->waiting;
	DL_APPEND2(*v->queue, v, prev_due, next_due);
}

static void forget(struct vectors *t, struct vector *v)
{
	struct owner *o = v->owner;

	HASH_DELETE(hh, t->by_nonce, v);
	DL_DELETE2(*v->queue, v, prev_due, next_due);
	DL_DELETE(o->first, v);
	if (--o->count == 0) {
		HASH_DELETE(hh, t->by_identity, o);
		free(o->private_identity);
		free(o);
	}
	explicit_bzero(&v->challenge, sizeof v->challenge);
	free(v);
}

static struct owner *owner_of(struct vectors *t, const char *private_identity)
{
	struct owner *o;

	HASH_FIND_STR(t->by_identity, private_identity, o);
	if (o)
		return o;
	o = calloc(1, sizeof *o);
	if (o)
		o->private_identity = strdup(private_identity);
	if (!o || !o->private_identity) {
		free(o);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, t->by_identity, o->private_identity, strlen(o->private_identity), o);
	return o;
}

static struct vector *insert(struct vectors *t, const char *private_identity, const struct challenge *c)
{
	struct vector *v = calloc(1, sizeof *v);
	struct owner *o = v ? owner_of(t, private_identity) : NULL;

	if (!o) {
		free(v);
		return NULL;
	}
	v->challenge = *c;
	v->owner = o;
	o->count++;
	DL_APPEND(o->first, v);
	HASH_ADD_STR(t->by_nonce, challenge.nonce, v);
	enqueue(t, v);
	return v;
}

struct challenge *vector_find(struct vectors *t, const char *private_identity, const char *nonce)
{
	struct vector *v;

	HASH_FIND_STR(t->by_nonce, nonce, v);
	if (!v || strcmp(v->owner->private_identity, private_identity))
		return NULL;
	return v->challenge.expires_ms > clock_wall_ns() / 1000000 ? &v->challenge : NULL;
}

/* ---- local state ---- */

static int save(struct vectors *t, const struct vector *v)
{
	uint8_t sealed[TOKEN_BYTES_MAX(sizeof(struct stored))];
	struct stored s = { .version = KEEP_VERSION, .challenge = v->challenge };
	int len;

	if (strlen(v->owner->private_identity) >= sizeof s.private_identity)
		return -ENAMETOOLONG;
	memcpy(s.private_identity, v->owner->private_identity, strlen(v->owner->private_identity) + 1);
	len = token_wrap(t->scscf->key, "vector", (struct bytes){ (const uint8_t *)&s, sizeof s }, sealed, sizeof sealed);
	explicit_bzero(&s, sizeof s);
	if (len < 0)
		return len;
	return keep_put(t->scscf->keep, "vector", v->challenge.nonce, (struct bytes){ sealed, (size_t)len });
}

static void load_one(void *context, const char *key, struct bytes value)
{
	struct vectors *t = context;
	struct stored s;
	int n = token_unwrap(t->scscf->key, "vector", value, (uint8_t *)&s, sizeof s);

	(void)key;
	if (n == (int)sizeof s && s.version == KEEP_VERSION && memchr(s.private_identity, 0, sizeof s.private_identity))
		insert(t, s.private_identity, &s.challenge);
	explicit_bzero(&s, sizeof s);
}

static int by_due(const struct vector *a, const struct vector *b)
{
	return (a->challenge.expires_ms > b->challenge.expires_ms) - (a->challenge.expires_ms < b->challenge.expires_ms);
}

int vectors_load(struct vectors *t)
{
	int err = keep_each(t->scscf->keep, "vector", load_one, t);

	DL_SORT2(t->waiting, by_due, prev_due, next_due);
	DL_SORT2(t->used, by_due, prev_due, next_due);
	return err;
}

/* ---- life and death ---- */

int vector_add(struct vectors *t, const char *private_identity, const struct challenge *c)
{
	struct vector *v = insert(t, private_identity, c);
	int err;

	if (!v)
		return -ENOMEM;
	err = save(t, v);
	if (err) {
		forget(t, v);
		return err;
	}
	if (v->owner->count > PER_IDENTITY_MAX)
		vector_drop(t, &v->owner->first->challenge);
	return 0;
}

void vector_changed(struct vectors *t, struct challenge *c)
{
	struct vector *v = vector_of(c);
	int err;

	DL_DELETE2(*v->queue, v, prev_due, next_due);
	enqueue(t, v);
	err = save(t, v);
	if (err)
		log_event(LOG_ERROR, "scscf.vector", "impi=%s not kept: %s", v->owner->private_identity, strerror(-err));
}

void vector_drop(struct vectors *t, struct challenge *c)
{
	keep_remove(t->scscf->keep, "vector", c->nonce);
	forget(t, vector_of(c));
}

static void sweep_queue(struct vectors *t, struct vector **queue, uint64_t now_ms)
{
	while (*queue && (*queue)->challenge.expires_ms <= now_ms)
		vector_drop(t, &(*queue)->challenge);
}

static void on_timer(void *arg)
{
	struct vectors *t = arg;
	uint64_t now_ms = clock_wall_ns() / 1000000;

	sweep_queue(t, &t->waiting, now_ms);
	sweep_queue(t, &t->used, now_ms);
	t->timer = sip_timer_set(t->scscf->agent, SWEEP_MS, on_timer, t);
}

void vectors_start_timer(struct vectors *t)
{
	t->timer = sip_timer_set(t->scscf->agent, SWEEP_MS, on_timer, t);
}

void vectors_free(struct vectors *t)
{
	if (!t)
		return;
	while (t->waiting)
		forget(t, t->waiting);
	while (t->used)
		forget(t, t->used);
	free(t);
}
