// SPDX-License-Identifier: Apache-2.0
/* The rotation of the master key.
 *
 *   offer (a change): the next key is in its file ─▶ the store has its row: both keys are needed from here on
 *   pass:             a batch of secrets of older keys ─▶ opened, sealed under the newest, in one transaction ─▶ … none is left
 *   end:              the older rows go, which the database refuses while a secret refers to one ─▶ the older key goes
 *
 * Between two batches others have their turn at the writer. A death at any place leaves the store's rows and the two files to
 * say how to go on (hss/key/keyring.c); what was sealed anew stays so. */
#include "hss/key/key_rotation.h"
#include "common/log.h"
#include "common/metrics.h"
#include "hss/key/credential.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 200, AGAIN_MS = 200 };

typedef int each_batch(struct store *s, struct obstack *pool, uint32_t key, int64_t from, struct sealed_row *out, size_t most);

struct batch {                       /* asked of the writer, awaited by the rotation's thread */
	struct write_job job;        /* first */
	struct key_rotation *rotation;
	each_batch *rows;
	int64_t from;
	size_t count, resealed, unopened; /* what came of it */
	int err;
	bool over;
};

struct key_rotation {
	struct hss *hss;
	pthread_mutex_t lock;
	pthread_cond_t turned;       /* a batch is over, or halted */
	pthread_t thread;
	bool has_thread, runs, halted;
	uint32_t offered;            /* by the last change; the writer's */
	struct key_progress progress;
	struct metric_cell *resealed;
};

const char *key_state_name(enum key_state state)
{
	switch (state) {
	case KEY_STEADY:
		return "steady";
	case KEY_ROTATING:
		return "rotating";
	case KEY_INCOMPLETE:
		return "incomplete";
	}
	return "?";
}

/* ---- a batch, on the writer's thread ---- */

static int anew(struct keyring *k, struct obstack *pool, const char *place, const char *impi, struct bytes old, struct bytes *out)
{
	size_t len = sealed_len(old);
	uint8_t plain[SEAL_PLAIN_MAX], *sealed = obstack_alloc(pool, (int)(len + SEAL_FRAME));
	int err = len <= sizeof plain ? unseal(k, place, impi, old, plain, len) : -EBADMSG;

	if (!err)
		err = seal(k, place, impi, (struct bytes){ plain, len }, sealed);
	explicit_bzero(plain, sizeof plain);
	*out = (struct bytes){ sealed, len + SEAL_FRAME };
	return err;
}

static int reseal(struct keyring *k, struct store *s, struct obstack *pool, const struct sealed_row *row, uint32_t key)
{
	enum aka_algorithm algorithm = !strcmp(row->algorithm, aka_algorithm_name(AKA_TUAK)) ? AKA_TUAK : AKA_MILENAGE;
	struct bytes secret, opc;
	int err;

	if (!row->opc.data) {
		err = anew(k, pool, credential_place(row->algorithm), row->impi, row->secret, &secret);
		return err ? err : store_digest_reseal(s, row, secret, key);
	}
	err = anew(k, pool, AKA_K, row->impi, row->secret, &secret);
	if (!err)
		err = anew(k, pool, credential_opc_place(algorithm), row->impi, row->opc, &opc);
	return err ? err : store_aka_reseal(s, row, secret, opc, key);
}

/* One that does not open is told and left; it keeps its key from being discarded. */
static int reseal_rows(struct batch *b, struct store *s, struct obstack *pool, const struct sealed_row *rows, uint32_t key)
{
	for (size_t i = 0; i < b->count; i++) {
		int err = reseal(b->rotation->hss->keys, s, pool, &rows[i], key);

		if (err == -EBADMSG || err == -ENOKEY) {
			log_event(LOG_ERROR, "hss.key", "impi=%s algorithm=%s error=\"does not open under key %u\"", rows[i].impi,
				  rows[i].algorithm, sealed_key(rows[i].secret));
			b->unopened++;
		} else if (err) {
			return err;
		} else {
			b->resealed++;
		}
		b->from = rows[i].private_identity;
	}
	return 0;
}

