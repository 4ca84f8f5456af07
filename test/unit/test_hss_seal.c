// SPDX-License-Identifier: Apache-2.0
/* A secret opens under its key, in its place, for its owner, and nowhere else. */
// with: hss/key/seal.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/key/seal.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE "digest_credential.ha1"
#define OWNER "alice@ims.test"

static const struct bytes secret = { (const uint8_t *)"0123456789abcdef", 16 };

static struct seal_key *key_of(uint8_t first, uint32_t id)
{
	uint8_t bytes[SEAL_KEY_BYTES] = { first, 1, 2, 3 };
	struct seal_key *k = NULL;

	assert_int_equal(seal_key_new(bytes, &k), 0);
	seal_key_name(k, id);
	return k;
}

static void test_a_secret_comes_back_and_looks_different_each_time(void **state)
{
	uint8_t one[16 + SEAL_FRAME], two[16 + SEAL_FRAME], plain[16];
	struct seal_key *k = key_of(1, 1);

	(void)state;
	assert_int_equal(seal_under(k, PLACE, OWNER, secret, one), 0);
	assert_int_equal(seal_under(k, PLACE, OWNER, secret, two), 0);
	assert_memory_not_equal(one, two, sizeof one);
	assert_null(memmem(one, sizeof one, secret.data, 8));
	assert_int_equal(unseal_under(k, PLACE, OWNER, (struct bytes){ one, sizeof one }, plain, sizeof plain), 0);
	assert_memory_equal(plain, secret.data, 16);
	seal_key_free(k);
}

static void test_it_opens_in_no_other_place_and_for_no_other_owner_and_under_no_other_key(void **state)
{
	uint8_t sealed[16 + SEAL_FRAME], plain[16];
	const struct bytes b = { sealed, sizeof sealed };
	struct seal_key *k = key_of(1, 1), *other = key_of(2, 1);

	(void)state;
	assert_int_equal(seal_under(k, PLACE, OWNER, secret, sealed), 0);
	assert_int_equal(unseal_under(k, "aka_credential.k", OWNER, b, plain, 16), -EBADMSG);
	assert_int_equal(unseal_under(k, PLACE, "bob@ims.test", b, plain, 16), -EBADMSG);
	assert_int_equal(unseal_under(k, PLACE "a", "lice@ims.test", b, plain, 16), -EBADMSG);
	assert_int_equal(unseal_under(k, PLACE, OWNER, b, plain, 15), -EBADMSG);
	assert_int_equal(unseal_under(other, PLACE, OWNER, b, plain, 16), -EBADMSG);
	assert_int_equal(unseal_under(k, PLACE, OWNER, b, plain, 16), 0);
	seal_key_free(other);
	seal_key_free(k);
}

static void test_every_changed_octet_is_noticed_and_nothing_is_given_out(void **state)
{
	static const uint8_t nothing[16];
	uint8_t sealed[16 + SEAL_FRAME], plain[16];
	struct seal_key *k = key_of(1, 0x01020304);

	(void)state;
	assert_int_equal(seal_under(k, PLACE, OWNER, secret, sealed), 0);
	for (size_t i = 0; i < sizeof sealed; i++) {
		memset(plain, 0, sizeof plain);
		sealed[i] ^= 0x10;
		assert_int_equal(unseal_under(k, PLACE, OWNER, (struct bytes){ sealed, sizeof sealed }, plain, 16), -EBADMSG);
		assert_memory_equal(plain, nothing, 16);
		sealed[i] ^= 0x10;
	}
	for (size_t n = 0; n < sizeof sealed; n++)
		assert_int_equal(unseal_under(k, PLACE, OWNER, (struct bytes){ sealed, n }, plain, 16), -EBADMSG);
	seal_key_free(k);
}

