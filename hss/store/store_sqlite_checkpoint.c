// SPDX-License-Identifier: Apache-2.0
/* The log as a ring.
 *
 *   commit ─▶ the log has PAGES more ─▶ wake ─▶ passive: copies while others write ─▶ restart: the few since, writers wait
 *                                                                                        └─▶ the next commit begins the log anew
 *
 * SQLite's own way, in the commit that is one too many, makes 30 answers wait for some thousand pages. [sqlite.org/wal.html 3] */
#include "hss/store/store_sqlite_checkpoint.h"
#include "common/base.h"
#include "common/log.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { PAGES = 4000, BUSY_MS = 2000 };

struct checkpointer {
	sqlite3 *db;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	bool wants, ends;
};

static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct checkpointer *c = arg;

	(void)db, (void)name;
	if (pages < PAGES)
		return SQLITE_OK;
	pthread_mutex_lock(&c->lock);
	c->wants = true;
	pthread_cond_signal(&c->wanted);
	pthread_mutex_unlock(&c->lock);
	return SQLITE_OK;
}

static bool wait(struct checkpointer *c)
{
	bool goes_on;

	pthread_mutex_lock(&c->lock);
	while (!c->wants && !c->ends)
		pthread_cond_wait(&c->wanted, &c->lock);
	c->wants = false;
	goes_on = !c->ends;
	pthread_mutex_unlock(&c->lock);
	return goes_on;
}

static void *turn(void *arg)
{
	struct checkpointer *c = arg;
	int result;

	while (wait(c)) {
		result = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		if (!result)
			result = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
		if (result && result != SQLITE_BUSY) /* busy: the next commit asks again */
			log_event(LOG_ERROR, "hss.store", "what=checkpoint error=\"%s\"", sqlite3_errmsg(c->db));
	}
	return NULL;
}

int checkpointer_new(const char *path, sqlite3 *writes, struct checkpointer **out)
{
	struct checkpointer *c = calloc(1, sizeof *c);
	int result;

	if (!c)
		return -ENOMEM;
	result = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (!result)
		result = sqlite3_exec(c->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	if (result) {
		log_event(LOG_ERROR, "hss.store", "what=checkpoint error=\"%s\"", sqlite3_errstr(result));
		sqlite3_close(c->db);
		free(c);
		return -EIO;
	}
	sqlite3_busy_timeout(c->db, BUSY_MS);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wanted, NULL);
	if (pthread_create(&c->thread, NULL, turn, c)) {
		sqlite3_close(c->db);
		free(c);
		return -EAGAIN;
	}
	sqlite3_wal_hook(writes, on_commit, c); /* instead of wal_autocheckpoint */
	*out = c;
	return 0;
}

void checkpointer_free(struct checkpointer *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->ends = true;
	pthread_cond_signal(&c->wanted);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	sqlite3_close(c->db);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->wanted);
	free(c);
}
