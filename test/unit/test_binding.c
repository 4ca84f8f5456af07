// SPDX-License-Identifier: Apache-2.0
/* The rules for contacts. [RFC 3261 10.3, RFC 5626 6] */
// with: scscf/binding.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "scscf/binding.h"

static const struct binding_bounds bounds = { .min_s = 60, .default_s = 600, .max_s = 3600, .contacts_max = 2 };

static struct contact_wish contact(const char *key, int64_t expires_s)
{
	return (struct contact_wish){ .uri = key, .key = key, .contact = key, .q = 1000, .expires_s = expires_s };
}

static struct register_wish wish(const struct contact_wish *c, size_t n, uint32_t cseq)
{
	return (struct register_wish){ .contacts = c, .count = n, .expires_s = -1, .private_identity = "alice", .call_id = "c1",
				       .path = "<sip:p;lr>", .cseq = cseq, .now_ms = 1000000 };
}

static struct register_wish star(int64_t expires_s, uint32_t cseq)
{
	struct register_wish w = wish(NULL, 0, cseq);

	w.star = true;
	w.expires_s = expires_s;
	return w;
}

static void put(struct bindings *have, const char *key, uint32_t cseq)
{
	struct contact_wish c = contact(key, 600);
	struct register_wish w = wish(&c, 1, cseq);

	assert_int_equal(binding_check(have, &w, &bounds), 0);
	assert_int_equal(binding_apply(have, &w, &bounds), 0);
}

static void test_expiry_is_the_parameter_then_the_header_then_the_default_and_bounded(void **state)
{
	struct contact_wish c = contact("a", -1);
	struct register_wish w = wish(&c, 1, 1);
	struct bindings have = { .first = NULL };

	(void)state;
	binding_apply(&have, &w, &bounds);
	assert_int_equal(have.first->expires_ms, 1000000 + 600000);
	w.expires_s = 120;
	binding_apply(&have, &w, &bounds);
	assert_int_equal(have.first->expires_ms, 1000000 + 120000);
	c.expires_s = 999999;
	binding_apply(&have, &w, &bounds);
	assert_int_equal(have.first->expires_ms, 1000000 + 3600000);
	c.expires_s = 59;
	w.cseq = 2;
	assert_int_equal(binding_check(&have, &w, &bounds), 423);
	assert_int_equal(have.count, 1);
	bindings_clear(&have);
}

static void test_an_older_cseq_of_the_same_call_id_is_refused(void **state)
{
	struct contact_wish c = contact("a", 600);
	struct register_wish w = wish(&c, 1, 5);
	struct bindings have = { .first = NULL };

	(void)state;
	put(&have, "a", 5);
	assert_int_equal(binding_check(&have, &w, &bounds), 500);
	w.call_id = "another";
	assert_int_equal(binding_check(&have, &w, &bounds), 0);
	bindings_clear(&have);
}

static void test_star_takes_all_of_one_private_identity_and_needs_expires_0_alone(void **state)
{
	struct bindings have = { .first = NULL };
	struct contact_wish c = contact("b", 600);
	struct register_wish w = wish(&c, 1, 1);
	size_t all;

	(void)state;
	put(&have, "a", 1);
	w.private_identity = "alice2";
	binding_apply(&have, &w, &bounds);
	w = star(0, 2);
	assert_int_equal(binding_check(&have, &w, &bounds), 0);
	assert_int_equal(binding_count_after(&have, &w, &bounds, &all), 0);
	assert_int_equal(all, 1);
	w.contacts = &c;
	w.count = 1;
	assert_int_equal(binding_check(&have, &w, &bounds), 400);
	w = star(60, 2);
	assert_int_equal(binding_check(&have, &w, &bounds), 400);
	w = star(-1, 2);
	assert_int_equal(binding_check(&have, &w, &bounds), 400);
	w = star(0, 1);
	assert_int_equal(binding_check(&have, &w, &bounds), 500);
	w = star(0, 2);
	binding_apply(&have, &w, &bounds);
	assert_int_equal(have.count, 1);
	assert_string_equal(have.first->private_identity, "alice2");
	bindings_clear(&have);
}

static void test_expires_0_removes_one_contact(void **state)
{
	struct bindings have = { .first = NULL };
	struct contact_wish c = contact("a", 0);
	struct register_wish w = wish(&c, 1, 2);
	size_t all;

	(void)state;
	put(&have, "a", 1);
	put(&have, "b", 1);
	assert_true(binding_only_removes(&w));
	assert_int_equal(binding_count_after(&have, &w, &bounds, &all), 1);
	binding_apply(&have, &w, &bounds);
	assert_int_equal(have.count, 1);
	assert_string_equal(have.first->key, "b");
	bindings_clear(&have);
}

static void test_more_contacts_than_allowed_and_repeated_ones_are_refused(void **state)
{
	struct bindings have = { .first = NULL };
	struct contact_wish two[] = { contact("c", 600), contact("c", 600) };
	struct register_wish w = wish(two, 1, 2);

	(void)state;
	put(&have, "a", 1);
	put(&have, "b", 1);
	assert_int_equal(binding_check(&have, &w, &bounds), 403);
	w.count = 2;
	assert_int_equal(binding_check(&have, &w, &bounds), 400);
	bindings_clear(&have);
}

static void test_a_device_keeps_one_contact_and_a_flow_is_instance_and_reg_id(void **state)
{
	struct bindings have = { .first = NULL };
	struct contact_wish c = contact("a", 600);
	struct register_wish w = wish(&c, 1, 1);

	(void)state;
	c.instance = "<urn:uuid:1>";
	binding_apply(&have, &w, &bounds);
	c.uri = c.key = c.contact = "a-moved";
	w.cseq = 2;
	binding_apply(&have, &w, &bounds);
	assert_int_equal(have.count, 1);
	assert_string_equal(have.first->uri, "a-moved");
	c.reg_id = 1;
	binding_apply(&have, &w, &bounds);
	c.reg_id = 2;
	w.cseq = 3;
	binding_apply(&have, &w, &bounds);
	assert_int_equal(have.count, 3);
	bindings_clear(&have);
}

static void test_what_ran_out_goes_and_the_next_time_is_told(void **state)
{
	struct bindings have = { .first = NULL };
	struct contact_wish two[] = { contact("a", 60), contact("b", 90) };
	struct register_wish w = wish(two, 2, 1);
	uint64_t next;

	(void)state;
	binding_apply(&have, &w, &bounds);
	assert_true(binding_known(&have, &w));
	assert_int_equal(binding_expire(&have, 1000000 + 60000, &next), 1);
	assert_int_equal(next, 1000000 + 90000);
	assert_false(binding_known(&have, &w));
	assert_int_equal(binding_expire(&have, 1000000 + 90000, &next), 1);
	assert_int_equal(next, 0);
	assert_int_equal(have.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expiry_is_the_parameter_then_the_header_then_the_default_and_bounded),
		cmocka_unit_test(test_an_older_cseq_of_the_same_call_id_is_refused),
		cmocka_unit_test(test_star_takes_all_of_one_private_identity_and_needs_expires_0_alone),
		cmocka_unit_test(test_expires_0_removes_one_contact),
		cmocka_unit_test(test_more_contacts_than_allowed_and_repeated_ones_are_refused),
		cmocka_unit_test(test_a_device_keeps_one_contact_and_a_flow_is_instance_and_reg_id),
		cmocka_unit_test(test_what_ran_out_goes_and_the_next_time_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
