// SPDX-License-Identifier: Apache-2.0
/* Sequence numbers are given out once, whatever dies. [TS 33.102 6.3.2, 6.3.5, annex C] */
// with: hss/auth_vector.c hss/store/*.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/auth_vector.h"
#include "hss_store.h"
#include <pthread.h>

enum { RANGE = 10, THREADS = 4, EACH = 200 };

static int64_t user;

static uint64_t stored_seq(struct store *s, int64_t id)
{
	struct obstack pool;
	struct aka_row row;

	obstack_init(&pool);
	assert_int_equal(store_aka(s, &pool, id, &row), 0);
	obstack_free(&pool, NULL);
	return row.seq;
}

/* As the procedures do: of the row that this connection sees. */
static int take(struct sequences *t, struct store *s, unsigned n, uint64_t *first)
{
	struct obstack pool;
	struct aka_row row;
	int err;

	obstack_init(&pool);
	assert_int_equal(store_aka(s, &pool, user, &row), 0);
	err = sequences_take(t, s, user, &row, n, first);
	obstack_free(&pool, NULL);
	return err;
}

static int advance(struct sequences *t, struct store *s, uint64_t seq)
{
	struct obstack pool;
	struct aka_row row;
	int err;

	obstack_init(&pool);
	assert_int_equal(store_aka(s, &pool, user, &row), 0);
	err = sequences_advance(t, s, user, &row, seq);
	obstack_free(&pool, NULL);
	return err;
}

/* A key, sealed so that no other sealing is the same, whose numbers begin above `seq`. */
static void put_key(struct store *w, uint64_t seq)
{
	static uint8_t sealed[45] = { 1 };
	const struct aka_row row = { .algorithm = AKA_MILENAGE, .k = { sealed, sizeof sealed }, .opc = { sealed, sizeof sealed },
				     .iterations = 1, .res_bits = 64, .amf = 0x8000, .seq = seq };

	sealed[sizeof sealed - 1]++;
	assert_int_equal(store_aka_put(w, user, &row), 0);
}

static struct store *begin(const char *impi, uint64_t seq)
{
	struct store *w = open_store(true);

	user = add_private(w, impi);
	put_key(w, seq);
	return w;
}

static void test_sqn_is_seq_with_its_last_bits_as_index(void **state)
{
	static const uint8_t largest[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint8_t sqn[6];

	(void)state;
	sqn_of_seq(1, sqn);
	assert_memory_equal(sqn, ((uint8_t[]){ 0, 0, 0, 0, 0, 1 << 5 | 1 }), 6);
	sqn_of_seq(33, sqn);
	assert_memory_equal(sqn, ((uint8_t[]){ 0, 0, 0, 0, 33 >> 3, (33 & 7) << 5 | 1 }), 6);
	for (uint64_t seq = 1; seq < UINT64_C(1) << 43; seq = seq * 3 + 1) {
		sqn_of_seq(seq, sqn);
		assert_true(seq_of_sqn(sqn) == seq);
	}
	assert_true(seq_of_sqn(largest) == (UINT64_C(1) << 43) - 1);
}

static void test_numbers_rise_and_the_store_stays_ahead(void **state)
{
	struct store *w = begin("rise@ims.test", 5);
	struct sequences *t = sequences_new(RANGE);
	uint64_t first, last = 5;

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(take(t, w, 3, &first), 0);
		assert_true(first > last);
		last = first + 2;
		assert_true(last <= stored_seq(w, user));
	}
	sequences_free(t);
	store_close(w);
}

static void test_a_reader_takes_of_what_is_reserved_and_no_more(void **state)
{
	struct store *w = begin("reader@ims.test", 0), *r = open_store(false);
	struct sequences *t = sequences_new(RANGE);
	uint64_t first;
	int taken = 0, err;

	(void)state;
	assert_int_equal(take(t, r, 1, &first), -EROFS);
	assert_int_equal(take(t, w, 1, &first), 0);
	assert_int_equal(take(t, r, 1, &first), -EROFS); /* who knows whether it was committed */
	sequences_settle(t, user, true);
	while (!(err = take(t, r, 1, &first)))
		taken++;
	assert_int_equal(err, -EROFS);
	assert_int_equal(taken, RANGE - 1);
	sequences_free(t);
	store_close(r);
	store_close(w);
}