static int run_batch(struct write_job *j, struct store *s)
{
	struct batch *b = (struct batch *)(void *)j;
	uint32_t key = keyring_newest(b->rotation->hss->keys);
	struct sealed_row rows[BATCH];
	struct obstack pool;
	int n;

	b->count = b->resealed = b->unopened = 0;
	obstack_init(&pool);
	n = b->rows(s, &pool, key, b->from, rows, BATCH);
	b->count = n > 0 ? (size_t)n : 0;
	if (n > 0)
		n = reseal_rows(b, s, &pool, rows, key);
	obstack_free(&pool, NULL);
	return n < 0 ? n : 0;
}

static int run_end(struct write_job *j, struct store *s)
{
	struct batch *b = (struct batch *)(void *)j;

	return store_master_keys_remove(s, keyring_newest(b->rotation->hss->keys));
}

static void on_over(struct write_job *j, int err)
{
	struct batch *b = (struct batch *)(void *)j;
	struct key_rotation *r = b->rotation;

	pthread_mutex_lock(&r->lock);
	b->err = err;
	b->over = true;
	pthread_cond_broadcast(&r->turned);
	pthread_mutex_unlock(&r->lock);
}

/* ---- the rotation's thread ---- */

static bool is_halted(struct key_rotation *r)
{
	bool halted;

	pthread_mutex_lock(&r->lock);
	halted = r->halted;
	pthread_mutex_unlock(&r->lock);
	return halted;
}

/* The writer has its reasons, and they pass: too much waits, the disk is full. */
static void wait_a_little(struct key_rotation *r)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += AGAIN_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&r->lock);
	while (!r->halted && pthread_cond_timedwait(&r->turned, &r->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&r->lock);
}

static int ask_writer(struct key_rotation *r, struct batch *b, int (*run)(struct write_job *j, struct store *s))
{
	int err;

	b->job = (struct write_job){ .run = run, .done = on_over };
	b->rotation = r;
	b->over = false;
	err = writer_submit(r->hss->writer, &b->job);
	if (err)
		return err;
	pthread_mutex_lock(&r->lock);
	while (!b->over)
		pthread_cond_wait(&r->turned, &r->lock);
	pthread_mutex_unlock(&r->lock);
	return b->err;
}

static void count(struct key_rotation *r, const struct batch *b)
{
	pthread_mutex_lock(&r->lock);
	r->progress.resealed += b->resealed;
	r->progress.unopened += b->unopened;
	pthread_mutex_unlock(&r->lock);
	metric_add(r->resealed, (int64_t)b->resealed);
}

/* All that one table has of older keys. False when halted. */
static bool pass(struct key_rotation *r, each_batch *rows, size_t *resealed)
{
	struct batch b = { .rows = rows };
	int64_t from = 0;

	while (!is_halted(r)) {
		b.from = from;
		if (ask_writer(r, &b, run_batch)) {
			wait_a_little(r);
			continue;
		}
		count(r, &b);
		*resealed += b.resealed;
		from = b.from;
		if (b.count < BATCH)
			return true;
	}
	return false;
}

/* What others wrote under the older key meanwhile takes another pass; what never opens takes none. */
static enum key_state passes(struct key_rotation *r)
{
	struct batch b = { .count = 0 };
	size_t resealed;
	int err;

	do {
		resealed = 0;
		pthread_mutex_lock(&r->lock);
		r->progress.unopened = 0;
		pthread_mutex_unlock(&r->lock);
		if (!pass(r, store_digests_not_under, &resealed) || !pass(r, store_akas_not_under, &resealed))
			return KEY_ROTATING;
		while ((err = ask_writer(r, &b, run_end)) && err != -EEXIST) {
			wait_a_little(r);
			if (is_halted(r))
				return KEY_ROTATING;
		}
	} while (err && resealed);
	return err ? KEY_INCOMPLETE : KEY_STEADY;
}

static void end(struct key_rotation *r, enum key_state state, uint64_t began_ns)
{
	struct key_progress p;

	if (state == KEY_STEADY)
		keyring_settle(r->hss->keys);
	pthread_mutex_lock(&r->lock);
	r->progress.state = state;
	r->runs = false;
	p = r->progress;
	pthread_mutex_unlock(&r->lock);
	log_event(state == KEY_INCOMPLETE ? LOG_ERROR : LOG_INFO, "hss.key", "event=%s key=%u resealed=%zu unopened=%zu seconds=%.1f",
		  state == KEY_STEADY ? "rotated" : state == KEY_ROTATING ? "halted" : "incomplete", p.key, p.resealed, p.unopened,
		  (double)(clock_ns() - began_ns) / 1e9);
}

