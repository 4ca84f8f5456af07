// SPDX-License-Identifier: Apache-2.0
/* The main thread's libuv loop, and a queue into it: posting appends to a list under a short lock and wakes the loop. */
#include "common/loop.h"
#include <pthread.h>
#include <stdlib.h>

struct post {
	struct post *next;
	void (*fn)(void *arg);
	void *arg;
};

struct loop {
	uv_loop_t uv;
	uv_async_t wake;
	pthread_mutex_t lock;
	struct post *first, **last; /* under lock */
};

static struct post *take_all(struct loop *l)
{
	struct post *list;

	pthread_mutex_lock(&l->lock);
	list = l->first;
	l->first = NULL;
	l->last = &l->first;
	pthread_mutex_unlock(&l->lock);
	return list;
}

static void on_wake(uv_async_t *wake)
{
	struct post *p = take_all(CONTAINER_OF(wake, struct loop, wake));

	while (p) {
		struct post *next = p->next;

		p->fn(p->arg);
		free(p);
		p = next;
	}
}

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	if (uv_loop_init(&l->uv)) {
		free(l);
		return NULL;
	}
	if (uv_async_init(&l->uv, &l->wake, on_wake)) {
		uv_loop_close(&l->uv);
		free(l);
		return NULL;
	}
	uv_unref((uv_handle_t *)&l->wake);
	pthread_mutex_init(&l->lock, NULL);
	l->last = &l->first;
	return l;
}

static void close_handle(uv_handle_t *h, void *unused)
{
	(void)unused;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	on_wake(&l->wake); /* what was posted last still runs: its argument is owned by it */
	uv_walk(&l->uv, close_handle, NULL);
	while (uv_loop_close(&l->uv) == UV_EBUSY)
		uv_run(&l->uv, UV_RUN_DEFAULT); /* a uv_stop() of before ends the first turn early */
	pthread_mutex_destroy(&l->lock);
	free(l);
}

uv_loop_t *loop_uv(struct loop *l)
{
	return &l->uv;
}

int loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct post *p = malloc(sizeof *p);

	if (!p)
		return -ENOMEM;
	*p = (struct post){ .fn = fn, .arg = arg };
	pthread_mutex_lock(&l->lock);
	*l->last = p;
	l->last = &p->next;
	pthread_mutex_unlock(&l->lock);
	uv_async_send(&l->wake);
	return 0;
}