static void test_after_a_death_numbers_go_on_above_all_that_was_reserved(void **state)
{
	struct store *w = begin("death@ims.test", 0);
	uint64_t first, last = 0;

	(void)state;
	for (int life = 0; life < 5; life++) {
		struct sequences *t = sequences_new(RANGE); /* memory is gone, the store is not */

		assert_int_equal(take(t, w, 2, &first), 0);
		assert_true(first > last);
		last = first + 1;
		sequences_free(t);
	}
	store_close(w);
}

static void test_what_a_failed_commit_reserved_is_not_taken_by_a_reader(void **state)
{
	struct store *w = begin("failed@ims.test", 0), *r = open_store(false);
	struct sequences *t = sequences_new(RANGE);
	uint64_t lost, first;

	(void)state;
	assert_int_equal(store_begin(w), 0);
	assert_int_equal(take(t, w, 1, &lost), 0);
	store_rollback(w);
	assert_int_equal(take(t, r, 1, &first), -EROFS); /* it is not on the disk */
	assert_int_equal(take(t, w, 1, &first), 0);
	assert_true(first >= lost && stored_seq(w, user) >= first); /* nobody has been given it */
	sequences_free(t);
	store_close(r);
	store_close(w);
}

static void test_a_usim_that_is_ahead_is_followed_and_one_behind_is_not(void **state)
{
	struct store *w = begin("usim@ims.test", 0);
	struct sequences *t = sequences_new(RANGE);
	uint64_t first, seq;

	(void)state;
	assert_int_equal(take(t, w, 1, &first), 0);
	assert_int_equal(advance(t, w, 1000000), 0);
	assert_int_equal(take(t, w, 1, &seq), 0);
	assert_int_equal(seq, 1000001);
	assert_int_equal(advance(t, w, 17), 0);
	assert_int_equal(take(t, w, 1, &seq), 0);
	assert_int_equal(seq, 1000002);
	sequences_free(t);
	store_close(w);
}

/* [TS 33.102 6.3.5 steps 4, 5, C.2.1] */
static void test_a_usim_that_would_fear_a_wrap_around_is_followed_down(void **state)
{
	const uint64_t delta = UINT64_C(1) << 28, ours = UINT64_C(1) << 40;
	struct store *w = begin("delta@ims.test", ours);
	struct sequences *t = sequences_new(RANGE);
	uint64_t seq;

	(void)state;
	assert_int_equal(advance(t, w, ours + 1 - delta), 0); /* the next is just near enough */
	assert_int_equal(take(t, w, 1, &seq), 0);
	assert_int_equal(seq, ours + 1);
	assert_int_equal(advance(t, w, 5000), 0);
	assert_int_equal(take(t, w, 1, &seq), 0);
	assert_int_equal(seq, 5001);
	assert_int_equal(stored_seq(w, user), 5000 + RANGE);
	sequences_free(t);
	store_close(w);
}

static void test_the_last_number_is_the_last(void **state)
{
	struct store *w = begin("last@ims.test", (UINT64_C(1) << 43) - 1 - RANGE);
	struct sequences *t = sequences_new(RANGE);
	uint64_t first;

	(void)state;
	for (int i = 0; i < RANGE; i++)
		assert_int_equal(take(t, w, 1, &first), 0);
	assert_true(first == (UINT64_C(1) << 43) - 1);
	assert_int_equal(take(t, w, 1, &first), -ERANGE);
	sequences_free(t);
	store_close(w);
}

static void test_a_new_key_begins_where_it_says(void **state)
{
	struct store *w = begin("new@ims.test", 700);
	struct sequences *t = sequences_new(RANGE);
	uint64_t first;

	(void)state;
	assert_int_equal(take(t, w, 1, &first), 0);
	sequences_settle(t, user, true);
	put_key(w, 3);
	assert_int_equal(take(t, w, 1, &first), 0);
	assert_int_equal(first, 4);
	put_key(w, stored_seq(w, user)); /* even one that another front end put, whose numbers are as ours */
	assert_int_equal(take(t, w, 1, &first), 0);
	assert_true(first > 4 + RANGE - 1);
	sequences_free(t);
	store_close(w);
}

