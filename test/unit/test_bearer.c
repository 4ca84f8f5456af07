// SPDX-License-Identifier: Apache-2.0
/* The tokens file: written, read back, refused where it is wrong or open to others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "common/bearer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/minims-bearer-XXXXXX";

static void write_text(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
}

static void expect_wrong(const char *text, unsigned where)
{
	struct bearer *list = NULL;
	unsigned line = 0;
	size_t n;

	write_text(text);
	assert_int_equal(bearer_read(path, &list, &n, &line), -EINVAL);
	assert_int_equal(line, where);
	assert_null(list);
}

#define DIGEST "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* of "abc" [FIPS 180-4 examples] */

static void test_what_is_written_is_read_back(void **state)
{
	struct bearer in[2] = { { .name = "nightly", .role = "provisioner", .expires_s = 1801440000 }, { .name = "eye", .role = "reader" } }, *out;
	unsigned line;
	struct stat st;
	size_t n;

	(void)state;
	bearer_digest("abc", in[0].digest);
	assert_int_equal(bearer_write(path, in, 2), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(bearer_read(path, &out, &n, &line), 0);
	assert_int_equal(n, 2);
	assert_memory_equal(out, in, sizeof in);
	free(out);
}

static void test_a_file_by_hand_may_have_comments_and_days(void **state)
{
	struct bearer *out, want = { .expires_s = 0 };
	unsigned line;
	size_t n;

	(void)state;
	bearer_digest("abc", want.digest);
	write_text("# mine\n\n  a\treader " DIGEST " 2027-01-31 # until the audit\nb.c-d_1 security " DIGEST);
	assert_int_equal(bearer_read(path, &out, &n, &line), 0);
	assert_int_equal(n, 2);
	assert_int_equal(out[0].expires_s, 1801353600);
	assert_string_equal(out[1].name, "b.c-d_1");
	assert_memory_equal(out[1].digest, want.digest, BEARER_DIGEST);
	free(out);
}

static void test_a_wrong_line_is_told(void **state)
{
	(void)state;
	expect_wrong("a reader\n", 1);
	expect_wrong("a reader " DIGEST "\nb reader 12\n", 2);
	expect_wrong("a reader " DIGEST " tomorrow\n", 1);
	expect_wrong("a reader " DIGEST " 2027-01-31 x\n", 1);
	expect_wrong("a/b reader " DIGEST "\n", 1);
	expect_wrong("a reader " DIGEST "0\n", 1);
}

static void test_a_file_that_others_may_read_is_refused(void **state)
{
	struct bearer *out;
	unsigned line;
	size_t n;

	(void)state;
	write_text("a reader " DIGEST "\n");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(bearer_read(path, &out, &n, &line), -EPERM);
	unlink(path);
	assert_int_equal(bearer_read(path, &out, &n, &line), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read_back), cmocka_unit_test(test_a_file_by_hand_may_have_comments_and_days),
		cmocka_unit_test(test_a_wrong_line_is_told), cmocka_unit_test(test_a_file_that_others_may_read_is_refused),
	};
	int fd = mkstemp(path), failed;

	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
