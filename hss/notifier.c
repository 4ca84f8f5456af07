// SPDX-License-Identifier: Apache-2.0
/* Sends what is in pending_notice. One PNR at a time to each AS, so that it learns things in their order and a slow one holds up
 * nobody else. The thread sleeps until a transaction has brought something or a second try is due. [TS 29.328 6.1.4] */
#include "hss/notify.h"
#include "common/log.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_FIRST_S = 1, RETRY_MAX_S = 8 };
#define S_NS 1000000000u

struct target {                      /* an AS to which something was or is to be sent */
	struct write_job job;        /* first: takes the row away */
	struct target *next;
	struct notifier *notifier;
	char *host;
	bool under_way;              /* a PNR, or the end of its row; the rest is its own then */
	int64_t id;
	char *watches;
	bool ends_watches;
	bool was_peer;
	unsigned failures;           /* in a row */
	uint64_t not_before_ns;
};

struct notifier {
	struct hss *hss;
	struct sh *sh;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	bool runs, ends, due;
	struct target *targets;
};

static atomic_bool in_transaction;   /* it has something to send; only the writer's thread looks */

void notifier_due(void)
{
	atomic_store(&in_transaction, true);
}

static void wake(struct notifier *n)
{
	pthread_mutex_lock(&n->lock);
	n->due = true;
	pthread_cond_signal(&n->more);
	pthread_mutex_unlock(&n->lock);
}

void notifier_on_commit(void *notifier)
{
	if (atomic_exchange(&in_transaction, false))
		wake(notifier);
}

/* ---- the end of one ---- */

static void free_for_next(struct target *t, bool good)
{
	struct notifier *n = t->notifier;
	unsigned s;

	pthread_mutex_lock(&n->lock);
	t->failures = good ? 0 : t->failures + 1;
	s = t->failures > 3 ? RETRY_MAX_S : RETRY_FIRST_S << (t->failures ? t->failures - 1 : 0);
	t->not_before_ns = good ? 0 : clock_ns() + (uint64_t)s * S_NS;
	t->under_way = false;
	n->due = true;
	pthread_cond_signal(&n->more);
	pthread_mutex_unlock(&n->lock);
}

/* On the writer's thread */
static int remove_row(struct write_job *j, struct store *s)
{
	struct target *t = (struct target *)(void *)j;
	int err = store_notice_remove(s, t->id);
	char *end = t->watches;

	for (const char *p = t->watches; !err && t->ends_watches && *p; p = end + strspn(end, " "))
		err = store_watch_remove(s, strtoll(p, &end, 10));
	return err;
}

static void on_removed(struct write_job *j, int err)
{
	free_for_next((struct target *)(void *)j, !err);
}

static void end(struct target *t, bool ends_watches)
{
	t->ends_watches = ends_watches;
	t->job = (struct write_job){ .run = remove_row, .done = on_removed };
	if (writer_submit(t->notifier->hss->writer, &t->job))
		free_for_next(t, false); /* sent once more, then */
}

/* The AS does not know what we talk about, and will not [TS 29.328 6.1.4.1]. */
static bool is_unwanted(enum diameter_result r)
{
	return r == RESULT_ERROR_NO_SUBSCRIPTION_TO_DATA || r == RESULT_ERROR_USER_UNKNOWN;
}

static void on_pna(void *target, const struct sh_pna *answer, int err)
{
	struct target *t = target;
	/* an answer of somebody else's, to whom it came on its way, says nothing */
	bool others = !err && answer->origin_host && strcasecmp(answer->origin_host, t->host);
	bool again = err ? err != -EBADMSG : others || answer->result == RESULT_TOO_BUSY;

	log_event(!err && result_success(answer->result) ? LOG_INFO : LOG_WARN, "hss.notify", "as=%s result=%s", t->host,
		  err ? strerrorname_np(-err) : result_name(answer->result));
	if (again)
		free_for_next(t, false);
	else
		end(t, !err && is_unwanted(answer->result));
}

/* ---- one ---- */

static bool is_stale(const struct notifier *n, const struct target *t, const struct notice *x)
{
	return t->failures && (int64_t)(clock_wall_ns() / S_NS) > x->since + (int64_t)n->hss->options->sh.notify_for_s;
}

/* One that was a peer of ours is waited for, not looked for behind others, which would refuse what is not for them. One that never
 * was may be behind an agent. */
static bool is_away(struct target *t)
{
	enum diameter_reach reach = diameter_reach(t->host);

	t->was_peer = t->was_peer || reach != DIAMETER_PEER_UNKNOWN;
	return t->was_peer && reach != DIAMETER_PEER_OPEN;
}

static void send(struct target *t, const struct notice *x)
{
	struct notifier *n = t->notifier;

	free(t->watches);
	t->watches = strdup(x->watches);
	if (!t->watches)
		abort();
	t->id = x->id;
	if (is_stale(n, t, x)) {
		log_event(LOG_WARN, "hss.notify", "as=%s impu=%s event=given_up", t->host, x->uri);
		end(t, false);
		return;
	}
	if (is_away(t)) {
		free_for_next(t, false);
		return;
	}
	sh_push_pnr(n->sh, &(struct sh_pnr){
		.user = { .public_identity = x->msisdn ? NULL : x->uri, .msisdn = x->msisdn },
		.user_data = { (const uint8_t *)x->user_data, strlen(x->user_data) },
		.destination_host = x->host, .destination_realm = x->realm }, on_pna, t);
}

