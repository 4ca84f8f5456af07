// SPDX-License-Identifier: Apache-2.0
/* Wildcarded public identities. [TS 23.003 13.4A, 13.5] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "common/ims/wildcard.h"
#include <stdio.h>
#include <string.h>

static void test_the_standards_own_examples(void **state)
{
	(void)state;
	assert_true(wildcard_match("sip:chatlist!.*!@example.com", "sip:chatlist1@example.com"));
	assert_true(wildcard_match("sip:chatlist!.*!@example.com", "sip:chatlist2@example.com"));
	assert_true(wildcard_match("sip:chatlist!.*!@example.com", "sip:chatlist42@example.com"));
	assert_true(wildcard_match("sip:chatlist!.*!@example.com", "sip:chatlistAbC@example.com"));
	assert_true(wildcard_match("sip:chatlist!.*!@example.com", "sip:chatlist!1@example.com"));
	assert_false(wildcard_match("sip:chatlist!.*!@example.com", "sip:chat@example.com"));
	assert_false(wildcard_match("sip:chatlist!.*!@example.com", "sip:chatlist1@example.org"));
}

static void test_the_whole_identity_matches_or_nothing(void **state)
{
	(void)state;
	assert_true(wildcard_match("sip:!a|ab!@x", "sip:ab@x")); /* whichever comes first in it */
	assert_false(wildcard_match("sip:!a!@x", "sip:aa@x"));
	assert_true(wildcard_match("tel:+1555!.{4}!", "tel:+15551234"));
	assert_false(wildcard_match("tel:+1555!.{4}!", "tel:+155512345"));
	assert_true(wildcard_match("sip:+1!(55|66)[0-9]+!@x;user=phone", "sip:+1557@x;user=phone"));
	assert_false(wildcard_match("sip:ab!.*!bc@x", "sip:abc@x")); /* fixed parts do not overlap */
	assert_true(wildcard_match("sip:!\\.a\\+!@x", "sip:.a+@x"));
	assert_true(wildcard_match("sip:a!b!c!@x", "sip:ab!c@x")); /* the outermost marks are the delimiters */
	assert_false(wildcard_match("sip:a!b!c!@x", "sip:abc@x"));
	assert_true(wildcard_match("sip:![[:digit:]]+!@x", "sip:7@x"));
}

static void test_what_is_no_extended_expression_is_refused_in_words(void **state)
{
	static const char *const wrong[] = { "sip:a@x", "sip:a!@x", "sip:a!!@x", "sip:!(!@x", "sip:![!@x", "sip:!a{2,1}!@x", "sip:!\\d!@x",
					     "sip:!(a)\\1!@x", "sip:!(?=a)!@x", "sip:!(?>a)!@x", "sip:!(*COMMIT)!@x", "sip:!a*?!@x", "sip:!a++!@x",
					     "sip:!\\Qa\\E!@x", "sip:!(?R)!@x" };
	static const char *const right[] = { "sip:!.*!@x", "sip:![a-z]{1,8}!@x", "tel:!\\+?[0-9]+!", "sip:!(a|b)*!@x", "sip:!a\\?+!@x" };
	char longest[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_non_null(wildcard_wrong(wrong[i]));
	for (size_t i = 0; i < ARRAY_LEN(right); i++)
		assert_null(wildcard_wrong(right[i]));
	snprintf(longest, sizeof longest, "sip:!%0260d!@x", 7);
	assert_non_null(wildcard_wrong(longest));
	assert_non_null(wildcard_wrong("sip:!((((((((a{250}){250}){250}){250}){250}){250}){250}){250})!@x"));
}

static void test_an_expression_that_runs_away_is_stopped(void **state)
{
	static const char *const evil[] = { "sip:!(a*)*[bc]!@x", "sip:!(a|aa)+[bc]!@x", "sip:!(a|a)*(a|a)*(a|a)*[bc]!@x", "sip:!(.*.*.*.*)*[bc]!@x" };
	char identity[260];
	uint64_t began = clock_ns();

	(void)state;
	snprintf(identity, sizeof identity, "sip:%.*s@x", 200, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	for (size_t i = 0; i < ARRAY_LEN(evil); i++)
		for (int k = 0; k < 10; k++)
			assert_false(wildcard_match(evil[i], identity));
	assert_true(clock_ns() - began < 2000000000u); /* 40 of them; unbounded, one would outlive us */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_standards_own_examples),
		cmocka_unit_test(test_the_whole_identity_matches_or_nothing),
		cmocka_unit_test(test_what_is_no_extended_expression_is_refused_in_words),
		cmocka_unit_test(test_an_expression_that_runs_away_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
