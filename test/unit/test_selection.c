// SPDX-License-Identifier: Apache-2.0
/* Which S-CSCF serves a user. [TS 29.228 6.7] */
// with: icscf/selection.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "icscf/selection.h"

static unsigned one[] = { 1 }, one_two[] = { 1, 2 }, two_three[] = { 2, 3 };
static const struct scscf_entry servers[] = {
	{ .name = "sip:a", .capabilities = one, .capabilities_count = 1 },
	{ .name = "sip:b", .capabilities = one_two, .capabilities_count = 2 },
	{ .name = "sip:c", .capabilities = two_three, .capabilities_count = 2 },
	{ .name = "sip:d", .capabilities = one_two, .capabilities_count = 2 },
};

static void rank(const struct cx_capabilities *wanted, const struct candidates *tried, const char *expected[])
{
	struct candidates c;

	selection_rank(servers, ARRAY_LEN(servers), wanted, tried, &c);
	for (; *expected; expected++)
		assert_string_equal(candidates_take(&c), *expected);
	assert_false(candidates_left(&c));
	assert_null(candidates_take(&c));
}

static void test_all_mandatory_then_most_optional_then_order(void **state)
{
	(void)state;
	rank(&(struct cx_capabilities){ .mandatory = { 1 }, .mandatory_count = 1, .optional = { 2 }, .optional_count = 1 }, NULL,
	     (const char *[]){ "sip:b", "sip:d", "sip:a", NULL });
	rank(&(struct cx_capabilities){ .mandatory = { 9 }, .mandatory_count = 1 }, NULL, (const char *[]){ NULL });
	rank(&(struct cx_capabilities){ .mandatory_count = 0 }, NULL, (const char *[]){ "sip:a", "sip:b", "sip:c", "sip:d", NULL });
}

static void test_the_tried_are_left_out_and_preferred_names_come_first(void **state)
{
	struct candidates tried = { .name = { "sip:b" }, .count = 1, .next = 1 };

	(void)state;
	rank(&(struct cx_capabilities){ .mandatory = { 2 }, .mandatory_count = 1, .server_names = { { "sip:z", "sip:b" }, 2 } }, &tried,
	     (const char *[]){ "sip:z", "sip:c", "sip:d", NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_mandatory_then_most_optional_then_order),
		cmocka_unit_test(test_the_tried_are_left_out_and_preferred_names_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
