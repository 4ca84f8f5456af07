// SPDX-License-Identifier: Apache-2.0
/* Questions in flight. fd_msg_send may block for a second and freeDiameter forgets some bad answers, so there is
 *  - a sender thread with a bounded queue, for when freeDiameter's own is nearly full; else the asker sends,
 *  - a timer thread; all questions wait equally long, so the oldest is always the next to end, and one that is asked while the
 *    thread sleeps for that long ends after it has woken: nobody needs to wake it,
 *  - a table by id, which decides who ends a question: whoever takes it out. */
#include "common/diameter/question.h"
#include "common/log.h"
#include <freeDiameter/libfdcore.h>
#include <pthread.h>
#include <stdlib.h>

enum { BUCKETS = 4096, QUEUE_MAX = 1000 };

struct letter {
	struct msg *msg;
	uint64_t question; /* 0: an answer */
};

struct questions {
	pthread_mutex_t mutex;
	pthread_cond_t posted, timed;
	pthread_t sender, timer;
	bool stopping;
	uint64_t timeout_ns, last_id;
	struct question *buckets[BUCKETS], *oldest, *newest;
	struct letter queue[QUEUE_MAX];
	size_t first, waiting;
	bool (*reachable)(void *context);
	void *context;
};

static struct questions *the; /* freeDiameter's answer callback has room for one pointer, and that is the id */

/* ---- the table; all under the mutex ---- */

static void insert(struct questions *qs, struct question *q)
{
	struct question **bucket = &qs->buckets[q->id % BUCKETS];

	q->next_in_bucket = *bucket;
	*bucket = q;
	q->newer = NULL;
	q->older = qs->newest;
	*(qs->newest ? &qs->newest->newer : &qs->oldest) = q;
	qs->newest = q;
}

static struct question *take(struct questions *qs, uint64_t id)
{
	struct question **at = &qs->buckets[id % BUCKETS], *q;

	while (*at && (*at)->id != id)
		at = &(*at)->next_in_bucket;
	q = *at;
	if (!q)
		return NULL;
	*at = q->next_in_bucket;
	*(q->older ? &q->older->newer : &qs->oldest) = q->newer;
	*(q->newer ? &q->newer->older : &qs->newest) = q->older;
	return q;
}

static struct question *take_locked(struct questions *qs, uint64_t id)
{
	struct question *q;

	pthread_mutex_lock(&qs->mutex);
	q = take(qs, id);
	pthread_mutex_unlock(&qs->mutex);
	return q;
}

/* ---- the end of a question ---- */

static void on_answer(void *id, struct msg **answer)
{
	struct question *q = take_locked(the, (uint64_t)(uintptr_t)id);

	if (q)
		q->done(q, *answer, 0);
	else
		log_event(LOG_DEBUG, "diameter.late", "question=%llu", (unsigned long long)(uintptr_t)id);
	fd_msg_free(*answer);
	*answer = NULL;
}

static void *run_timer(void *arg)
{
	struct questions *qs = arg;

	pthread_mutex_lock(&qs->mutex);
	while (!qs->stopping) {
		struct question *q = qs->oldest;
		uint64_t now = clock_ns(), wake = q ? q->deadline_ns : now + qs->timeout_ns;

		if (wake > now) {
			struct timespec until = { (time_t)(wake / 1000000000u), (long)(wake % 1000000000u) };

			pthread_cond_timedwait(&qs->timed, &qs->mutex, &until);
		} else {
			take(qs, q->id);
			pthread_mutex_unlock(&qs->mutex);
			q->done(q, NULL, q->err ? q->err : -ETIMEDOUT);
			pthread_mutex_lock(&qs->mutex);
		}
	}
	pthread_mutex_unlock(&qs->mutex);
	return NULL;
}

/* ---- sending ---- */

static void send_question(struct questions *qs, struct letter *l)
{
	struct question *q = NULL;

	if (!qs->reachable(qs->context) || fd_msg_send(&l->msg, on_answer, (void *)(uintptr_t)l->question))
		q = take_locked(qs, l->question);
	if (l->msg)
		fd_msg_free(l->msg);
	if (q)
		q->done(q, NULL, -ENOTCONN);
}

static void send_letter(struct questions *qs, struct letter *l)
{
	if (l->question)
		return send_question(qs, l);
	if (fd_msg_send(&l->msg, NULL, NULL) && l->msg)
		fd_msg_free(l->msg);
}