static void test_it_says_which_key_it_wants_and_how_long_it_is(void **state)
{
	uint8_t sealed[SEAL_PLAIN_MAX + SEAL_FRAME];
	struct seal_key *k = key_of(1, 0xfedcba98);

	(void)state;
	for (size_t n = 1; n <= SEAL_PLAIN_MAX; n++) {
		const uint8_t plain[SEAL_PLAIN_MAX] = { 0 };

		assert_int_equal(seal_under(k, PLACE, OWNER, (struct bytes){ plain, n }, sealed), 0);
		assert_int_equal(sealed_key((struct bytes){ sealed, n + SEAL_FRAME }), 0xfedcba98);
		assert_int_equal(sealed_len((struct bytes){ sealed, n + SEAL_FRAME }), n);
	}
	for (size_t n = 0; n <= SEAL_FRAME; n++)
		assert_int_equal(sealed_key((struct bytes){ sealed, n }), 0);
	sealed[0] = 3;
	assert_int_equal(sealed_key((struct bytes){ sealed, sizeof sealed }), 0);
	assert_int_equal(sealed_len((struct bytes){ sealed, sizeof sealed }), 0);
	seal_key_free(k);
}

/* As stores of the first version have them: no key is named, the place alone is bound. */
static void test_a_secret_of_the_first_form_opens_under_the_first_key(void **state)
{
	static const uint8_t key[SEAL_KEY_BYTES] = { 1, 1, 2, 3 }, nonce[SEAL_NONCE] = { 7 };
	uint8_t old[SEAL_OLD_HEAD + SEAL_NONCE + 16 + SEAL_TAG] = { 1 }, plain[16];
	const struct bytes b = { old, sizeof old };
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	struct seal_key *k = key_of(1, 1);
	int n;

	(void)state;
	memcpy(old + 1, nonce, sizeof nonce);
	assert_int_equal(EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce), 1);
	assert_int_equal(EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)PLACE "\0" OWNER, (int)sizeof(PLACE "\0" OWNER) - 1), 1);
	assert_int_equal(EVP_EncryptUpdate(c, old + 13, &n, secret.data, 16), 1);
	assert_int_equal(EVP_EncryptFinal_ex(c, old + 29, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, old + 29), 1);
	EVP_CIPHER_CTX_free(c);
	assert_int_equal(sealed_key(b), 1);
	assert_int_equal(sealed_len(b), 16);
	assert_int_equal(unseal_under(k, PLACE, OWNER, b, plain, 16), 0);
	assert_memory_equal(plain, secret.data, 16);
	old[0] = 2;
	assert_int_equal(unseal_under(k, PLACE, OWNER, b, plain, 16), -EBADMSG);
	seal_key_free(k);
}

static void test_a_check_value_opens_under_its_key_only(void **state)
{
	struct seal_key *k = key_of(1, 5), *other = key_of(2, 5);
	uint8_t check[SEAL_CHECK_BYTES];
	const struct bytes b = { check, sizeof check };

	(void)state;
	assert_int_equal(seal_check_make(k, check), 0);
	assert_true(seal_check_opens(k, b));
	assert_false(seal_check_opens(other, b));
	seal_key_name(k, 6); /* the value says whose it is, not the name that the key has now */
	assert_true(seal_check_opens(k, b));
	check[SEAL_HEAD] ^= 1;
	assert_false(seal_check_opens(k, b));
	seal_key_free(other);
	seal_key_free(k);
}

/* The pages that hold a key, by the kernel's own account of them. [proc(5) smaps] */
static void test_a_key_lies_in_memory_that_is_not_dumped(void **state)
{
	struct seal_key *k = key_of(1, 1);
	unsigned long from, to;
	char line[256];
	bool here = false, told = false;
	FILE *f = fopen("/proc/self/smaps", "r");

	(void)state;
	assert_non_null(f);
	while (!told && fgets(line, sizeof line, f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= (unsigned long)(void *)k && (unsigned long)(void *)k < to;
		else if (here && !strncmp(line, "VmFlags:", 8)) {
			assert_non_null(strstr(line, " dd")); /* do not dump */
			assert_non_null(strstr(line, " wf")); /* wipe on fork */
			told = true;
		}
	}
	fclose(f);
	assert_true(told);
	seal_key_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_secret_comes_back_and_looks_different_each_time),
		cmocka_unit_test(test_it_opens_in_no_other_place_and_for_no_other_owner_and_under_no_other_key),
		cmocka_unit_test(test_every_changed_octet_is_noticed_and_nothing_is_given_out),
		cmocka_unit_test(test_it_says_which_key_it_wants_and_how_long_it_is),
		cmocka_unit_test(test_a_secret_of_the_first_form_opens_under_the_first_key),
		cmocka_unit_test(test_a_check_value_opens_under_its_key_only),
		cmocka_unit_test(test_a_key_lies_in_memory_that_is_not_dumped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
