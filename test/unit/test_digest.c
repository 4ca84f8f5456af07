// SPDX-License-Identifier: Apache-2.0
/* Digest against the examples of [RFC 2617 3.5] and [RFC 7616 3.9.1]; AKA [RFC 3310, RFC 4169] with the RES of [TS 35.208 4.3.1]. */
#include "common/crypto/digest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct bytes text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static void assert_response(enum digest_algorithm a, const char *realm, const char *password, const struct digest_credentials *c,
			    const char *want)
{
	char ha1[DIGEST_HEX_MAX], got[DIGEST_HEX_MAX];

	assert_int_equal(digest_ha1(a, "Mufasa", realm, text(password), ha1), 0);
	assert_int_equal(digest_response(a, ha1, c, "GET", (struct bytes){ 0 }, got), 0);
	assert_string_equal(got, want);
}

static void test_the_example_of_rfc_2617(void **state)
{
	const struct digest_credentials c = { .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093", .uri = "/dir/index.html", .qop = "auth",
					      .nc = "00000001", .cnonce = "0a4f113b" };

	(void)state;
	assert_response(DIGEST_MD5, "testrealm@host.com", "Circle Of Life", &c, "6629fae49393a05397450978507c4ef1");
}

static void test_the_examples_of_rfc_7616(void **state)
{
	const struct digest_credentials c = { .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", .uri = "/dir/index.html",
					      .qop = "auth", .nc = "00000001", .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" };

	(void)state;
	assert_response(DIGEST_MD5, "http-auth@example.org", "Circle of Life", &c, "8ca523f5e9506fed4657c9700eebdbec");
	assert_response(DIGEST_SHA256, "http-auth@example.org", "Circle of Life", &c,
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

static void test_a_res_with_a_nul_is_a_password_and_auth_int_covers_the_body(void **state)
{
	static const uint8_t res[8] = { 0x00, 0x42, 0x00, 0x11, 0xe3, 0xba, 0x50, 0xbf };
	struct digest_credentials c = { .nonce = "n", .uri = "sip:ims.test", .qop = "auth-int", .nc = "00000001", .cnonce = "c" };
	char ha1[DIGEST_HEX_MAX], got[DIGEST_HEX_MAX];

	(void)state;
	assert_int_equal(digest_ha1(DIGEST_AKAV1_MD5, "user", "ims.test", (struct bytes){ res, 8 }, ha1), 0);
	assert_string_equal(ha1, "46fd6c44f5097d176fc60544eada0fda");
	assert_int_equal(digest_response(DIGEST_AKAV1_MD5, ha1, &c, "REGISTER", text("hello"), got), 0);
	assert_string_equal(got, "18ade371a75416182d040e510454e743");
	c.qop = NULL;
	assert_int_equal(digest_response(DIGEST_AKAV1_MD5, ha1, &c, "REGISTER", text("hello"), got), 0);
	assert_string_equal(got, "5126cb09fb946a75289aefc43a825e15");
}

static void test_the_password_of_akav2_binds_the_keys(void **state)
{
	static const uint8_t res[8] = { 0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf };
	static const uint8_t ck[16] = { 0xb4, 0x0b, 0xa9, 0xa3, 0xc5, 0x8b, 0x2a, 0x05, 0xbb, 0xf0, 0xd9, 0x87, 0xb2, 0x1b, 0xf8, 0xcb };
	static const uint8_t ik[16] = { 0xf7, 0x69, 0xbc, 0xd7, 0x51, 0x04, 0x46, 0x04, 0x12, 0x76, 0x72, 0x71, 0x1c, 0x6d, 0x34, 0x41 };
	char out[64];

	(void)state;
	assert_int_equal(digest_akav2_password(DIGEST_AKAV2_MD5, (struct bytes){ res, 8 }, (struct bytes){ ik, 16 },
					       (struct bytes){ ck, 16 }, out), 0);
	assert_string_equal(out, "shzt3q8CWaZnCAWqs3WmEQ==");
	assert_int_equal(digest_akav2_password(DIGEST_AKAV2_SHA256, (struct bytes){ res, 8 }, (struct bytes){ ik, 16 },
					       (struct bytes){ ck, 16 }, out), 0);
	assert_string_equal(out, "wpC+5dv/7kC35JEI2hluv8XcBd+vf8XcfedJBan1buk=");
}

static void test_names_are_read_without_regard_to_case(void **state)
{
	(void)state;
	assert_int_equal(digest_algorithm_parse(NULL), DIGEST_MD5);
	assert_int_equal(digest_algorithm_parse("sha-256"), DIGEST_SHA256);
	assert_int_equal(digest_algorithm_parse("AKAv2-SHA-256"), DIGEST_AKAV2_SHA256);
	assert_int_equal(digest_algorithm_parse("MD5-sess"), -EINVAL);
}

static void test_responses_compare_without_regard_to_case_only(void **state)
{
	(void)state;
	assert_true(digest_equal("00aAfF", "00AaFf"));
	assert_false(digest_equal("00aa", "00ab"));
	assert_false(digest_equal("00aa", "00aa0"));
	assert_false(digest_equal("0", "P"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_of_rfc_2617),
		cmocka_unit_test(test_the_examples_of_rfc_7616),
		cmocka_unit_test(test_a_res_with_a_nul_is_a_password_and_auth_int_covers_the_body),
		cmocka_unit_test(test_the_password_of_akav2_binds_the_keys),
		cmocka_unit_test(test_names_are_read_without_regard_to_case),
		cmocka_unit_test(test_responses_compare_without_regard_to_case_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
