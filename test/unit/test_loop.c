// SPDX-License-Identifier: Apache-2.0
/* The way into the main loop from other threads. */
#include "common/loop.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { POSTS = 1000 };

struct order {
	struct loop *loop;
	int next, ran, wrong;
};

struct step {
	struct order *order;
	int number;
};

static void run_step(void *arg)
{
	struct step *s = arg;

	if (s->number != s->order->next++)
		s->order->wrong++;
	if (++s->order->ran == POSTS)
		uv_stop(loop_uv(s->order->loop));
	free(s);
}

static void *post_all(void *arg)
{
	struct order *o = arg;

	for (int i = 0; i < POSTS; i++) {
		struct step *s = malloc(sizeof *s);

		*s = (struct step){ o, i };
		loop_post(o->loop, run_step, s);
	}
	return NULL;
}

static void on_timer(uv_timer_t *t)
{
	uv_stop(t->loop);
}

static void test_posts_of_another_thread_run_in_order(void **state)
{
	struct order o = { .loop = loop_new() };
	uv_timer_t limit;
	pthread_t t;

	(void)state;
	uv_timer_init(loop_uv(o.loop), &limit); /* keeps the loop alive, ends a hanging test */
	uv_timer_start(&limit, on_timer, 10000, 0);
	pthread_create(&t, NULL, post_all, &o);
	uv_run(loop_uv(o.loop), UV_RUN_DEFAULT);
	pthread_join(t, NULL);
	assert_int_equal(o.ran, POSTS);
	assert_int_equal(o.wrong, 0);
	loop_free(o.loop);
}

static void test_what_was_posted_before_the_end_still_runs(void **state)
{
	struct order o = { .loop = loop_new() };

	(void)state;
	post_all(&o);
	loop_free(o.loop);
	assert_int_equal(o.ran, POSTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posts_of_another_thread_run_in_order),
		cmocka_unit_test(test_what_was_posted_before_the_end_still_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
