// SPDX-License-Identifier: Apache-2.0
/* Authentication vectors of IMS AKA and their sequence numbers. [TS 33.102 6.3.2, annex C] */
#pragma once
#include "hss/store/store.h"

/* Sequence numbers given out from memory: a range is reserved in the store before its first is used, so none is used twice,
 * whatever dies, and a vector costs no write. Safe from every thread. */
struct sequences;
struct sequences *sequences_new(unsigned range);     /* how many a reservation takes */
void sequences_free(struct sequences *t);

/* SQN = SEQ || IND, with IND = SEQ mod 32 [TS 33.102 C.1.1.1, C.3.2: 5 bits]. */
enum { IND_BITS = 5 };
void sqn_of_seq(uint64_t seq, uint8_t sqn[6]);
uint64_t seq_of_sqn(const uint8_t sqn[6]);

/* `n` numbers, from *first on, that were never given out, by no front end. `row` was read with this connection; may write it
 * (-EROFS on a reading one), and then sequences_settle() is owed. */
int sequences_take(struct sequences *t, struct store *s, int64_t private_identity, const struct aka_row *row, unsigned n, uint64_t *first);
/* The USIM says that its number is `seq`: when it would not take what comes next, that goes on from there, up or, more than
 * delta below, down [TS 33.102 6.3.5 steps 4, 5, C.2.1]. The row may have changed afterwards; the same is owed. */
int sequences_advance(struct sequences *t, struct store *s, int64_t private_identity, const struct aka_row *row, uint64_t seq);
/* What was reserved has been committed; or has not, or nobody knows. */
void sequences_settle(struct sequences *t, int64_t private_identity, bool committed);
