// SPDX-License-Identifier: Apache-2.0
/* Sealed tokens: what comes back, and what does not. */
#include "common/log.h"
#include "common/token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[] = "/tmp/minims-token-XXXXXX";
static char path[64], previous[80];
static struct token_key *key;

static const struct bytes plain = { (const uint8_t *)"udp 127.0.0.9:5070\0with a NUL", 29 };

static int seal(char *text)
{
	int n = token_seal(key, "path", plain, text, TOKEN_TEXT_MAX(29));

	assert_true(n > 0);
	assert_int_equal(strlen(text), n);
	return n;
}

static void test_what_was_sealed_opens(void **state)
{
	char text[TOKEN_TEXT_MAX(29)];
	uint8_t out[29];
	int n = seal(text);

	(void)state;
	assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), n);
	assert_int_equal(token_open(key, "path", text, (size_t)n, out, sizeof out), 29);
	assert_memory_equal(out, plain.data, 29);
	assert_int_equal(token_open(key, "path", text, (size_t)n, out, 28), -ENOSPC);
}

static void test_every_length_opens_and_two_seals_differ(void **state)
{
	char a[TOKEN_TEXT_MAX(64)], b[TOKEN_TEXT_MAX(64)];
	uint8_t in[64] = { 0 }, out[64];

	(void)state;
	for (size_t n = 0; n <= sizeof in; n++) {
		int len = token_seal(key, "x", (struct bytes){ in, n }, a, sizeof a);

		assert_int_equal(token_seal(key, "x", (struct bytes){ in, n }, b, sizeof b), len);
		assert_string_not_equal(a, b);
		assert_int_equal(token_open(key, "x", a, (size_t)len, out, sizeof out), n);
		assert_memory_equal(in, out, n);
	}
}

static void test_another_purpose_does_not_open(void **state)
{
	char text[TOKEN_TEXT_MAX(29)];
	uint8_t out[64];
	int n = seal(text);

	(void)state;
	assert_int_equal(token_open(key, "record-route", text, (size_t)n, out, sizeof out), -EBADMSG);
}

static void test_any_changed_or_cut_character_is_noticed(void **state)
{
	char text[TOKEN_TEXT_MAX(29)];
	uint8_t out[64];
	int n = seal(text);

	(void)state;
	for (int i = 0; i < n; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(token_open(key, "path", text, (size_t)n, out, sizeof out), -EBADMSG);
		text[i] = '%';
		assert_int_equal(token_open(key, "path", text, (size_t)n, out, sizeof out), -EBADMSG);
		text[i] = was;
		assert_int_equal(token_open(key, "path", text, (size_t)i, out, sizeof out), -EBADMSG);
	}
}

static void test_the_key_file_is_ours_alone_and_kept(void **state)
{
	char text[TOKEN_TEXT_MAX(29)];
	uint8_t out[64];
	struct token_key *again;
	struct stat st;
	int n = seal(text);

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(token_key_load(path, &again), 0);
	assert_int_equal(token_open(again, "path", text, (size_t)n, out, sizeof out), 29);
	token_key_free(again);
	chmod(path, 0640);
	assert_int_equal(token_key_load(path, &again), -EPERM);
	chmod(path, 0600);
}

static void test_a_token_of_the_previous_key_still_opens(void **state)
{
	char text[TOKEN_TEXT_MAX(29)];
	uint8_t out[64];
	struct token_key *fresh;
	int n = seal(text);

	(void)state;
	assert_int_equal(rename(path, previous), 0);
	assert_int_equal(token_key_load(path, &fresh), 0);
	assert_int_equal(token_open(fresh, "path", text, (size_t)n, out, sizeof out), 29);
	token_key_free(fresh);
	unlink(previous);
	assert_int_equal(token_key_load(path, &fresh), 0);
	assert_int_equal(token_open(fresh, "path", text, (size_t)n, out, sizeof out), -EBADMSG);
	token_key_free(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_sealed_opens),
		cmocka_unit_test(test_every_length_opens_and_two_seals_differ),
		cmocka_unit_test(test_another_purpose_does_not_open),
		cmocka_unit_test(test_any_changed_or_cut_character_is_noticed),
		cmocka_unit_test(test_the_key_file_is_ours_alone_and_kept),
		cmocka_unit_test(test_a_token_of_the_previous_key_still_opens),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof path, "%s/deep/key", dir);
	snprintf(previous, sizeof previous, "%s.previous", path);
	log_open(NULL, LOG_ERROR);
	if (token_key_load(path, &key))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	token_key_free(key);
	unlink(path);
	*strrchr(path, '/') = 0;
	rmdir(path);
	rmdir(dir);
	return failed;
}