static void *turn(void *arg)
{
	struct key_rotation *r = arg;
	uint64_t began_ns = clock_ns();
	struct store *reader = hss_reader(r->hss);
	int64_t total = 0;

	if (reader)
		store_not_under(reader, keyring_newest(r->hss->keys), &total);
	pthread_mutex_lock(&r->lock);
	r->progress.total = (size_t)total;
	pthread_mutex_unlock(&r->lock);
	log_event(LOG_INFO, "hss.key", "event=rotate key=%u secrets=%lld", keyring_newest(r->hss->keys), (long long)total);
	end(r, passes(r), began_ns);
	return NULL;
}

/* ---- for everybody ---- */

static int explain(struct key_rotation *r, int err, struct problem *p)
{
	const struct key_source *source = keyring_source(r->hss->keys);

	switch (err) {
	case -EEXIST:
		return problem_set(p, 409, "key", "another key lies in %s", source->place[KEY_NEXT]);
	case -ENOTSUP:
	case -ENOENT:
		return problem_set(p, 409, NULL, "the master key is no file: give the next one as %s:%s and start the HSS again",
				   key_source_kind_name(source->kind), source->place[KEY_NEXT]);
	case -EALREADY:
		return problem_set(p, 409, "key", "that key is in use");
	default:
		return problem_set(p, 500, NULL, "the next key cannot be had from %s: see the log", source->place[KEY_NEXT]);
	}
}

static int offer(struct key_rotation *r, struct store *s, const uint8_t *bytes, uint32_t number, struct problem *p)
{
	uint8_t check[SEAL_CHECK_BYTES];
	int err = keyring_offer(r->hss->keys, bytes, check, number);

	if (err)
		return explain(r, err, p);
	err = store_master_key_add(s, number, (struct bytes){ check, sizeof check });
	if (err == -EEXIST)
		return problem_set(p, 409, NULL, "another front end rotates the key");
	r->offered = number;
	return err;
}

int key_rotation_offer(struct key_rotation *r, struct store *s, const uint8_t *bytes, struct problem *p)
{
	struct key_progress now = key_rotation_progress(r);
	uint32_t newest;
	int err = keyring_follow(r->hss->keys, s);

	if (!err)
		err = store_master_key_newest(s, &newest);
	if (err)
		return err == -ENOKEY ? problem_set(p, 503, NULL, "the newest master key is not here") : err;
	if (now.state == KEY_ROTATING)
		return problem_set(p, 409, NULL, "a rotation is under way");
	r->offered = newest;
	if (keyring_is_whole(r->hss->keys))
		return offer(r, s, bytes, newest + 1, p);
	return bytes ? problem_set(p, 409, "key", "the last rotation is incomplete: it goes on without another key") : 0;
}

int key_rotation_start(struct key_rotation *r)
{
	int err = 0;

	pthread_mutex_lock(&r->lock);
	if (r->runs || r->halted) {
		pthread_mutex_unlock(&r->lock);
		return 0;
	}
	if (r->has_thread)
		pthread_join(r->thread, NULL); /* its last word was said under the lock */
	if (r->offered)
		keyring_turn(r->hss->keys, r->offered);
	r->progress = (struct key_progress){ .state = KEY_ROTATING, .key = keyring_newest(r->hss->keys) };
	err = -pthread_create(&r->thread, NULL, turn, r);
	r->has_thread = r->runs = !err;
	pthread_mutex_unlock(&r->lock);
	return err;
}

struct key_progress key_rotation_progress(struct key_rotation *r)
{
	struct key_progress p;

	pthread_mutex_lock(&r->lock);
	p = r->progress;
	pthread_mutex_unlock(&r->lock);
	p.key = keyring_newest(r->hss->keys);
	return p;
}

struct key_rotation *key_rotation_new(struct hss *h)
{
	struct key_rotation *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->hss = h;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->turned, NULL);
	r->resealed = metric_cell(metric_counter("minims_secrets_resealed_total", "", "Secrets sealed anew under another master key"),
				  NULL, NULL);
	return r;
}

void key_rotation_halt(struct key_rotation *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->halted = true;
	pthread_cond_broadcast(&r->turned);
	pthread_mutex_unlock(&r->lock);
}

void key_rotation_free(struct key_rotation *r)
{
	if (!r)
		return;
	key_rotation_halt(r);
	if (r->has_thread)
		pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->turned);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
