// SPDX-License-Identifier: Apache-2.0
/* The log's promises: one line an event, nothing below the level, nothing that breaks a line, a file that can be rotated. */
#include "common/log.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[] = "/tmp/minims-log-XXXXXX";
static char path[64], rotated[64];

static char *contents(const char *file)
{
	static char text[8192];
	FILE *f = fopen(file, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = 0;
	return text;
}

static void test_an_event_is_one_line_with_level_and_subject(void **state)
{
	(void)state;
	assert_int_equal(log_open(path, LOG_INFO), 0);
	log_event(LOG_INFO, "scscf.registration", "impu=%s expires=%u", "sip:alice@ims.test", 600u);
	log_event(LOG_DEBUG, "scscf.registration", "not wanted");
	assert_non_null(strstr(contents(path), "Z info scscf.registration impu=sip:alice@ims.test expires=600\n"));
	assert_null(strstr(contents(path), "not wanted"));
}

static void test_line_breaks_and_controls_of_a_value_are_escaped(void **state)
{
	(void)state;
	log_event(LOG_WARN, "x", "from=%s", "a\r\nb\x1b[2J");
	assert_non_null(strstr(contents(path), "warn x from=a\\r\\nb\\x1b[2J\n"));
}

static void test_an_endless_value_is_cut_and_the_line_ends(void **state)
{
	char longer[5000];

	(void)state;
	memset(longer, '\n', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	log_event(LOG_WARN, "x", "%s", longer);
	log_event(LOG_WARN, "x", "after");
	assert_non_null(strstr(contents(path), "\\n\n"));
	assert_non_null(strstr(contents(path), "warn x after\n"));
}

static void test_reopening_follows_a_rotation(void **state)
{
	(void)state;
	assert_int_equal(rename(path, rotated), 0);
	log_event(LOG_INFO, "x", "still the old file");
	assert_int_equal(log_open(path, LOG_INFO), 0);
	log_event(LOG_INFO, "x", "the new file");
	assert_non_null(strstr(contents(rotated), "still the old file"));
	assert_non_null(strstr(contents(path), "the new file"));
	assert_null(strstr(contents(path), "still"));
}

static void test_a_file_that_cannot_be_opened_keeps_the_old_one(void **state)
{
	(void)state;
	assert_int_equal(log_open("/nowhere/at/all", LOG_INFO), -ENOENT);
	log_event(LOG_INFO, "x", "kept");
	assert_non_null(strstr(contents(path), "kept"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_event_is_one_line_with_level_and_subject),
		cmocka_unit_test(test_line_breaks_and_controls_of_a_value_are_escaped),
		cmocka_unit_test(test_an_endless_value_is_cut_and_the_line_ends),
		cmocka_unit_test(test_reopening_follows_a_rotation),
		cmocka_unit_test(test_a_file_that_cannot_be_opened_keeps_the_old_one),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/log", dir);
	snprintf(rotated, sizeof rotated, "%s/log.1", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	unlink(rotated);
	rmdir(dir);
	return failed;
}
