// SPDX-License-Identifier: Apache-2.0
/* A secret opens under its key, in its place, for its owner, and nowhere else. */
// with: hss/seal.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/seal.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE "digest_credential.ha1"
#define OWNER "alice@ims.test"

static char dir[] = "/tmp/minims-seal-XXXXXX";
static char path[64];
static const struct bytes secret = { (const uint8_t *)"0123456789abcdef", 16 };

static struct seal_key *key_of(const char *text, mode_t mode)
{
	struct seal_key *k = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	return seal_key_load(path, &k) ? NULL : k;
}

static int clear(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void test_a_secret_comes_back_and_looks_different_each_time(void **state)
{
	uint8_t one[16 + SEAL_FRAME], two[16 + SEAL_FRAME], plain[16];
	struct seal_key *k = NULL;

	(void)state;
	assert_int_equal(seal_key_load(path, &k), 0);
	assert_int_equal(seal(k, PLACE, OWNER, secret, one), 0);
	assert_int_equal(seal(k, PLACE, OWNER, secret, two), 0);
	assert_memory_not_equal(one, two, sizeof one);
	assert_null(memmem(one, sizeof one, secret.data, 8));
	assert_int_equal(unseal(k, PLACE, OWNER, (struct bytes){ one, sizeof one }, plain, sizeof plain), 0);
	assert_memory_equal(plain, secret.data, 16);
	seal_key_free(k);
}

static void test_it_opens_in_no_other_place_and_for_no_other_owner(void **state)
{
	uint8_t sealed[16 + SEAL_FRAME], plain[16];
	const struct bytes b = { sealed, sizeof sealed };
	struct seal_key *k = NULL;

	(void)state;
	assert_int_equal(seal_key_load(path, &k), 0);
	assert_int_equal(seal(k, PLACE, OWNER, secret, sealed), 0);
	assert_int_equal(unseal(k, "aka_credential.k", OWNER, b, plain, 16), -EBADMSG);
	assert_int_equal(unseal(k, PLACE, "bob@ims.test", b, plain, 16), -EBADMSG);
	assert_int_equal(unseal(k, PLACE "a", "lice@ims.test", b, plain, 16), -EBADMSG);
	assert_int_equal(unseal(k, PLACE, OWNER, b, plain, 15), -EBADMSG);
	seal_key_free(k);
}

static void test_every_changed_octet_is_noticed_and_nothing_is_given_out(void **state)
{
	static const uint8_t nothing[16];
	uint8_t sealed[16 + SEAL_FRAME], plain[16];
	struct seal_key *k = NULL;

	(void)state;
	assert_int_equal(seal_key_load(path, &k), 0);
	assert_int_equal(seal(k, PLACE, OWNER, secret, sealed), 0);
	for (size_t i = 0; i < sizeof sealed; i++) {
		memset(plain, 0, sizeof plain);
		sealed[i] ^= 0x10;
		assert_int_equal(unseal(k, PLACE, OWNER, (struct bytes){ sealed, sizeof sealed }, plain, 16), -EBADMSG);
		assert_memory_equal(plain, nothing, 16);
		sealed[i] ^= 0x10;
	}
	for (size_t n = 0; n < sizeof sealed; n++)
		assert_int_equal(unseal(k, PLACE, OWNER, (struct bytes){ sealed, n }, plain, 16), -EBADMSG);
	seal_key_free(k);
}

static void test_a_key_is_made_once_for_its_owner_only(void **state)
{
	uint8_t sealed[16 + SEAL_FRAME], plain[16];
	struct seal_key *k = NULL, *again = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(seal_key_load(path, &k), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(seal(k, PLACE, OWNER, secret, sealed), 0);
	assert_int_equal(seal_key_load(path, &again), 0);
	assert_int_equal(unseal(again, PLACE, OWNER, (struct bytes){ sealed, sizeof sealed }, plain, 16), 0);
	seal_key_free(again);
	seal_key_free(k);
}

static void test_a_key_file_with_a_mistake_is_none(void **state)
{
	static const char good[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
	struct seal_key *k;
	char text[80];

	(void)state;
	k = key_of(good, 0600);
	assert_non_null(k);
	seal_key_free(k);
	snprintf(text, sizeof text, "%.62s", good);
	assert_null(key_of(text, 0600));
	snprintf(text, sizeof text, "%s0", good);
	assert_null(key_of(text, 0600));
	snprintf(text, sizeof text, "x%s", good + 1);
	assert_null(key_of(text, 0600));
	assert_null(key_of("", 0600));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(seal_key_load(path, &k), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_secret_comes_back_and_looks_different_each_time, clear),
		cmocka_unit_test_teardown(test_it_opens_in_no_other_place_and_for_no_other_owner, clear),
		cmocka_unit_test_teardown(test_every_changed_octet_is_noticed_and_nothing_is_given_out, clear),
		cmocka_unit_test_teardown(test_a_key_is_made_once_for_its_owner_only, clear),
		cmocka_unit_test_teardown(test_a_key_file_with_a_mistake_is_none, clear),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/master.key", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
