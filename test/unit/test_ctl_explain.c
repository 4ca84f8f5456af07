// SPDX-License-Identifier: Apache-2.0
/* What follows from what the daemons know about a user, and the advice for it. */
// with: ctl/advice.c
// with: ctl/client.c
// with: ctl/facts.c
// with: ctl/name.c
// with: ctl/node.c
// with: ctl/settings.c
// with: ctl/options.c hss/key/key_source.c
#include "ctl/advice.h"
#include "ctl/facts.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static json_t *event(const char *id, const char *daemon, int result, const char *time)
{
	return json_pack("{s:s, s:s, s:i, s:s}", "id", id, "daemon", daemon, "result", result, "time", time);
}

static enum verdict judge(json_t *failure, json_t *last, bool provisioned, bool registered)
{
	struct facts f = { .failure = failure, .last = last, .subscriber = provisioned ? json_object() : NULL, .asked_hss = true,
			   .registrations = registered ? json_pack("[{}]") : json_array(), .names = json_array() };
	enum verdict v = facts_verdict(&f);

	facts_free(&f);
	return v;
}

static void test_a_failure_counts_until_something_newer_goes_well(void **state)
{
	(void)state;
	assert_int_equal(judge(event("a", "scscf", 403, "2026-01-01T10:00:00"), event("a", "pcscf", 403, "2026-01-01T10:00:01"), true, false), VERDICT_FAILED);
	assert_int_equal(judge(event("a", "scscf", 403, "2026-01-01T10:00:00"), event("b", "pcscf", 200, "2026-01-01T10:00:09"), true, true), VERDICT_WELL);
	assert_int_equal(judge(event("b", "scscf", 403, "2026-01-01T10:00:09"), event("a", "pcscf", 200, "2026-01-01T10:00:00"), true, true), VERDICT_FAILED);
	assert_int_equal(judge(NULL, event("a", "pcscf", 486, "2026-01-01T10:00:00"), true, true), VERDICT_FAILED);
	assert_int_equal(judge(NULL, event("a", "pcscf", 487, "2026-01-01T10:00:00"), true, true), VERDICT_WELL);
}

static void test_a_challenge_without_an_answer_is_told(void **state)
{
	(void)state;
	assert_int_equal(judge(NULL, event("a", "pcscf", 401, "2026-01-01T10:00:00"), true, false), VERDICT_UNANSWERED);
	assert_int_equal(judge(NULL, event("a", "pcscf", 401, "2026-01-01T10:00:00"), true, true), VERDICT_WELL);
}

static void test_who_did_nothing_is_told_from_who_is_nobody(void **state)
{
	(void)state;
	assert_int_equal(judge(NULL, NULL, true, false), VERDICT_IDLE);
	assert_int_equal(judge(NULL, NULL, false, false), VERDICT_UNKNOWN);
	assert_int_equal(judge(NULL, NULL, true, true), VERDICT_WELL);
}

static void test_of_one_procedure_the_deepest_daemon_knows_best(void **state)
{
	json_t *hss = event("a", "hss", 5001, "2026-01-01T10:00:00"), *icscf = event("a", "icscf", 403, "2026-01-01T10:00:01");
	json_t *later = event("b", "icscf", 403, "2026-01-01T10:00:02");

	(void)state;
	assert_ptr_equal(failure_better(icscf, hss), hss);
	assert_ptr_equal(failure_better(hss, icscf), hss);
	assert_ptr_equal(failure_better(hss, later), later);
	assert_ptr_equal(failure_better(NULL, hss), hss);
	json_decref(hss);
	json_decref(icscf);
	json_decref(later);
}

static void test_the_advice_fits_the_words_of_the_daemons(void **state)
{
	static const struct { const char *why, *scheme, *part; } cases[] = {
		{ "the public identity is not provisioned", "", "No subscriber" },
		{ "HSS refuses sip:x@y: DIAMETER_ERROR_USER_UNKNOWN", "", "does not know" },
		{ "wrong password or key for a@b", "digest", "password" },
		{ "wrong password or key for a@b, 3 times", "aka", "OPc" },
		{ "AUTS does not verify: K or OPc differ from the USIM's", "aka", "SQN" },
		{ "the subscriber has no credentials", "", "neither password nor key" },
		{ "HSS gives no vector for a@b: DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED", "", "scheme" },
		{ "HSS not reached: Connection timed out", "", "HSS did not answer" },
		{ "not registered: sip:bob@ims.test", "", "not registered" },
		{ "caller barred: sip:a@b", "", "barred" },
		{ "the I-CSCF does not answer", "", "no I-CSCF" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct advice *a = advice_of_why(cases[i].why, cases[i].scheme);

		assert_non_null(a);
		assert_non_null(strstr(a->cause, cases[i].part));
		assert_true(*a->todo);
	}
	assert_null(advice_of_why("words that nobody says", ""));
	assert_non_null(advice_of_status(486));
	assert_null(advice_of_status(299));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failure_counts_until_something_newer_goes_well),
		cmocka_unit_test(test_a_challenge_without_an_answer_is_told),
		cmocka_unit_test(test_who_did_nothing_is_told_from_who_is_nobody),
		cmocka_unit_test(test_of_one_procedure_the_deepest_daemon_knows_best),
		cmocka_unit_test(test_the_advice_fits_the_words_of_the_daemons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
