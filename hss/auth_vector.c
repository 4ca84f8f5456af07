// SPDX-License-Identifier: Apache-2.0
/* Sequence numbers, not time-based. [TS 33.102 C.1.1.1, C.1.2]
 *
 *   store: seq ────────── none above it was given out
 *   memory: next … limit  reserved by us
 *
 * A reservation is made in the store where it still is as it was read, so that front ends of one store never have the same. Ours
 * may be used once its commit is known to have happened, and as long as it is the last one (seq is our limit) and of the credential
 * that is there: numbers rise though several front ends give them out. What a lost commit reserved nobody has been given. */
#include "hss/auth_vector.h"
#include "common/log.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define SEQ_MAX ((UINT64_C(1) << 43) - 1)
#define DELTA (UINT64_C(1) << 28)        /* how far above its own a USIM lets a number jump [TS 33.102 C.2.1, C.3.2] */

enum { TAG = 16 };               /* the end of a sealed key is of this sealing alone */

struct range {
	int64_t private_identity;
	uint8_t of[TAG];         /* the credential */
	uint64_t next, limit;    /* limit: the last one that may be given out */
	bool settled;            /* its commit has happened */
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

static void forget(struct sequences *t, struct range *r)
{
	if (!r)
		return;
	HASH_DEL(t->ranges, r);
	free(r);
}

static const uint8_t *tag_of(const struct aka_row *row)
{
	return row->k.data + row->k.len - TAG;
}

/* Who writes waits for the commit of its own transaction anyway. */
static bool is_ours(const struct range *r, const struct store *s, const struct aka_row *row)
{
	return r && row->seq == r->limit && !memcmp(r->of, tag_of(row), TAG) && (r->settled || store_writes(s));
}

/* From above `from` on. */
static int reserve(struct sequences *t, struct store *s, int64_t private_identity, const struct aka_row *row, uint64_t from, unsigned n)
{
	struct range *r = range_of(t, private_identity);
	uint64_t limit = from + (n > t->range ? n : t->range);
	int err;

	if (limit > SEQ_MAX)
		return -ERANGE;
	err = store_aka_reserve(s, private_identity, row, limit);
	if (err)
		return err;
	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return -ENOMEM;
		r->private_identity = private_identity;
		HASH_ADD(hh, t->ranges, private_identity, sizeof r->private_identity, r);
	}
	memcpy(r->of, tag_of(row), TAG);
	r->next = from + 1;
	r->limit = limit;
	r->settled = false;
	return 0;
}

static int take(struct sequences *t, struct store *s, int64_t private_identity, const struct aka_row *row, unsigned n, uint64_t *first)
{
	struct range *r = range_of(t, private_identity);
	int err = 0;

	if (!is_ours(r, s, row) || r->limit + 1 - r->next < n) { /* next is limit + 1 at most */
		err = reserve(t, s, private_identity, row, row->seq, n);
		r = range_of(t, private_identity);
	}
	if (err)
		return err;
	*first = r->next;
	r->next += n;
	return 0;
}

/* ---- for everybody ---- */

int sequences_take(struct sequences *t, struct store *s, int64_t private_identity, const struct aka_row *row, unsigned n, uint64_t *first)
{
	int err = -EBADMSG;

	pthread_mutex_lock(&t->lock);
	if (row->k.len >= TAG)
		err = take(t, s, private_identity, row, n, first);
	pthread_mutex_unlock(&t->lock);
	return err;
}

/* A USIM whose number is `seq` takes this one: it is above, and not by so much that it fears a wrap around. [TS 33.102 C.2] */
static bool would_be_taken(uint64_t next, uint64_t seq)
{
	return next > seq && next - seq <= DELTA;
}

int sequences_advance(struct sequences *t, struct store *s, int64_t private_identity, const struct aka_row *row, uint64_t seq)
{
	struct range *r;
	int err = 0;

	if (row->k.len < TAG)
		return -EBADMSG;
	pthread_mutex_lock(&t->lock);
	r = range_of(t, private_identity);
	if (!would_be_taken(is_ours(r, s, row) ? r->next : row->seq + 1, seq))
		err = reserve(t, s, private_identity, row, would_be_taken(row->seq + 1, seq) ? row->seq : seq, 1);
	pthread_mutex_unlock(&t->lock);
	return err;
}

void sequences_settle(struct sequences *t, int64_t private_identity, bool committed)
{
	struct range *r;

	pthread_mutex_lock(&t->lock);
	r = range_of(t, private_identity);
	if (r && committed)
		r->settled = true;
	else
		forget(t, r);
	pthread_mutex_unlock(&t->lock);
}
