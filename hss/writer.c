// SPDX-License-Identifier: Apache-2.0
/* Group commit.
 *
 *   submit ─▶ queue ─▶ BEGIN ─▶ each: SAVEPOINT, run, RELEASE or ROLLBACK TO ─▶ COMMIT ─▶ on the disk ─▶ each: done
 *
 * While one is written the next jobs queue, so the load itself makes the groups. A group of which certainly nothing
 * came (the connection to the store broke, or another front end was in the way) is made again, a few times; one whose COMMIT has
 * no answer is not: nobody knows, and everybody is told that the store is busy. */
#include "hss/writer.h"
#include "common/log.h"
#include "common/metrics.h"
#include "hss/syncer.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { QUEUE_MAX = 4000, OWN_MAX = QUEUE_MAX / 2, OWNERS = 256, GROUP_MAX = 256, ATTEMPTS = 3, CHECK_S = 1 };

struct writer {
	struct store *store;
	struct syncer *syncer;       /* NULL: a commit is on the disk */
	void (*on_state)(bool good);
	bool good, checks;           /* a store that may be lost is looked after also when nothing is written */
	void (*on_commit)(void *context);
	void *context;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct write_job *first, **last;
	size_t waiting, of_owner[OWNERS];  /* by the lower bits of its number */
	uint64_t since_ns;           /* the group that is being written waited */
	unsigned limit_ms;
	bool ends, works;
	struct metric_cell *commits, *jobs, *again;
	struct metric_cell *commit_time;
};

/* False: none came for a while. Under the lock. */
static bool wait(struct writer *w)
{
	struct timespec end;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += CHECK_S;
	while (!w->first && !w->ends && err != ETIMEDOUT)
		err = w->checks ? pthread_cond_timedwait(&w->more, &w->lock, &end) : pthread_cond_wait(&w->more, &w->lock);
	return w->first || w->ends;
}

/* False at the end. *out NULL: nothing to do for now. */
static bool take(struct writer *w, struct write_job **out)
{
	struct write_job **end = &w->first;
	size_t n = 0;
	bool goes_on;

	pthread_mutex_lock(&w->lock);
	w->works = false;
	if (wait(w))
		for (; *end && n < GROUP_MAX; n++) {
			w->of_owner[(*end)->owner % OWNERS]--;
			end = &(*end)->next;
		}
	*out = n ? w->first : NULL;
	goes_on = n || !w->ends;
	w->since_ns = n ? w->first->since_ns : 0;
	w->first = n ? *end : w->first;
	if (!w->first)
		w->last = &w->first;
	if (n)
		*end = NULL;
	w->waiting -= n;
	w->works = n > 0;
	pthread_mutex_unlock(&w->lock);
	return goes_on;
}

static void run_one(struct writer *w, struct write_job *j)
{
	j->err = store_savepoint(w->store);
	if (!j->err)
		j->err = j->run(j, w->store);
	if (!j->err)
		j->err = store_release(w->store);
	if (j->err)
		store_rollback_to(w->store);
}

static void tell(struct writer *w, int err)
{
	bool good = !err;

	if (good == w->good)
		return;
	w->good = good;
	if (w->on_state)
		w->on_state(good);
}

/* The transaction's own fate; a job's refusal is the job's. *again: nothing came of it. */
static int attempt(struct writer *w, struct write_job *group, bool *again)
{
	int err = store_begin(w->store);

	*again = false;
	for (struct write_job *j = group; j; j = j->next)
		j->err = 0;
	for (struct write_job *j = group; j && !err; j = j->next) {
		run_one(w, j);
		if (j->err == -ENOSPC || j->err == -EIO)
			err = -ENOSPC;
		if (j->err == -ERESTART)
			err = -ERESTART;
	}
	*again = err == -ERESTART;
	if (w->syncer)
		syncer_expect(w->syncer);
	if (!err)
		err = store_commit(w->store);
	if (err)
		store_rollback(w->store);
	if (err && w->syncer)
		syncer_forget(w->syncer);
	return err;
}

static int commit(struct writer *w, struct write_job *group)
{
	bool again = true;
	int err = 0;

	for (int i = 0; again && i < ATTEMPTS; i++) {
		if (i)
			metric_add(w->again, 1);
		err = attempt(w, group, &again);
	}
	return err == -ERESTART ? -EBUSY : err;
}

static void finish(struct writer *w, struct write_job *group, int err)
{
	metric_observe_ns(w->commit_time, clock_ns() - group->began_ns);
	if (!err && w->on_commit)
		w->on_commit(w->context);
	for (struct write_job *j = group, *next; j; j = next) {
		next = j->next;
		j->done(j, err ? err : j->err);
	}
}

