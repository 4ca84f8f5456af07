// SPDX-License-Identifier: Apache-2.0
/* Whatever snprintf() makes of a format, text_format() makes too. [C11 7.21.6.1] */
#include "common/text.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define assert_like(size, ...)                                                                    \
	do {                                                                                      \
		char want_[256] = "untouched", got_[256] = "untouched";                           \
		int n_ = snprintf(want_, size, __VA_ARGS__);                                      \
		assert_int_equal(text_format(got_, size, __VA_ARGS__), n_);                       \
		assert_string_equal(got_, want_);                                                 \
	} while (0)

static void test_strings_and_letters(void **state)
{
	(void)state;
	assert_like(200, "%s", "");
	assert_like(200, "Path: %s;%s%c", "<sip:a@b>", "ob", '!');
	assert_like(200, "[%10s|%-10s|%3s]", "right", "left", "longer");
	assert_like(200, "[%.3s|%.*s|%.0s|%-6.2s]", "abcdef", 2, "xyz", "gone", "ab");
	assert_like(200, "100%% of %s", "it");
}

static void test_a_string_without_an_end_is_read_up_to_its_precision(void **state)
{
	static const char three[3] = { 'a', 'b', 'c' };
	char got[8];

	(void)state;
	text_format(got, sizeof got, "%.*s", 3, three);
	assert_string_equal(got, "abc");
}

static void test_numbers(void **state)
{
	(void)state;
	assert_like(200, "%d %d %d %d", 0, 7, -7, INT_MIN);
	assert_like(200, "%u %u %x %X", 0u, UINT_MAX, 0xbeefu, 0xbeefu);
	assert_like(200, "%ld %lu %lld %llu %zu %zd", LONG_MIN, ULONG_MAX, LLONG_MAX, ULLONG_MAX, SIZE_MAX, (ssize_t)-1);
	assert_like(200, "%08x%016llx%02x", 0xabcu, 0x123456789abcdefull, 0x5u);
	assert_like(200, "[%5d|%-5d|%05d|%05d]", 42, 42, 42, -42);
	assert_like(200, "%hhx %hu %hhd %hd", 255, 65535, -1, -1);
}

static void test_what_does_not_fit_is_cut_and_told(void **state)
{
	(void)state;
	for (size_t size = 0; size < 12; size++)
		assert_like(size, "%s-%d", "abcd", 12345);
}

static void test_the_rest_is_left_to_the_library(void **state)
{
	(void)state;
	assert_like(200, "%s %.3f %+d", "one", 1.5, 3);
	assert_like(200, "%#x %8.3d %p", 255u, 7, (void *)0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings_and_letters),
		cmocka_unit_test(test_a_string_without_an_end_is_read_up_to_its_precision),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_what_does_not_fit_is_cut_and_told),
		cmocka_unit_test(test_the_rest_is_left_to_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
