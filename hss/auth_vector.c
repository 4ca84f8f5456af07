// SPDX-License-Identifier: Apache-2.0
/* Sequence numbers, not time-based. [TS 33.102 C.1.1.1, C.1.2]
 *
 *   store: seq ────────── none above it was given out
 *   memory: next … limit  reserved, once the store says so: limit <= seq
 *
 * Who reads sees a reservation only when it is on the disk, so a reader takes nothing of one that may still be lost; in the
 * writer's transaction the answer waits for the commit itself. What a failed commit leaves in memory is skipped, which annex C
 * allows. */
#include "hss/auth_vector.h"
#include "common/log.h"
#include <pthread.h>
#include <stdlib.h>
#include <uthash.h>

#define SEQ_MAX ((UINT64_C(1) << 43) - 1)
#define DELTA (UINT64_C(1) << 28)        /* how far above its own a USIM lets a number jump [TS 33.102 C.2.1, C.3.2] */

struct range {
	int64_t private_identity;
	uint64_t next, limit;    /* limit: the last one that may be given out */
	UT_hash_handle hh;
};

struct sequences {
	pthread_mutex_t lock;
	struct range *ranges;
	unsigned range;
};

struct sequences *sequences_new(unsigned range)
{
	struct sequences *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	t->range = range;
	return t;
}

void sequences_free(struct sequences *t)
{
	struct range *r, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->ranges, r, next) {
		HASH_DEL(t->ranges, r);
		free(r);
	}
	pthread_mutex_destroy(&t->lock);
	free(t);
}

void sqn_of_seq(uint64_t seq, uint8_t sqn[6])
{
	uint64_t value = seq << IND_BITS | (seq & ((1u << IND_BITS) - 1));

	for (int i = 0; i < 6; i++)
		sqn[i] = (uint8_t)(value >> 8 * (5 - i));
}

uint64_t seq_of_sqn(const uint8_t sqn[6])
{
	uint64_t value = 0;

	for (int i = 0; i < 6; i++)
		value = value << 8 | sqn[i];
	return value >> IND_BITS;
}

/* ---- under the lock ---- */

static struct range *range_of(struct sequences *t, int64_t private_identity)
{
	struct range *r;

	HASH_FIND(hh, t->ranges, &private_identity, sizeof private_identity, r);
	return r;
}

/* Reserves anew, above everything that the store, the memory and the USIM have seen. */
static int reserve(struct sequences *t, struct store *s, int64_t private_identity, uint64_t above, unsigned n)
{
	struct range *r = range_of(t, private_identity);
	uint64_t limit = above + (n > t->range ? n : t->range);
	int err;

	if (limit > SEQ_MAX)
		return -ERANGE;
	err = store_aka_seq(s, private_identity, limit);
	if (err)
		return err;
	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return -ENOMEM;
		r->private_identity = private_identity;
		HASH_ADD(hh, t->ranges, private_identity, sizeof r->private_identity, r);
	}
	r->next = above + 1;
	r->limit = limit;
	return 0;
}

static int take(struct sequences *t, struct store *s, int64_t private_identity, uint64_t stored, unsigned n, uint64_t *first)
{
	struct range *r = range_of(t, private_identity);
	int err = 0;

	if (!r || stored < r->limit || r->limit + 1 - r->next < n) { /* next is limit + 1 at most */
		err = reserve(t, s, private_identity, r && r->limit > stored ? r->limit : stored, n);
		r = range_of(t, private_identity);
	}
	if (err)
		return err;
	*first = r->next;
	r->next += n;
	return 0;
}

/* ---- for everybody ---- */

int sequences_take(struct sequences *t, struct store *s, int64_t private_identity, uint64_t stored, unsigned n, uint64_t *first)
{
	int err;

	pthread_mutex_lock(&t->lock);
	err = take(t, s, private_identity, stored, n, first);
	pthread_mutex_unlock(&t->lock);
	return err;
}

/* A USIM whose number is `seq` takes this one: it is above, and not by so much that it fears a wrap around. [TS 33.102 C.2] */
static bool would_be_taken(uint64_t next, uint64_t seq)
{
	return next > seq && next - seq <= DELTA;
}

int sequences_advance(struct sequences *t, struct store *s, int64_t private_identity, uint64_t stored, uint64_t seq)
{
	struct range *r;
	int err = 0;

	pthread_mutex_lock(&t->lock);
	r = range_of(t, private_identity);
	if (!would_be_taken(r ? r->next : stored + 1, seq))
		err = reserve(t, s, private_identity, would_be_taken(stored + 1, seq) ? stored : seq, 1);
	pthread_mutex_unlock(&t->lock);
	return err;
}

void sequences_forget(struct sequences *t, int64_t private_identity)
{
	struct range *r;

	pthread_mutex_lock(&t->lock);
	r = range_of(t, private_identity);
	if (r) {
		HASH_DEL(t->ranges, r);
		free(r);
	}
	pthread_mutex_unlock(&t->lock);
}