static void *run_sender(void *arg)
{
	struct questions *qs = arg;

	pthread_mutex_lock(&qs->mutex);
	for (;;) {
		struct letter l;

		while (!qs->waiting && !qs->stopping)
			pthread_cond_wait(&qs->posted, &qs->mutex);
		if (qs->stopping)
			break;
		l = qs->queue[qs->first];
		qs->first = (qs->first + 1) % QUEUE_MAX;
		qs->waiting--;
		pthread_mutex_unlock(&qs->mutex);
		send_letter(qs, &l);
		pthread_mutex_lock(&qs->mutex);
	}
	pthread_mutex_unlock(&qs->mutex);
	return NULL;
}

/* freeDiameter would take a message without blocking, whoever else posts meanwhile. */
static bool has_room(void)
{
	enum { OTHERS = 8 };
	int count, limit;

	if (fd_stat_getstats(STAT_G_OUTGOING, NULL, &count, &limit, NULL, NULL, NULL, NULL, NULL))
		return false;
	return !limit || count + OTHERS < limit;
}

static bool post(struct questions *qs, struct msg *msg, uint64_t question)
{
	if (qs->waiting == QUEUE_MAX || qs->stopping)
		return false;
	qs->queue[(qs->first + qs->waiting++) % QUEUE_MAX] = (struct letter){ msg, question };
	pthread_cond_signal(&qs->posted);
	return true;
}

/* It ends at once, but not on the asker's stack: the oldest of all, from the timer thread. */
static void insert_ended(struct questions *qs, struct question *q, int err)
{
	q->err = err;
	q->deadline_ns = 0;
	q->next_in_bucket = qs->buckets[q->id % BUCKETS];
	qs->buckets[q->id % BUCKETS] = q;
	q->older = NULL;
	q->newer = qs->oldest;
	*(qs->oldest ? &qs->oldest->older : &qs->newest) = q;
	qs->oldest = q;
	pthread_cond_signal(&qs->timed);
}

void question_ask(struct questions *qs, struct question *q, struct msg *msg)
{
	bool posted, direct = has_room();
	uint64_t id; /* the question may be over before this returns */

	pthread_mutex_lock(&qs->mutex);
	q->id = id = ++qs->last_id;
	q->err = 0;
	q->deadline_ns = clock_ns() + qs->timeout_ns;
	insert(qs, q);
	direct = direct && !qs->waiting; /* nobody is overtaken */
	posted = direct || post(qs, msg, q->id);
	if (!posted) {
		take(qs, q->id);
		insert_ended(qs, q, -EBUSY);
	}
	pthread_mutex_unlock(&qs->mutex);
	if (direct)
		send_question(qs, &(struct letter){ msg, id });
	else if (!posted)
		fd_msg_free(msg);
}

void question_refuse(struct questions *qs, struct question *q)
{
	pthread_mutex_lock(&qs->mutex);
	q->id = ++qs->last_id;
	insert_ended(qs, q, -EBUSY);
	pthread_mutex_unlock(&qs->mutex);
}

void question_send_answer(struct questions *qs, struct msg *answer)
{
	bool posted;

	pthread_mutex_lock(&qs->mutex);
	posted = post(qs, answer, 0);
	pthread_mutex_unlock(&qs->mutex);
	if (!posted)
		fd_msg_free(answer);
}

/* ---- life ---- */

struct questions *questions_new(uint32_t timeout_ms, bool (*reachable)(void *context), void *context)
{
	struct questions *qs = calloc(1, sizeof *qs);
	pthread_condattr_t monotonic;

	if (!qs)
		return NULL;
	qs->timeout_ns = (uint64_t)timeout_ms * 1000000u;
	qs->reachable = reachable;
	qs->context = context;
	pthread_mutex_init(&qs->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&qs->timed, &monotonic);
	pthread_cond_init(&qs->posted, NULL);
	the = qs;
	if (pthread_create(&qs->sender, NULL, run_sender, qs) || pthread_create(&qs->timer, NULL, run_timer, qs))
		abort(); /* at start only */
	return qs;
}

void questions_stop(struct questions *qs)
{
	pthread_mutex_lock(&qs->mutex);
	qs->stopping = true;
	pthread_cond_broadcast(&qs->posted);
	pthread_cond_broadcast(&qs->timed);
	pthread_mutex_unlock(&qs->mutex);
	pthread_join(qs->sender, NULL);
	pthread_join(qs->timer, NULL);
}

void questions_free(struct questions *qs)
{
	struct question *q;

	if (!qs)
		return;
	for (; qs->waiting; qs->waiting--, qs->first = (qs->first + 1) % QUEUE_MAX)
		fd_msg_free(qs->queue[qs->first].msg);
	while ((q = qs->oldest)) {
		take(qs, q->id);
		q->drop(q);
	}
	pthread_mutex_destroy(&qs->mutex);
	pthread_cond_destroy(&qs->timed);
	pthread_cond_destroy(&qs->posted);
	free(qs);
}
