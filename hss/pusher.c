// SPDX-License-Identifier: Apache-2.0
/* Sends what pending_push holds, a few at a time to each S-CSCF, until each has answered. [TS 29.228 6.1.3, 6.2.2]
 *
 *   woken ─▶ each S-CSCF that something waits for ─▶ its rows in order ─▶ sent ─┬─ answered ──────▶ the row goes
 *                                                                              ├─ cannot now ─────▶ that row later
 *                                                                              └─ no answer ──────▶ all its rows later
 *
 * Nothing but the rows outlives this process, and no more of them is in memory than is under way. */
#include "hss/sending.h"
#include "hss/waiting.h"
#include "common/log.h"
#include "common/metrics.h"
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 32, PAGE = 64, UNREAD_S = 1,
       RTR_LIFE_S = 604800 };                /* a week: no registration at an S-CSCF lives longer [TS 24.229 5.1.1.2.1] */

struct pusher {
	struct hss *hss;
	struct cx *cx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool started, work, ends;
	struct waiting waiting;
	struct sending *under_way;
	struct metric *sent;
};

/* ---- what is under way ---- */

static bool is_under_way(const struct pusher *q, int64_t row)
{
	for (const struct sending *p = q->under_way; p; p = p->next)
		if (p->id == row)
			return true;
	return false;
}

static void link_in(struct pusher *q, struct sending *p)
{
	p->next = q->under_way;
	q->under_way = p;
	p->target->under_way++;
}

static void wake(struct pusher *q)
{
	q->work = true;
	pthread_cond_signal(&q->woken);
}

/* Its end: there is room for another one. It is remembered until the next look, for the one that goes on may still see its row. */
static void let_go(struct sending *p)
{
	struct pusher *q = p->pusher;

	pthread_mutex_lock(&q->lock);
	p->ended = true;
	p->target->under_way--;
	wake(q);
	pthread_mutex_unlock(&q->lock);
}

static void forget_ended(struct pusher *q)
{
	struct sending **at = &q->under_way, *p;

	pthread_mutex_lock(&q->lock);
	while ((p = *at)) {
		if (p->ended) {
			*at = p->next;
			sending_free(p);
		} else {
			at = &p->next;
		}
	}
	pthread_mutex_unlock(&q->lock);
}

/* ---- an answer ---- */

static void back_off(struct sending *p)
{
	pthread_mutex_lock(&p->pusher->lock);
	waiting_back_off(p->target);
	pthread_mutex_unlock(&p->pusher->lock);
	let_go(p);
}

static int on_write(struct write_job *j, struct store *s)
{
	struct sending *p = (struct sending *)(void *)j;
	int err = sending_after(p, s);

	return err ? err : store_push_done(s, p->id, p->revision);
}

static void on_written(struct write_job *j, int err)
{
	struct sending *p = (struct sending *)(void *)j;

	if (!err)
		return let_go(p);
	log_event(LOG_WARN, "hss.push", "scscf=%s impi=%s error=\"%s\"", p->host, p->impi, strerror(-err));
	back_off(p); /* it is told once more, which does no harm */
}

static void finish(struct sending *p)
{
	p->job.run = on_write;
	p->job.done = on_written;
	if (writer_submit(p->pusher->hss->writer, &p->job))
		back_off(p);
}

/* The S-CSCF understood the question and may answer another time otherwise. */
static bool is_passing(enum diameter_result result)
{
	return result == RESULT_TOO_BUSY || result == RESULT_UNABLE_TO_COMPLY || (unsigned)(result & ~RESULT_3GPP) / 1000 == 4;
}

static void log_end(const struct sending *p, const char *result, bool good, const char *then)
{
	const char *command = p->is_rtr ? "RTR" : "PPR";

	log_event(good ? LOG_INFO : LOG_WARN, "hss.push", "command=%s scscf=%s impi=%s result=%s%s", command, p->host, p->impi, result, then);
	metric_add(metric_cell(p->pusher->sent, command, good ? "arrived" : *then ? "later" : "refused"), 1);
}

void pusher_on_answer(struct sending *p, enum diameter_result result, int err)
{
	struct pusher *q = p->pusher;
	const char *name = err ? strerrorname_np(-err) : result_name(result);
	bool later;

	if (err) {
		log_end(p, name, false, " again=later");
		return back_off(p);
	}
	pthread_mutex_lock(&q->lock);
	p->target->failures = 0;
	later = is_passing(result) && waiting_try_later(&q->waiting, p->id);
	if (!later)
		waiting_forgive(&q->waiting, p->id);
	pthread_mutex_unlock(&q->lock);
	p->result = result;
	log_end(p, name, result_success(result), later ? " again=later" : "");
	if (later)
		let_go(p);
	else
		finish(p);
}

/* ---- sending ---- */

static struct sending *sending_new(struct pusher *q, struct target *t, const struct pending_push *row)
{
	struct sending *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	*p = (struct sending){ .pusher = q, .hss = q->hss, .target = t, .id = row->id, .revision = row->revision, .set = row->set,
			       .host = strdup(t->host), .impi = strdup(row->private_identity), .is_rtr = row->request };
	if (p->host && p->impi)
		return p;
	sending_free(p);
	return NULL;
}