/* ---- whose turn it is ---- */

static struct target *target_of(struct notifier *n, const char *host)
{
	struct target *t = n->targets;

	while (t && strcmp(t->host, host))
		t = t->next;
	if (t)
		return t;
	t = calloc(1, sizeof *t);
	if (!t || !(t->host = strdup(host)))
		abort();
	t->notifier = n;
	t->next = n->targets;
	n->targets = t;
	return t;
}

/* Ours from here on, when true. */
static bool take_turn(struct target *t)
{
	struct notifier *n = t->notifier;
	bool mine;

	pthread_mutex_lock(&n->lock);
	mine = !t->under_way && t->not_before_ns <= clock_ns();
	t->under_way = t->under_way || mine;
	pthread_mutex_unlock(&n->lock);
	return mine;
}

struct host {                        /* with something to send */
	struct host *next;
	const char *name;
};
struct round {
	struct notifier *notifier;
	struct obstack pool;
	struct host *hosts;
};

static void add_host(void *context, const char *name)
{
	struct round *r = context;
	struct host *h = obstack_alloc(&r->pool, sizeof *h);

	*h = (struct host){ r->hosts, name };
	r->hosts = h;
}

/* A second try may have nothing to send any more. */
static void forget_failures(struct round *r)
{
	pthread_mutex_lock(&r->notifier->lock);
	for (struct target *t = r->notifier->targets; t; t = t->next) {
		struct host *h = r->hosts;

		while (h && strcmp(h->name, t->host))
			h = h->next;
		if (!h && !t->under_way)
			t->failures = 0;
	}
	pthread_mutex_unlock(&r->notifier->lock);
}

static void serve_host(struct round *r, struct store *s, const char *host)
{
	struct target *t = target_of(r->notifier, host);
	struct notice x;

	if (!take_turn(t))
		return;
	if (store_notice_first(s, &r->pool, host, &x)) {
		pthread_mutex_lock(&r->notifier->lock);
		t->under_way = false;
		pthread_mutex_unlock(&r->notifier->lock);
	} else {
		send(t, &x);
	}
}

static void go_round(struct notifier *n)
{
	struct round r = { .notifier = n };
	struct store *s = hss_reader(n->hss);

	obstack_init(&r.pool);
	if (s && !store_begin(s)) {
		if (!store_each_notice_host(s, &r.pool, add_host, &r)) {
			forget_failures(&r);
			for (struct host *h = r.hosts; h; h = h->next)
				serve_host(&r, s, h->name);
		}
		store_rollback(s);
	}
	obstack_free(&r.pool, NULL);
}

/* When the next second try is due; 0: none waits. Under the lock. */
static uint64_t next_try(const struct notifier *n)
{
	uint64_t at = 0;

	for (const struct target *t = n->targets; t; t = t->next)
		if (!t->under_way && t->failures && (!at || t->not_before_ns < at))
			at = t->not_before_ns;
	return at;
}

static void *run(void *arg)
{
	struct notifier *n = arg;

	pthread_mutex_lock(&n->lock);
	while (!n->ends) {
		uint64_t at = next_try(n);
		struct timespec until = { (time_t)(at / S_NS), (long)(at % S_NS) };

		if (!n->due && at > clock_ns())
			pthread_cond_timedwait(&n->more, &n->lock, &until);
		else if (!n->due && !at)
			pthread_cond_wait(&n->more, &n->lock);
		if (n->ends || (!n->due && next_try(n) > clock_ns()))
			continue;
		n->due = false;
		pthread_mutex_unlock(&n->lock);
		go_round(n);
		pthread_mutex_lock(&n->lock);
	}
	pthread_mutex_unlock(&n->lock);
	return NULL;
}

/* ---- life ---- */

struct notifier *notifier_new(struct hss *h)
{
	struct notifier *n = calloc(1, sizeof *n);
	pthread_condattr_t monotonic;

	if (!n)
		return NULL;
	n->hss = h;
	n->sh = sh_new(h->node, NULL, h->options->diameter.realm);
	pthread_mutex_init(&n->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&n->more, &monotonic);
	writer_on_commit(h->writer, notifier_on_commit, n);
	return n;
}

int notifier_start(struct notifier *n)
{
	n->due = true;
	n->runs = !pthread_create(&n->thread, NULL, run, n);
	return n->runs ? 0 : -EAGAIN;
}

void notifier_stop(struct notifier *n)
{
	if (!n || !n->runs)
		return;
	pthread_mutex_lock(&n->lock);
	n->ends = true;
	pthread_cond_signal(&n->more);
	pthread_mutex_unlock(&n->lock);
	pthread_join(n->thread, NULL);
	n->runs = false;
}

void notifier_free(struct notifier *n)
{
	if (!n)
		return;
	for (struct target *t = n->targets, *next; t; t = next) {
		next = t->next;
		free(t->host);
		free(t->watches);
		free(t);
	}
	sh_free(n->sh);
	pthread_cond_destroy(&n->more);
	pthread_mutex_destroy(&n->lock);
	free(n);
}
