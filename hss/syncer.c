// SPDX-License-Identifier: Apache-2.0
/* The disk's part of a commit, on a thread of its own.
 *
 *   writer: transaction 1 ─▶ commit ─▶ transaction 2 ─▶ commit ─▶ transaction 3 ...
 *   syncer:                    └─▶ on the disk ─▶ tell ─▶ └─▶ on the disk, with all that was committed meanwhile ─▶ tell
 *
 * A disk that fails here has lost what is committed, and nobody can say how much: the process ends, nobody having been told, and the
 * next one finds in the store what is there. */
#include "hss/syncer.h"
#include "common/log.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 8 };

struct syncer {
	struct store *store;
	void (*told)(void *context, struct write_job *group);
	void *context;
	atomic_uint open;                    /* commits that may be seen and are not on the disk */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more, room;
	struct write_job *first, **last;     /* of groups, by next_group */
	unsigned groups;
	uint64_t since_ns;                   /* the oldest of those that are being written */
	bool works, ends, gone;
};

static struct write_job *take(struct syncer *y)
{
	struct write_job *groups;

	pthread_mutex_lock(&y->lock);
	y->works = false;
	while (!y->first && !y->ends)
		pthread_cond_wait(&y->more, &y->lock);
	groups = y->first;
	y->first = NULL;
	y->last = &y->first;
	y->groups = 0;
	y->works = groups != NULL;
	y->gone = !groups;
	y->since_ns = groups ? groups->since_ns : 0;
	pthread_cond_signal(&y->room);
	pthread_mutex_unlock(&y->lock);
	return groups;
}

static void tell(struct syncer *y, struct write_job *groups)
{
	for (struct write_job *g = groups; g; g = g->next_group)
		if (g->run)
			atomic_fetch_sub(&y->open, 1);
	for (struct write_job *g = groups, *next; g; g = next) {
		next = g->next_group;
		y->told(y->context, g);
	}
}

static void *turn(void *arg)
{
	struct syncer *y = arg;
	struct write_job *groups;
	int err;

	while ((groups = take(y))) {
		err = store_sync(y->store);
		if (err) {
			log_event(LOG_ERROR, "hss.syncer", "error=\"%s\" what was committed is not on the disk: this process ends", strerror(-err));
			abort();
		}
		tell(y, groups);
	}
	return NULL;
}

void syncer_expect(struct syncer *y)
{
	atomic_fetch_add(&y->open, 1);
}

void syncer_forget(struct syncer *y)
{
	atomic_fetch_sub(&y->open, 1);
}

/* Under the lock. */
static void add(struct syncer *y, struct write_job *group)
{
	group->next_group = NULL;
	*y->last = group;
	y->last = &group->next_group;
	y->groups++;
	pthread_cond_signal(&y->more);
}

void syncer_add(struct syncer *y, struct write_job *group)
{
	pthread_mutex_lock(&y->lock);
	while (y->groups >= GROUPS_MAX)
		pthread_cond_wait(&y->room, &y->lock);
	add(y, group);
	pthread_mutex_unlock(&y->lock);
}

bool syncer_join(struct syncer *y, struct write_job *j)
{
	bool waits;

	if (!atomic_load(&y->open))
		return false;
	*j = (struct write_job){ .done = j->done, .since_ns = clock_ns() };
	pthread_mutex_lock(&y->lock);
	waits = !y->gone;
	if (waits)
		add(y, j);
	pthread_mutex_unlock(&y->lock);
	return waits;
}

bool syncer_idle(struct syncer *y)
{
	bool idle;

	pthread_mutex_lock(&y->lock);
	idle = !y->works && !y->first;
	pthread_mutex_unlock(&y->lock);
	return idle;
}

uint64_t syncer_since_ns(struct syncer *y)
{
	uint64_t since;

	pthread_mutex_lock(&y->lock);
	since = y->works ? y->since_ns : y->first ? y->first->since_ns : 0;
	pthread_mutex_unlock(&y->lock);
	return since;
}

int syncer_new(struct store *s, void (*told)(void *context, struct write_job *group), void *context, struct syncer **out)
{
	struct syncer *y = calloc(1, sizeof *y);

	if (!y)
		return -ENOMEM;
	y->store = s;
	y->told = told;
	y->context = context;
	y->last = &y->first;
	pthread_mutex_init(&y->lock, NULL);
	pthread_cond_init(&y->more, NULL);
	pthread_cond_init(&y->room, NULL);
	if (pthread_create(&y->thread, NULL, turn, y)) {
		free(y);
		return -EAGAIN;
	}
	*out = y;
	return 0;
}

void syncer_end(struct syncer *y)
{
	bool first;

	if (!y)
		return;
	pthread_mutex_lock(&y->lock);
	first = !y->ends;
	y->ends = true;
	pthread_cond_signal(&y->more);
	pthread_mutex_unlock(&y->lock);
	if (first)
		pthread_join(y->thread, NULL);
}

void syncer_free(struct syncer *y)
{
	if (!y)
		return;
	syncer_end(y);
	pthread_mutex_destroy(&y->lock);
	pthread_cond_destroy(&y->more);
	pthread_cond_destroy(&y->room);
	free(y);
}
