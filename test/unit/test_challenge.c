// SPDX-License-Identifier: Apache-2.0
/* What a REGISTER's Authorization means. [TS 24.229 5.4.1.2] */
// with: scscf/challenge.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "scscf/challenge.h"
#include <stdio.h>
#include <string.h>

static enum decision decide(const char *integrity_protected, bool response, bool registered, const struct challenge *c)
{
	return challenge_decide(&(struct authentication){ .protection = protection_parse(integrity_protected), .has_response = response,
							  .registered = registered, .challenge = c });
}

static void test_an_unprotected_register_is_challenged(void **state)
{
	static const char *const unprotected[] = { NULL, "no", "tls-pending", "ip-assoc-pending", "auth-done", "nonsense" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unprotected); i++)
		assert_int_equal(decide(unprotected[i], false, true, NULL), DECISION_CHALLENGE);
}

static void test_a_protected_refresh_passes_and_a_protected_new_contact_does_not(void **state)
{
	static const char *const words[] = { "yes", "tls-connected", "tls-yes", "ip-assoc-yes", "IP-Assoc-Yes" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		assert_int_equal(decide(words[i], false, true, NULL), DECISION_PASS);
		assert_int_equal(decide(words[i], true, true, NULL), DECISION_PASS);
		assert_int_equal(decide(words[i], false, false, NULL), DECISION_CHALLENGE);
	}
}

static void test_auth_done_passes_only_where_it_is_trusted(void **state)
{
	(void)state;
	assert_int_equal(challenge_decide(&(struct authentication){ .protection = PROTECTION_DONE, .trust_auth_done = true }), DECISION_PASS);
	assert_int_equal(challenge_decide(&(struct authentication){ .protection = PROTECTION_DONE }), DECISION_CHALLENGE);
}

static void test_a_response_is_checked_whatever_protects_it(void **state)
{
	struct challenge digest = { .scheme = SCHEME_DIGEST, .used = true }, aka = { .scheme = SCHEME_AKA };

	(void)state;
	assert_int_equal(decide("ip-assoc-yes", true, true, &digest), DECISION_CHECK);
	assert_int_equal(decide(NULL, true, false, &aka), DECISION_CHECK);
	aka.used = true; /* a RES is good once */
	assert_int_equal(decide("no", true, true, &aka), DECISION_CHALLENGE);
	assert_int_equal(decide("yes", true, true, &aka), DECISION_PASS);
	assert_int_equal(decide(NULL, true, true, NULL), DECISION_STALE);
}

static void test_auts_resynchronises_only_a_known_aka_challenge(void **state)
{
	struct challenge aka = { .scheme = SCHEME_AKA }, digest = { .scheme = SCHEME_DIGEST };
	struct authentication a = { .has_auts = true, .challenge = &aka };

	(void)state;
	assert_int_equal(challenge_decide(&a), DECISION_RESYNCHRONISE);
	a.challenge = &digest;
	assert_int_equal(challenge_decide(&a), DECISION_CHALLENGE);
	a.challenge = NULL;
	assert_int_equal(challenge_decide(&a), DECISION_CHALLENGE);
}

static struct challenge digest_challenge(void)
{
	struct challenge c = { .scheme = SCHEME_DIGEST, .nonce = "n", .realm = "ims.test" };
	struct bytes password = { (const uint8_t *)"secret", 6 };

	assert_int_equal(digest_ha1(DIGEST_MD5, "alice@ims.test", "ims.test", password, c.ha1_md5), 0);
	assert_int_equal(digest_ha1(DIGEST_SHA256, "alice@ims.test", "ims.test", password, c.ha1_sha256), 0);
	return c;
}

static enum verdict check(const struct challenge *c, enum digest_algorithm a, const char *nc, const char *secret, const char *realm)
{
	struct digest_credentials d = { .username = "alice@ims.test", .realm = realm, .nonce = "n", .uri = "sip:ims.test", .cnonce = "x",
					.algorithm = digest_algorithm_name(a), .nc = nc, .qop = "auth" };
	char ha1[DIGEST_HEX_MAX], response[DIGEST_HEX_MAX], out[DIGEST_HEX_MAX];
	struct bytes none = { NULL, 0 };
	uint32_t count;

