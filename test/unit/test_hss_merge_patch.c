// SPDX-License-Identifier: Apache-2.0
/* The examples of RFC 7396 appendix A, and patches that lead from one value to the other. */
// with: hss/rest/merge_patch.c hss/rest/problem.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/rest/merge_patch.h"
#include "hss/rest/problem.h"

static json_t *json(const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(v);
	return v;
}

static void test_the_examples_of_appendix_a(void **state)
{
	static const char *const cases[][3] = {
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" }, { "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" }, { "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" }, { "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
		{ "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}" },
		{ "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" }, { "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
		{ "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" }, { "{\"a\":\"foo\"}", "null", "null" }, { "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
		{ "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" }, { "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *target = json(cases[i][0]), *patch = json(cases[i][1]), *want = json(cases[i][2]), *got = merge_patch(target, patch);

		assert_true(json_equal(got, want));
		json_decref(target);
		json_decref(patch);
		json_decref(want);
		json_decref(got);
	}
}

static void test_a_difference_leads_from_one_to_the_other(void **state)
{
	static const char *const pairs[][2] = {
		{ "{\"a\":1,\"b\":{\"c\":[1],\"d\":2}}", "{\"b\":{\"c\":[2],\"e\":3},\"f\":{}}" }, { "{}", "{\"a\":{\"b\":1}}" }, { "{\"a\":1}", "{\"a\":1}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		json_t *before = json(pairs[i][0]), *after = json(pairs[i][1]), *diff = merge_diff(before, after), *got = merge_patch(before, diff);

		assert_true(json_equal(got, after));
		json_decref(before);
		json_decref(after);
		json_decref(diff);
		json_decref(got);
	}
}

static void test_a_field_becomes_a_json_pointer(void **state)
{
	static const char *const pairs[][2] = { /* [RFC 6901] */
		{ "impi", "/impi" }, { "identities[12].impu", "/identities/12/impu" }, { "cloud[0].services[\"a.b/c~\"]", "/cloud/0/services/a.b~1c~0" },
		{ "[\"x.y\"]", "/x.y" }, { "a[\"\"]", "/a/" },
	};
	char pointer[64], field[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		problem_pointer(pairs[i][0], pointer, sizeof pointer);
		assert_string_equal(pointer, pairs[i][1]);
	}
	problem_field(field, sizeof field, "cloud[0].services", "a.b/c~");
	assert_string_equal(field, pairs[2][0]);
	problem_pointer("aaaaaaaaaaaaaaaaaaaa", pointer, 8);
	assert_string_equal(pointer, "/aaaaaa");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_examples_of_appendix_a),
					    cmocka_unit_test(test_a_difference_leads_from_one_to_the_other),
					    cmocka_unit_test(test_a_field_becomes_a_json_pointer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