static void write_group(struct writer *w, struct write_job *group)
{
	int n = 0, err;

	group->began_ns = clock_ns();
	err = commit(w, group);
	for (struct write_job *j = group; j; j = j->next)
		n++;
	metric_add(w->jobs, n);
	metric_add(w->commits, 1);
	if (err)
		log_event(w->good ? LOG_ERROR : LOG_DEBUG, "hss.writer", "event=rollback jobs=%d error=%d", n, -err);
	tell(w, err);
	if (!err && w->syncer)
		syncer_add(w->syncer, group);
	else
		finish(w, group, err);
}

/* On the syncer's thread. */
static void on_synced(void *context, struct write_job *group)
{
	if (group->run)
		finish(context, group, 0);
	else
		group->done(group, 0); /* it only waited */
}

static void *turn(void *arg)
{
	struct writer *w = arg;
	struct write_job *group;

	while (take(w, &group))
		if (group)
			write_group(w, group);
		else
			tell(w, store_check(w->store));
	return NULL;
}

void writer_on_commit(struct writer *w, void (*fn)(void *context), void *context)
{
	w->context = context;
	w->on_commit = fn;
}

bool writer_idle(struct writer *w)
{
	bool idle;

	pthread_mutex_lock(&w->lock);
	idle = !w->works && !w->waiting;
	pthread_mutex_unlock(&w->lock);
	return idle && (!w->syncer || syncer_idle(w->syncer));
}

/* Under the lock. */
static uint64_t age_ns(const struct writer *w)
{
	uint64_t since = w->syncer ? syncer_since_ns(w->syncer) : 0;

	if (!since)
		since = w->works ? w->since_ns : w->first ? w->first->since_ns : 0;
	return since ? clock_ns() - since : 0;
}

uint64_t writer_age_ns(struct writer *w)
{
	uint64_t age;

	pthread_mutex_lock(&w->lock);
	age = age_ns(w);
	pthread_mutex_unlock(&w->lock);
	return age;
}

void writer_limit(struct writer *w, unsigned limit_ms)
{
	w->limit_ms = limit_ms;
}

static bool has_room(const struct writer *w, const struct write_job *j)
{
	if (w->waiting >= QUEUE_MAX || w->ends)
		return false;
	return !j->owner || (w->of_owner[j->owner % OWNERS] < OWN_MAX && age_ns(w) <= overload_limit_ns(w->limit_ms, j->priority));
}

int writer_submit(struct writer *w, struct write_job *j)
{
	int err = -EBUSY;

	j->next = NULL;
	j->err = 0;
	pthread_mutex_lock(&w->lock);
	if (has_room(w, j)) {
		err = 0;
		j->since_ns = clock_ns();
		*w->last = j;
		w->last = &j->next;
		w->waiting++;
		w->of_owner[j->owner % OWNERS]++;
		pthread_cond_signal(&w->more);
	}
	pthread_mutex_unlock(&w->lock);
	return err;
}

bool writer_reads_well(const struct writer *w)
{
	return w->syncer != NULL;
}

bool writer_after(struct writer *w, struct write_job *j)
{
	return w->syncer && syncer_join(w->syncer, j);
}

int writer_new(struct store *s, void (*on_state)(bool good), struct writer **out)
{
	struct writer *w = calloc(1, sizeof *w);
	pthread_condattr_t clock;
	int err;

	if (!w)
		return -ENOMEM;
	w->store = s;
	w->checks = store_may_be_lost(s);
	w->on_state = on_state;
	w->good = true;
	w->limit_ms = 1000;
	w->last = &w->first;
	w->jobs = metric_cell(metric_counter("minims_store_changes_total", "", "Changes asked of the store"), NULL, NULL);
	w->commits = metric_cell(metric_counter("minims_store_commits_total", "", "Transactions they went into"), NULL, NULL);
	w->again = metric_cell(metric_counter("minims_store_repeated_total", "", "Transactions made again, as nothing had come of them"), NULL,
			       NULL);
	w->commit_time = metric_cell(metric_histogram("minims_store_commit_seconds", "", "From the first change of a group to the disk"),
				     NULL, NULL);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&w->more, &clock);
	pthread_condattr_destroy(&clock);
	err = store_leaves_sync(s) ? syncer_new(s, on_synced, w, &w->syncer) : 0;
	if (!err && pthread_create(&w->thread, NULL, turn, w))
		err = -EAGAIN;
	if (err) {
		syncer_free(w->syncer);
		free(w);
		return err;
	}
	*out = w;
	return 0;
}

void writer_end(struct writer *w)
{
	bool first;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	first = !w->ends;
	w->ends = true;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	if (!first)
		return;
	pthread_join(w->thread, NULL);
	syncer_end(w->syncer);
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	writer_end(w);
	syncer_free(w->syncer);
	store_close(w->store);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->more);
	free(w);
}