static void test_two_front_ends_share_a_store_and_no_number(void **state)
{
	struct store *w = begin("two@ims.test", 0), *r = open_store(false);
	struct sequences *t[2] = { sequences_new(RANGE), sequences_new(RANGE) };
	uint64_t first, last = 0;

	(void)state;
	for (int i = 0; i < 12; i++) {
		struct sequences *mine = t[i / 3 % 2];

		if (take(mine, r, 2, &first)) { /* a reservation of the other's ends ours, so that numbers rise */
			assert_true(i % 3 == 0);
			assert_int_equal(take(mine, w, 2, &first), 0);
			sequences_settle(mine, user, true);
		}
		assert_true(first > last);
		last = first + 1;
	}
	sequences_free(t[0]);
	sequences_free(t[1]);
	store_close(r);
	store_close(w);
}

/* Our reservation is lost with its commit, the other front end's takes its place with the very same end. */
static void test_a_lost_reservation_is_not_taken_for_the_other_front_ends(void **state)
{
	struct store *w = begin("lost@ims.test", 0), *r = open_store(false);
	struct sequences *t = sequences_new(RANGE), *other = sequences_new(RANGE);
	uint64_t first;

	(void)state;
	assert_int_equal(store_begin(w), 0);
	assert_int_equal(take(t, w, 1, &first), 0);
	store_rollback(w);
	assert_int_equal(take(other, w, 1, &first), 0);
	sequences_settle(other, user, true);
	assert_int_equal(take(t, r, 1, &first), -EROFS);
	sequences_settle(t, user, false);
	assert_int_equal(take(t, r, 1, &first), -EROFS);
	assert_int_equal(take(t, w, 1, &first), 0);
	assert_true(first > RANGE);
	sequences_free(t);
	sequences_free(other);
	store_close(r);
	store_close(w);
}

struct taker {
	struct sequences *sequences;
	uint64_t taken[EACH];
};

static void *take_many(void *arg)
{
	struct taker *t = arg;
	struct store *r = open_store(false);

	for (int i = 0; i < EACH; i++)
		if (take(t->sequences, r, 1, &t->taken[i]))
			t->taken[i] = 0;
	store_close(r);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void test_threads_share_a_range_and_no_number(void **state)
{
	struct store *w = begin("threads@ims.test", 0);
	struct sequences *t = sequences_new(THREADS * EACH + 1);
	struct taker takers[THREADS];
	uint64_t all[THREADS * EACH], first;
	pthread_t threads[THREADS];

	(void)state;
	assert_int_equal(take(t, w, 1, &first), 0);
	sequences_settle(t, user, true);
	for (int i = 0; i < THREADS; i++) {
		takers[i] = (struct taker){ .sequences = t };
		assert_int_equal(pthread_create(&threads[i], NULL, take_many, &takers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		memcpy(all + i * EACH, takers[i].taken, sizeof takers[i].taken);
	}
	qsort(all, THREADS * EACH, sizeof *all, by_value);
	for (int i = 0; i < THREADS * EACH; i++)
		assert_int_equal(all[i], first + 1 + (uint64_t)i);
	sequences_free(t);
	store_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sqn_is_seq_with_its_last_bits_as_index),
		cmocka_unit_test(test_numbers_rise_and_the_store_stays_ahead),
		cmocka_unit_test(test_a_reader_takes_of_what_is_reserved_and_no_more),
		cmocka_unit_test(test_after_a_death_numbers_go_on_above_all_that_was_reserved),
		cmocka_unit_test(test_what_a_failed_commit_reserved_is_not_taken_by_a_reader),
		cmocka_unit_test(test_a_usim_that_is_ahead_is_followed_and_one_behind_is_not),
		cmocka_unit_test(test_a_usim_that_would_fear_a_wrap_around_is_followed_down),
		cmocka_unit_test(test_the_last_number_is_the_last),
		cmocka_unit_test(test_a_new_key_begins_where_it_says),
		cmocka_unit_test(test_two_front_ends_share_a_store_and_no_number),
		cmocka_unit_test(test_a_lost_reservation_is_not_taken_for_the_other_front_ends),
		cmocka_unit_test(test_threads_share_a_range_and_no_number),
	};

	return cmocka_run_group_tests(tests, make_store_dir, remove_store_dir);
}
