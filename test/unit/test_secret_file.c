// SPDX-License-Identifier: Apache-2.0
/* A secret's file: its owner's alone, whole or not at all, made once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/secret_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/minims-secret-XXXXXX", path[64];

static void write_file(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

static void test_it_is_made_once_and_read_back(void **state)
{
	uint8_t first[32], again[32];
	struct stat st;

	(void)state;
	assert_int_equal(secret_file_read(path, first, 32), -ENOENT);
	assert_int_equal(secret_file_make(path, 32), 0);
	assert_int_equal(secret_file_read(path, first, 32), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(secret_file_make(path, 32), 0); /* the first stays */
	assert_int_equal(secret_file_read(path, again, 32), 0);
	assert_memory_equal(first, again, 32);
	unlink(path);
}

static void test_of_many_that_start_at_once_all_get_the_same(void **state)
{
	uint8_t key[8][16];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			bool good = !secret_file_make(path, 16) && !secret_file_read(path, key[0], 16);

			_exit(good && write(ends[1], key[0], 16) == 16 ? 0 : 1);
		}
	for (int i = 0, status; i < 8; i++) {
		assert_true(wait(&status) > 0 && status == 0);
		assert_int_equal(read(ends[0], key[i], 16), 16);
		assert_memory_equal(key[0], key[i], 16);
	}
	close(ends[0]);
	close(ends[1]);
	unlink(path);
}

static void test_what_others_may_read_or_what_is_no_key_is_refused(void **state)
{
	static const char *const wrong[] = { "", "00112233", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeefg\n",
					     "00112233445566778899aabbccddeeff0\n" };
	uint8_t key[16], untouched[16] = { 0 };

	(void)state;
	write_file("00112233445566778899aabbccddeeff\n", 0640);
	memset(key, 0, sizeof key);
	assert_int_equal(secret_file_read(path, key, 16), -EPERM);
	assert_memory_equal(key, untouched, 16);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		write_file(wrong[i], 0600);
		assert_int_equal(secret_file_read(path, key, 16), -EINVAL);
	}
	write_file("00112233445566778899AABBCCDDEEFF", 0600);
	assert_int_equal(secret_file_read(path, key, 16), 0);
	assert_int_equal(key[15], 0xff);
	unlink(path);
	assert_int_not_equal(secret_file_make("/proc/no/such/place", 16), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_made_once_and_read_back),
		cmocka_unit_test(test_of_many_that_start_at_once_all_get_the_same),
		cmocka_unit_test(test_what_others_may_read_or_what_is_no_key_is_refused),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/secret", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
