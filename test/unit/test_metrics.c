// SPDX-License-Identifier: Apache-2.0
/* What /metrics says about what was counted. */
#include "common/metrics.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void assert_says(const char *line)
{
	char *text = metrics_text();

	assert_non_null(text);
	if (!strstr(text, line))
		fail_msg("no '%s' in:\n%s", line, text);
	free(text);
}

static void test_a_counter_shows_its_labels_and_its_sum(void **state)
{
	struct metric *m = metric_counter("minims_test_total", "method,code", "For the test");

	(void)state;
	metric_add(metric_cell(m, "INVITE", "200"), 2);
	metric_add(metric_cell(m, "INVITE", "200"), 1);
	assert_int_equal(metric_read(metric_cell(m, "INVITE", "200")), 3);
	assert_says("# HELP minims_test_total For the test\n# TYPE minims_test_total counter\n"
		    "minims_test_total{method=\"INVITE\",code=\"200\"} 3\n");
}

static void test_a_gauge_without_labels(void **state)
{
	(void)state;
	metric_set(metric_cell(metric_gauge("minims_test_now", "", "x"), NULL, NULL), -7);
	assert_says("\nminims_test_now -7\n");
}

static void test_a_histogram_is_cumulative_in_seconds(void **state)
{
	struct metric_cell *c = metric_cell(metric_histogram("minims_test_seconds", "procedure", "x"), "p", NULL);

	(void)state;
	metric_observe_ns(c, 900000);
	metric_observe_ns(c, 3000000);
	metric_observe_ns(c, 60000000000);
	assert_says("minims_test_seconds_bucket{procedure=\"p\",le=\"0.001\"} 1\n");
	assert_says("minims_test_seconds_bucket{procedure=\"p\",le=\"10\"} 2\n");
	assert_says("minims_test_seconds_bucket{procedure=\"p\",le=\"+Inf\"} 3\n");
	assert_says("minims_test_seconds_sum{procedure=\"p\"} 60.003900000\n");
	assert_says("minims_test_seconds_count{procedure=\"p\"} 3\n");
}

static void test_a_strange_label_value_cannot_break_the_text(void **state)
{
	(void)state;
	metric_add(metric_cell(metric_counter("minims_test_strange", "method", "x"), "A\"\\\nB", NULL), 1);
	assert_says("minims_test_strange{method=\"A\\\"\\\\\\nB\"} 1\n");
}

static void test_values_without_end_fall_into_other(void **state)
{
	struct metric *m = metric_counter("minims_test_many", "method", "x");
	char name[16];

	(void)state;
	for (int i = 0; i < 1010; i++) {
		snprintf(name, sizeof name, "M%d", i);
		metric_add(metric_cell(m, name, NULL), 1);
	}
	assert_says("minims_test_many{method=\"other\"} 10\n");
}

static void *count(void *cell)
{
	for (int i = 0; i < 100000; i++)
		metric_add(cell, 1);
	return NULL;
}

static void test_threads_lose_no_count(void **state)
{
	struct metric_cell *c = metric_cell(metric_counter("minims_test_threads", "", "x"), NULL, NULL);
	pthread_t a, b;

	(void)state;
	pthread_create(&a, NULL, count, c);
	pthread_create(&b, NULL, count, c);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	assert_int_equal(metric_read(c), 200000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_counter_shows_its_labels_and_its_sum),
		cmocka_unit_test(test_a_gauge_without_labels),
		cmocka_unit_test(test_a_histogram_is_cumulative_in_seconds),
		cmocka_unit_test(test_a_strange_label_value_cannot_break_the_text),
		cmocka_unit_test(test_values_without_end_fall_into_other),
		cmocka_unit_test(test_threads_lose_no_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
