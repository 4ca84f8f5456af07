// SPDX-License-Identifier: Apache-2.0
/* Local state: it survives a kill, not a reboot. */
#include "common/keep.h"
#include "common/log.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { SIZE = 4 << 20 };

static char dir[] = "/tmp/minims-keep-XXXXXX";
static char path[64];

static struct bytes text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static struct keep *open_keep(void)
{
	struct keep *k = NULL;

	assert_int_equal(keep_open(path, SIZE, &k), 0);
	return k;
}

static void append(void *context, const char *key, struct bytes value)
{
	char *all = context;

	snprintf(all + strlen(all), 256 - strlen(all), "%s=%.*s;", key, (int)value.len, (const char *)value.data);
}

static const char *all_of(struct keep *k, const char *table)
{
	static char all[256];

	*all = 0;
	assert_int_equal(keep_each(k, table, append, all), 0);
	return all;
}

static void test_put_replace_remove(void **state)
{
	struct keep *k = open_keep();
	struct stat st;

	(void)state;
	assert_string_equal(all_of(k, "binding"), "");
	assert_int_equal(keep_remove(k, "binding", "nobody"), 0);
	assert_int_equal(keep_put(k, "binding", "alice", text("1")), 0);
	assert_int_equal(keep_put(k, "binding", "bob", text("2")), 0);
	assert_int_equal(keep_put(k, "binding", "alice", text("3")), 0);
	assert_int_equal(keep_put(k, "nonce", "alice", text("n")), 0);
	assert_string_equal(all_of(k, "binding"), "alice=3;bob=2;");
	assert_int_equal(keep_remove(k, "binding", "bob"), 0);
	assert_int_equal(keep_remove(k, "binding", "bob"), 0);
	assert_string_equal(all_of(k, "binding"), "alice=3;");
	assert_string_equal(all_of(k, "nonce"), "alice=n;");
	keep_close(k);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void test_a_killed_process_loses_nothing(void **state)
{
	struct keep *k;
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		k = open_keep();
		keep_put(k, "dialog", "a", text("kept"));
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	k = open_keep();
	assert_string_equal(all_of(k, "dialog"), "a=kept;");
	keep_close(k);
}

static void test_what_is_of_another_boot_is_thrown_away(void **state)
{
	struct keep *k = open_keep();
	char boot[80];
	FILE *f;

	(void)state;
	keep_put(k, "dialog", "a", text("old"));
	keep_close(k);
	snprintf(boot, sizeof boot, "%s/boot", path);
	f = fopen(boot, "w");
	fputs("another\n", f);
	fclose(f);
	k = open_keep();
	assert_string_equal(all_of(k, "dialog"), "");
	keep_close(k);
}

static void test_a_full_store_says_so_and_keeps_the_old_value(void **state)
{
	struct keep *k = open_keep();
	char *big = calloc(1, SIZE);

	(void)state;
	assert_int_equal(keep_put(k, "full", "a", text("old")), 0);
	assert_int_equal(keep_put(k, "full", "a", (struct bytes){ (uint8_t *)big, SIZE }), -ENOSPC);
	assert_string_equal(all_of(k, "full"), "a=old;");
	free(big);
	keep_close(k);
}

static void test_a_damaged_file_is_replaced(void **state)
{
	char data[80];
	struct keep *k;
	FILE *f;

	(void)state;
	keep_close(open_keep());
	snprintf(data, sizeof data, "%s/data.mdb", path);
	f = fopen(data, "w");
	for (int i = 0; i < 8192; i++)
		fputc('x', f);
	fclose(f);
	k = open_keep();
	assert_int_equal(keep_put(k, "t", "a", text("1")), 0);
	keep_close(k);
}

static void test_an_impossible_key_is_an_error(void **state)
{
	struct keep *k = open_keep();

	(void)state;
	assert_int_equal(keep_put(k, "t", "", text("1")), -EINVAL);
	keep_close(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_replace_remove),
		cmocka_unit_test(test_a_killed_process_loses_nothing),
		cmocka_unit_test(test_what_is_of_another_boot_is_thrown_away),
		cmocka_unit_test(test_a_full_store_says_so_and_keeps_the_old_value),
		cmocka_unit_test(test_a_damaged_file_is_replaced),
		cmocka_unit_test(test_an_impossible_key_is_an_error),
	};
	char command[96];
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/deep/state", dir);
	log_open("/dev/null", LOG_ERROR);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command) ? 1 : failed;
}
