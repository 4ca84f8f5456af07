// SPDX-License-Identifier: Apache-2.0
/* The loss algorithm and its priorities, reports that come late, and when a queue is overload. [RFC 7683 5.2, 6.3; RFC 7944] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "common/diameter/command.h"
#include "common/diameter/load.h"
#include "common/diameter/shed.h"
#include <string.h>

#define MS 1000000ull

static void the_least_goes_first_and_makes_up_the_per_cent(void **state)
{
	unsigned count[DRMP_LOWEST + 1] = { [0] = 10, [2] = 10, [5] = 20, [10] = 40, [15] = 20 }, part[DRMP_LOWEST + 1];

	(void)state;
	shed_parts(10, count, part);
	assert_int_equal(part[15], 50);
	assert_int_equal(part[10], 0);
	shed_parts(40, count, part);
	assert_int_equal(part[15], 100);
	assert_int_equal(part[10], 50);
	assert_int_equal(part[5], 0);
	shed_parts(90, count, part);
	assert_int_equal(part[10], 100);
	assert_int_equal(part[5], 100);
	assert_int_equal(part[2], 0); /* never */
	assert_int_equal(part[0], 0);
	shed_parts(0, count, part);
	for (int i = 0; i <= DRMP_LOWEST; i++)
		assert_int_equal(part[i], 0);
}

static void what_is_dropped_is_the_per_cent_asked_for(void **state)
{
	struct shed *s = shed_new();
	int dropped = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		dropped += shed_drop(s, 30, DRMP_DEFAULT);
		assert_false(shed_drop(s, 100, DRMP_HIGHEST));
		assert_false(shed_drop(s, 100, DRMP_KEPT));
	}
	assert_in_range(dropped, 2700, 3300);
	shed_free(s);
}

static struct overload_report report(uint64_t sequence, uint32_t reduction, uint32_t validity_s)
{
	return (struct overload_report){ .sequence = sequence, .has_reduction = true, .reduction = reduction, .has_validity_s = true,
					 .validity_s = validity_s };
}

static void an_older_report_says_nothing(void **state)
{
	struct shed *s = shed_new();
	struct overload_report r = report(7, 20, 60), older = report(6, 90, 60), wrong = report(9, 101, 60), end = report(8, 0, 0);

	(void)state;
	assert_false(shed_in_use(s));
	shed_learn(s, "hss.ims.test", &r);
	assert_true(shed_in_use(s));
	shed_learn(s, "hss.ims.test", &older);
	shed_learn(s, "HSS.ims.test", &wrong);
	assert_int_equal(shed_reduction(s, "hss.ims.test"), 20);
	assert_int_equal(shed_reduction(s, "hss2.ims.test"), 0);
	shed_learn(s, "hss.ims.test", &end);
	assert_int_equal(shed_reduction(s, "hss.ims.test"), 0);
	shed_learn(s, "hss.ims.test", &older); /* that one is over: after a restart a host begins anew */
	assert_int_equal(shed_reduction(s, "hss.ims.test"), 90);
	shed_free(s);
}

static void only_a_queue_that_stands_is_overload(void **state)
{
	(void)state;
	assert_int_equal(load_next(0, 99 * MS, 100 * MS), 0);
	assert_int_equal(load_next(0, 101 * MS, 100 * MS), 10);
	assert_int_equal(load_next(50, 101 * MS, 100 * MS), 60);
	assert_int_equal(load_next(90, 5000 * MS, 100 * MS), 90); /* some always come, to see by */
	assert_int_equal(load_next(50, 60 * MS, 100 * MS), 50);
	assert_int_equal(load_next(50, 40 * MS, 100 * MS), 40);
	assert_int_equal(load_next(10, 0, 100 * MS), 0);
}

static void what_matters_waits_longer(void **state)
{
	(void)state;
	assert_true(overload_limit_ns(1000, DRMP_KEPT) == UINT64_MAX);
	assert_true(overload_limit_ns(1000, 5) == 2000 * MS);
	assert_true(overload_limit_ns(1000, DRMP_DEFAULT) == 1000 * MS);
	assert_true(overload_limit_ns(1000, DRMP_LOWEST) == 500 * MS);
}

static enum drmp of(uint32_t code, const void *question)
{
	return command_priority(command_find(APPLICATION_CX, code), question);
}

static void emergencies_and_deregistrations_matter_most(void **state)
{
	static const enum cx_assignment leaving[] = { CX_TIMEOUT_DEREGISTRATION, CX_USER_DEREGISTRATION, CX_ADMINISTRATIVE_DEREGISTRATION,
						      CX_AUTHENTICATION_FAILURE, CX_AUTHENTICATION_TIMEOUT };

	(void)state;
	assert_int_equal(of(CX_UAR, &(struct cx_uar){ .emergency = true }), DRMP_HIGHEST);
	assert_true(of(CX_UAR, &(struct cx_uar){ .authorization = CX_DEREGISTRATION }) <= DRMP_KEPT);
	for (size_t i = 0; i < ARRAY_LEN(leaving); i++)
		assert_true(of(CX_SAR, &(struct cx_sar){ .assignment = leaving[i] }) <= DRMP_KEPT);
	assert_int_equal(of(CX_UAR, &(struct cx_uar){ .authorization = CX_REGISTRATION }), DRMP_DEFAULT);
	assert_true(of(CX_SAR, &(struct cx_sar){ .assignment = CX_ASSIGN_REGISTRATION }) < DRMP_DEFAULT); /* it is half done */
	assert_true(of(CX_LIR, &(struct cx_lir){ 0 }) < of(CX_MAR, &(struct cx_mar){ 0 }));              /* calls first */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_goes_first_and_makes_up_the_per_cent),
		cmocka_unit_test(what_is_dropped_is_the_per_cent_asked_for),
		cmocka_unit_test(an_older_report_says_nothing),
		cmocka_unit_test(only_a_queue_that_stands_is_overload),
		cmocka_unit_test(what_matters_waits_longer),
		cmocka_unit_test(emergencies_and_deregistrations_matter_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
