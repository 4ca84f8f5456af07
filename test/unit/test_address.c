// SPDX-License-Identifier: Apache-2.0
/* Numeric addresses and who is inside a range. */
#include "common/address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_addresses_are_numeric_and_whole(void **state)
{
	static const char *const bad[] = { "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:5x", "host:1", "::1:5060", "[::1]", "[::1:5",
					   "127.0.0.1:-1", "[127.0.0.1]:1" };
	struct sockaddr_storage a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(address_parse(bad[i], &a), -EINVAL);
	assert_int_equal(address_parse("127.0.0.1:5060", &a), 0);
	assert_int_equal(a.ss_family, AF_INET);
	assert_int_equal(address_parse("[::1]:5060", &a), 0);
	assert_int_equal(a.ss_family, AF_INET6);
}

static void test_the_host_of_an_address(void **state)
{
	char host[16];

	(void)state;
	assert_int_equal(address_host("10.0.0.1:5060", host, sizeof host), 0);
	assert_string_equal(host, "10.0.0.1");
	assert_int_equal(address_host("[::1]:5060", host, sizeof host), 0);
	assert_string_equal(host, "::1");
	assert_int_equal(address_host("fe80::1", host, sizeof host), 0);
	assert_string_equal(host, "fe80::1");
	assert_int_equal(address_host("a.very.long.name.example:5060", host, sizeof host), -ENOSPC);
}

static bool inside(const char *cidr, const char *address)
{
	struct sockaddr_storage a;

	assert_int_equal(address_parse(address, &a), 0);
	return cidr_contains(cidr, (struct sockaddr *)&a);
}

static void test_a_range_contains_its_addresses_only(void **state)
{
	(void)state;
	assert_true(inside("127.0.0.0/8", "127.9.9.9:1"));
	assert_false(inside("127.0.0.0/8", "128.0.0.1:1"));
	assert_true(inside("10.1.2.0/23", "10.1.3.255:1"));
	assert_false(inside("10.1.2.0/23", "10.1.4.0:1"));
	assert_true(inside("10.1.2.3", "10.1.2.3:1"));
	assert_false(inside("10.1.2.3", "10.1.2.2:1"));
	assert_true(inside("0.0.0.0/0", "1.2.3.4:1"));
	assert_true(inside("10.0.0.0/8", "[::ffff:10.0.0.1]:1"));
	assert_true(inside("fe80::/10", "[fe80::1]:1"));
	assert_false(inside("fe80::/10", "10.0.0.1:1"));
	assert_false(cidr_valid("10.0.0.0/33"));
	assert_false(cidr_valid("10.0.0/8"));
	assert_false(cidr_valid("10.0.0.0/"));
	assert_false(cidr_valid("::/129"));
}

static void test_an_address_is_written_as_it_is_read(void **state)
{
	static const char *const texts[] = { "127.0.0.9:5070", "0.0.0.0:1", "255.255.255.255:65535", "10.20.130.4:80", "[::1]:5060", "[2001:db8::ff00:42]:9" };
	struct sockaddr_storage a;
	char text[64], host[64];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(address_parse(texts[i], &a), 0);
		assert_int_equal(address_text((struct sockaddr *)&a, text), strlen(texts[i]));
		assert_string_equal(text, texts[i]);
		assert_int_equal(address_host(texts[i], host, sizeof host), 0);
		assert_int_equal(address_ip_text((struct sockaddr *)&a, text), strlen(host));
		assert_string_equal(text, host);
	}
	a.ss_family = AF_UNIX;
	assert_int_equal(address_text((struct sockaddr *)&a, text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_numeric_and_whole),
		cmocka_unit_test(test_the_host_of_an_address),
		cmocka_unit_test(test_a_range_contains_its_addresses_only),
		cmocka_unit_test(test_an_address_is_written_as_it_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
