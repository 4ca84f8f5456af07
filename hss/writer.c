// SPDX-License-Identifier: Apache-2.0
/* Group commit.
 *
 *   submit ─▶ queue ─▶ BEGIN ─▶ each: SAVEPOINT, run, RELEASE or ROLLBACK TO ─▶ COMMIT (on the disk) ─▶ each: done
 *
 * While a commit waits for the disk the next jobs queue, so the load itself makes the groups. */
#include "hss/writer.h"
#include "common/log.h"
#include "common/metrics.h"
#include <pthread.h>
#include <stdlib.h>

enum { QUEUE_MAX = 10000, GROUP_MAX = 256 };

struct writer {
	struct store *store;
	void (*on_state)(bool good);
	bool good;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct write_job *first, **last;
	size_t waiting;
	bool ends, works;
	struct metric_cell *commits, *jobs;
	struct metric_cell *commit_time;
};

static struct write_job *take(struct writer *w)
{
	struct write_job *group, **end;
	size_t n;

	pthread_mutex_lock(&w->lock);
	w->works = false;
	while (!w->first && !w->ends)
		pthread_cond_wait(&w->more, &w->lock);
	group = w->first;
	end = &w->first;
	for (n = 0; *end && n < GROUP_MAX; n++)
		end = &(*end)->next;
	w->first = *end;
	if (!w->first)
		w->last = &w->first;
	*end = NULL;
	w->waiting -= n;
	w->works = n > 0;
	pthread_mutex_unlock(&w->lock);
	return n ? group : NULL;
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

/* The transaction's own fate; a job's refusal is the job's. */
static int commit(struct writer *w, struct write_job *group)
{
	int err = store_begin(w->store);
	bool full = false;

	if (err)
		return err;
	for (struct write_job *j = group; j; j = j->next) {
		run_one(w, j);
		full = full || j->err == -ENOSPC || j->err == -EIO;
	}
	err = full ? -ENOSPC : store_commit(w->store);
	if (err)
		store_rollback(w->store);
	return err;
}

static void finish(struct write_job *group, int err)
{
	for (struct write_job *j = group, *next; j; j = next) {
		next = j->next;
		j->done(j, j->err ? j->err : err);
	}
}

static void *turn(void *arg)
{
	struct writer *w = arg;
	struct write_job *group;

	while ((group = take(w))) {
		uint64_t began = clock_ns();
		int n = 0, err = commit(w, group);

		for (struct write_job *j = group; j; j = j->next)
			n++;
		metric_add(w->jobs, n);
		metric_add(w->commits, 1);
		metric_observe_ns(w->commit_time, clock_ns() - began);
		tell(w, err);
		if (err)
			log_event(LOG_ERROR, "hss.writer", "event=rollback jobs=%d error=%d", n, -err);
		finish(group, err);
	}
	return NULL;
}

bool writer_idle(struct writer *w)
{
	bool idle;

	pthread_mutex_lock(&w->lock);
	idle = !w->works && !w->waiting;
	pthread_mutex_unlock(&w->lock);
	return idle;
}

int writer_submit(struct writer *w, struct write_job *j)
{
	int err = 0;

	j->next = NULL;
	j->err = 0;
	pthread_mutex_lock(&w->lock);
	if (w->waiting >= QUEUE_MAX || w->ends) {
		err = -EBUSY;
	} else {
		*w->last = j;
		w->last = &j->next;
		w->waiting++;
		pthread_cond_signal(&w->more);
	}
	pthread_mutex_unlock(&w->lock);
	return err;
}

int writer_new(struct store *s, void (*on_state)(bool good), struct writer **out)
{
	struct writer *w = calloc(1, sizeof *w);

	if (!w)
		return -ENOMEM;
	w->store = s;
	w->on_state = on_state;
	w->good = true;
	w->last = &w->first;
	w->jobs = metric_cell(metric_counter("minims_store_changes_total", "", "Changes asked of the store"), NULL, NULL);
	w->commits = metric_cell(metric_counter("minims_store_commits_total", "", "Transactions they went into"), NULL, NULL);
	w->commit_time = metric_cell(metric_histogram("minims_store_commit_seconds", "", "From the first change of a group to the disk"),
				     NULL, NULL);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	if (pthread_create(&w->thread, NULL, turn, w)) {
		free(w);
		return -EAGAIN;
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
	if (first)
		pthread_join(w->thread, NULL);
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	writer_end(w);
	store_close(w->store);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->more);
	free(w);
}
