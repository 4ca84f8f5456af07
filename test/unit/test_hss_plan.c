// SPDX-License-Identifier: Apache-2.0
/* What was noted while reading is written as long as the store is as it was seen, and not at all otherwise. */
// with: hss/store/*.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/store/store.h"
#include "hss_store.h"

#define ONE "sip:one.ims.test"
#define OTHER "sip:other.ims.test"

static struct store *writes, *reads;
static struct obstack pool;
static int64_t user;
static char impu[64];

/* A subscriber of the test's own with one identity, and a connection of either kind. */
static void begin(const char *impi)
{
	struct private_identity p;
	int64_t set = 0, identity = 0;

	obstack_init(&pool);
	writes = open_store(true);
	reads = open_store(false);
	user = add_private(writes, impi);
	assert_int_equal(store_private(writes, &pool, impi, &p), 0);
	snprintf(impu, sizeof impu, "sip:%s", impi);
	assert_int_equal(store_set_put(writes, p.subscription, 1, &set), 0);
	assert_int_equal(store_impu_put(writes, &(struct impu_row){ .uri = impu, .set = set }, &identity), 0);
	assert_int_equal(store_link(writes, user, identity), 0);
}

static void end(void)
{
	store_close(reads);
	store_close(writes);
	obstack_free(&pool, NULL);
}

static struct impu seen_by(struct store *s)
{
	struct impu u = { 0 };

	assert_int_equal(store_impu(s, &pool, impu, &u), 0);
	return u;
}

/* As a registration would, on the reading connection. */
static struct store_plan note(const char *server, const char *restoration)
{
	struct store_plan plan;
	struct impu u;

	assert_int_equal(store_begin(reads), 0);
	store_plan_begin(reads, &pool, &plan);
	u = seen_by(reads);
	assert_int_equal(store_assign(reads, &u, &(struct assignment){ .name = server, .host = "host" }), 0);
	assert_int_equal(store_set_unregistered(reads, &u, false), 0);
	assert_int_equal(store_register(reads, u.set, user, restoration), 0);
	store_plan_end(reads);
	store_rollback(reads);
	return plan;
}

static int apply(const struct store_plan *plan)
{
	int err = store_begin(writes);

	if (!err)
		err = store_plan_apply(writes, plan);
	if (err)
		store_rollback(writes);
	return err ? err : store_commit(writes);
}

static void register_at(const char *server, const char *restoration)
{
	struct impu u = seen_by(writes);

	assert_int_equal(store_assign(writes, &u, &(struct assignment){ .name = server, .host = "host" }), 0);
	assert_int_equal(store_register(writes, u.set, user, restoration), 0);
}

static void assert_server(const char *name)
{
	struct impu u = seen_by(writes);

	if (name)
		assert_string_equal(u.scscf_name, name);
	else
		assert_null(u.scscf_name);
}

static void test_what_was_noted_is_written(void **state)
{
	struct registration_row row;
	struct store_plan plan;

	(void)state;
	begin("noted@ims.test");
	plan = note(ONE, "contacts");
	assert_true(plan.changes);
	assert_server(NULL);
	assert_int_equal(apply(&plan), 0);
	assert_server(ONE);
	assert_int_equal(store_registration(writes, &pool, seen_by(writes).set, user, &row), 0);
	assert_string_equal(row.restoration, "contacts");
	end();
}

static void test_what_is_so_already_is_not_noted(void **state)
{
	struct store_plan plan;

	(void)state;
	begin("already@ims.test");
	register_at(ONE, "contacts");
	plan = note(ONE, "contacts");
	assert_false(plan.changes);
	plan = note(ONE, NULL); /* the old one stands */
	assert_false(plan.changes);
	end();
}

static void test_another_server_meanwhile_voids_it(void **state)
{
	struct store_plan plan;

	(void)state;
	begin("server@ims.test");
	plan = note(ONE, NULL);
	register_at(OTHER, NULL);
	assert_int_equal(apply(&plan), -EAGAIN);
	assert_server(OTHER);
	end();
}

static void test_a_server_that_was_released_voids_what_needed_no_new_one(void **state)
{
	struct store_plan plan;
	struct impu u;

	(void)state;
	begin("released@ims.test");
	register_at(ONE, "contacts");
	plan = note(ONE, "more contacts");
	assert_true(plan.changes && !plan.assigns);
	u = seen_by(writes);
	assert_int_equal(store_deregister(writes, u.set, user), 0);
	assert_int_equal(store_assign(writes, &u, &(struct assignment){ .name = NULL }), 0);
	assert_int_equal(apply(&plan), -EAGAIN);
	assert_int_equal(store_registered(writes, u.set), 0);
	end();
}

static void test_another_registration_meanwhile_voids_it_and_nothing_of_it_stays(void **state)
{
	struct store_plan plan = { 0 };
	struct registration_row row;

	(void)state;
	begin("twice@ims.test");
	for (int has_row = 0; has_row < 2; has_row++) {
		char text[32];

		plan = note(has_row ? OTHER : ONE, "noted");
		snprintf(text, sizeof text, "meanwhile %d", has_row);
		assert_int_equal(store_register(writes, seen_by(writes).set, user, text), 0);
		assert_int_equal(apply(&plan), -EAGAIN);
		assert_server(NULL);
		assert_int_equal(store_registration(writes, &pool, seen_by(writes).set, user, &row), 0);
		assert_string_equal(row.restoration, text);
	}
	end();
}

static void test_what_is_provisioned_meanwhile_voids_it(void **state)
{
	struct store_plan plan;

	(void)state;
	begin("provisioned@ims.test");
	plan = note(ONE, NULL);
	assert_int_equal(store_provisioned(writes), 0);
	assert_int_equal(apply(&plan), -EAGAIN);
	plan = note(ONE, NULL);
	assert_int_equal(apply(&plan), 0);
	end();
}

static void test_what_depends_on_more_than_is_compared_is_refused(void **state)
{
	struct store_plan plan;
	struct impu u;

	(void)state;
	begin("more@ims.test");
	register_at(ONE, NULL);
	store_plan_begin(reads, &pool, &plan);
	u = seen_by(reads);
	assert_int_equal(store_register(reads, u.set + 1, user, NULL), -EROFS); /* before it is seen who serves */
	assert_int_equal(store_assign(reads, &u, &(struct assignment){ .name = NULL }), -EROFS);
	assert_int_equal(store_set_unregistered(reads, &u, true), -EROFS);
	assert_int_equal(store_reassignment_pending(reads, &u), -EROFS);
	assert_int_equal(store_deregister(reads, u.set, user), -EROFS);
	store_plan_end(reads);
	assert_int_equal(store_assign(reads, &u, &(struct assignment){ .name = OTHER, .host = "host" }), -EROFS);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_noted_is_written),
		cmocka_unit_test(test_what_is_so_already_is_not_noted),
		cmocka_unit_test(test_another_server_meanwhile_voids_it),
		cmocka_unit_test(test_a_server_that_was_released_voids_what_needed_no_new_one),
		cmocka_unit_test(test_another_registration_meanwhile_voids_it_and_nothing_of_it_stays),
		cmocka_unit_test(test_what_is_provisioned_meanwhile_voids_it),
		cmocka_unit_test(test_what_depends_on_more_than_is_compared_is_refused),
	};

	return cmocka_run_group_tests(tests, make_store_dir, remove_store_dir);
}