	digest_ha1(a, d.username, realm, (struct bytes){ (const uint8_t *)secret, strlen(secret) }, ha1);
	digest_response(a, ha1, &d, "REGISTER", none, response);
	d.response = response;
	return challenge_check(c, &d, "REGISTER", none, out, &count);
}

static void test_the_right_password_is_right_in_both_algorithms_and_a_wrong_one_wrong(void **state)
{
	struct challenge c = digest_challenge();

	(void)state;
	assert_int_equal(check(&c, DIGEST_MD5, "00000001", "secret", "ims.test"), VERDICT_RIGHT);
	assert_int_equal(check(&c, DIGEST_SHA256, "00000001", "secret", "ims.test"), VERDICT_RIGHT);
	assert_int_equal(check(&c, DIGEST_MD5, "00000001", "guess", "ims.test"), VERDICT_WRONG);
	assert_int_equal(check(&c, DIGEST_MD5, "00000001", "secret", "other.test"), VERDICT_WRONG);
	*c.ha1_md5 = 0; /* not provisioned */
	assert_int_equal(check(&c, DIGEST_MD5, "00000001", "secret", "ims.test"), VERDICT_WRONG);
}

static void test_a_nonce_count_is_good_once(void **state)
{
	struct challenge c = digest_challenge();

	(void)state;
	c.count = 2;
	assert_int_equal(check(&c, DIGEST_SHA256, "00000002", "secret", "ims.test"), VERDICT_REPLAYED);
	assert_int_equal(check(&c, DIGEST_SHA256, "00000001", "secret", "ims.test"), VERDICT_REPLAYED);
	assert_int_equal(check(&c, DIGEST_SHA256, "00000003", "secret", "ims.test"), VERDICT_RIGHT);
}

static void test_aka_takes_the_res_as_password_even_with_a_nul_in_it(void **state)
{
	struct challenge c = { .scheme = SCHEME_AKA, .nonce = "n", .realm = "ims.test", .res = { 1, 0, 3, 4, 5, 6, 7, 8 }, .res_len = 8 };
	struct digest_credentials d = { .username = "u@ims.test", .realm = "ims.test", .nonce = "n", .uri = "sip:ims.test",
					.algorithm = "AKAv1-MD5", .nc = "00000001", .qop = "auth", .cnonce = "x" };
	char ha1[DIGEST_HEX_MAX], response[DIGEST_HEX_MAX], out[DIGEST_HEX_MAX];
	uint32_t count;

	(void)state;
	digest_ha1(DIGEST_AKAV1_MD5, d.username, d.realm, (struct bytes){ c.res, 8 }, ha1);
	digest_response(DIGEST_AKAV1_MD5, ha1, &d, "REGISTER", (struct bytes){ NULL, 0 }, response);
	d.response = response;
	assert_int_equal(challenge_check(&c, &d, "REGISTER", (struct bytes){ NULL, 0 }, out, &count), VERDICT_RIGHT);
	c.res[2] = 9;
	assert_int_equal(challenge_check(&c, &d, "REGISTER", (struct bytes){ NULL, 0 }, out, &count), VERDICT_WRONG);
	d.algorithm = "MD5"; /* not what was asked for */
	assert_int_equal(challenge_check(&c, &d, "REGISTER", (struct bytes){ NULL, 0 }, out, &count), VERDICT_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_unprotected_register_is_challenged),
		cmocka_unit_test(test_a_protected_refresh_passes_and_a_protected_new_contact_does_not),
		cmocka_unit_test(test_auth_done_passes_only_where_it_is_trusted),
		cmocka_unit_test(test_a_response_is_checked_whatever_protects_it),
		cmocka_unit_test(test_auts_resynchronises_only_a_known_aka_challenge),
		cmocka_unit_test(test_the_right_password_is_right_in_both_algorithms_and_a_wrong_one_wrong),
		cmocka_unit_test(test_a_nonce_count_is_good_once),
		cmocka_unit_test(test_aka_takes_the_res_as_password_even_with_a_nul_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