static void send_one(struct pusher *q, struct store *s, struct obstack *pool, struct target *t, const struct pending_push *row)
{
	bool old = row->request && (int64_t)(clock_wall_ns() / 1000000000u) - row->created_s > RTR_LIFE_S;
	struct sending *p = sending_new(q, t, row);
	int sent;

	if (!p)
		return;
	pthread_mutex_lock(&q->lock);
	link_in(q, p);
	pthread_mutex_unlock(&q->lock);
	sent = old ? 0 : sending_send(p, s, pool, row, q->cx);
	if (sent > 0)
		return; /* from here on the answer has it */
	if (!sent)
		return finish(p);
	log_event(LOG_ERROR, "hss.push", "scscf=%s impi=%s error=\"%s\"", p->host, p->impi, strerror(-sent));
	back_off(p);
}

/* How many more it may be sent now: one to try, while it does not answer. */
static unsigned room_for(struct pusher *q, struct target *t)
{
	unsigned most = t->failures ? 1 : AT_ONCE, room;

	pthread_mutex_lock(&q->lock);
	room = q->ends || !waiting_is_due(t) || t->under_way >= most ? 0 : most - t->under_way;
	pthread_mutex_unlock(&q->lock);
	return room;
}

static bool may_go(struct pusher *q, int64_t row)
{
	bool may;

	pthread_mutex_lock(&q->lock);
	may = !is_under_way(q, row) && waiting_row_is_due(&q->waiting, row);
	pthread_mutex_unlock(&q->lock);
	return may;
}

/* Its rows, oldest first, past those that wait for something. */
static void serve(struct pusher *q, struct store *s, struct obstack *pool, struct target *t)
{
	struct pending_push rows[PAGE];
	unsigned room = room_for(q, t);
	int64_t after = 0;
	int n = PAGE;

	while (room && n == PAGE) {
		n = store_pushes_of(s, pool, t->host, after, rows, PAGE);
		for (int i = 0; room && i < n; i++) {
			after = rows[i].id;
			if (!may_go(q, rows[i].id))
				continue;
			send_one(q, s, pool, t, &rows[i]);
			room--;
		}
	}
}

/* False: the store could not be read to the end. */
static bool look(struct pusher *q)
{
	struct store *s = hss_reader(q->hss);
	struct obstack pool;
	const char *host = "";
	int err;

	forget_ended(q);
	if (!s || store_begin(s))
		return false;
	obstack_init(&pool);
	while (!(err = store_push_next_host(s, &pool, host, &host))) {
		struct target *t;

		pthread_mutex_lock(&q->lock);
		t = waiting_target(&q->waiting, host);
		pthread_mutex_unlock(&q->lock);
		serve(q, s, &pool, t);
	}
	obstack_free(&pool, NULL);
	store_rollback(s);
	return err == -ENOENT;
}

/* ---- when to look ---- */

static bool wait_for_work(struct pusher *q, bool read)
{
	uint64_t at, soon = clock_ns() + UNREAD_S * UINT64_C(1000000000);
	bool goes_on;

	pthread_mutex_lock(&q->lock);
	at = waiting_next_ns(&q->waiting);
	if (!read && at > soon)
		at = soon;
	while (!q->work && !q->ends && clock_ns() < at)
		pthread_cond_timedwait(&q->woken, &q->lock, &(struct timespec){ (time_t)(at / 1000000000u), (long)(at % 1000000000u) });
	q->work = false;
	goes_on = !q->ends;
	pthread_mutex_unlock(&q->lock);
	return goes_on;
}

static void *turn(void *arg)
{
	bool read;

	do
		read = look(arg);
	while (wait_for_work(arg, read));
	return NULL;
}

/* One that was away is told at once. */
static void on_look(void *arg)
{
	struct pusher *q = arg;

	pthread_mutex_lock(&q->lock);
	if (waiting_look(&q->waiting))
		wake(q);
	pthread_mutex_unlock(&q->lock);
}

void pusher_wake(struct pusher *q)
{
	if (!q)
		return;
	pthread_mutex_lock(&q->lock);
	wake(q);
	pthread_mutex_unlock(&q->lock);
}

/* ---- life ---- */

struct pusher *pusher_new(struct hss *h, const char *realm)
{
	struct pusher *q = calloc(1, sizeof *q);
	pthread_condattr_t monotonic;

	if (!q)
		return NULL;
	q->hss = h;
	q->cx = cx_new(h->node, NULL, realm);
	q->sent = metric_counter("minims_pushes_total", "command,end", "RTR and PPR to S-CSCFs, by how they ended");
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->woken, &monotonic);
	diameter_watch(h->node, on_look, q);
	return q;
}

int pusher_start(struct pusher *q)
{
	int err = pthread_create(&q->thread, NULL, turn, q);

	q->started = !err;
	return -err;
}

void pusher_stop(struct pusher *q)
{
	if (!q || !q->started)
		return;
	pthread_mutex_lock(&q->lock);
	q->ends = true;
	pthread_cond_signal(&q->woken);
	pthread_mutex_unlock(&q->lock);
	pthread_join(q->thread, NULL);
	q->started = false;
}

void pusher_free(struct pusher *q)
{
	if (!q)
		return;
	for (struct sending *p = q->under_way, *next; p; p = next) {
		next = p->next;
		sending_free(p);
	}
	waiting_clear(&q->waiting);
	cx_free(q->cx);
	pthread_cond_destroy(&q->woken);
	pthread_mutex_destroy(&q->lock);
	free(q);
}
