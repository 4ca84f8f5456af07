// SPDX-License-Identifier: Apache-2.0
/* The one thread that changes the store. What has queued goes into one transaction; each is answered once that is on the disk, where
 * the store takes it there by itself, or by the syncer (hss/syncer.h). */
#pragma once
#include "common/diameter/overload.h"
#include "hss/store/store.h"

struct writer;

struct write_job {                   /* first in the caller's own struct */
	/* Changes the store; an error takes back what this job did, and only that. On the writer's thread; may be called again when
	 * nothing came of it. */
	int (*run)(struct write_job *j, struct store *s);
	/* The end: 0 when the change is on the disk, else nothing was changed. On the writer's thread or the syncer's; owns the job now. */
	void (*done)(struct write_job *j, int err);
	/* Of a peer's question: a number of whose it is, and how much it matters. 0: the operator's, which waits as long as it takes. */
	uint32_t owner;
	enum drmp priority;
	struct write_job *next, *next_group;
	uint64_t since_ns, began_ns;     /* it waits; its group began, of the first */
	int err;
};

/* `on_state`: the store takes changes or, the disk being full, does not; on the writer's thread, at each change of that. */
int writer_new(struct store *s, void (*on_state)(bool good), struct writer **out); /* takes the store */
void writer_end(struct writer *w);         /* what has queued is written and told; then -EBUSY for everybody */
void writer_free(struct writer *w);
bool writer_idle(struct writer *w);        /* nothing is being written, or waits */

/* `fn` runs on that thread after each transaction that is on the disk, before its jobs are told. Before the first job. */
void writer_on_commit(struct writer *w, void (*fn)(void *context), void *context);

/* From any thread. -EBUSY, with nothing called, when too many wait, or too many of this owner, or those before it wait for too long
 * already: of what matters little sooner. */
int writer_submit(struct writer *w, struct write_job *j);
/* An answer that tells of what it has seen: `done` is called when that is on the disk. False, with nothing called: it is. */
bool writer_after(struct writer *w, struct write_job *j);
/* Reading on its connection costs no more than elsewhere. */
bool writer_reads_well(const struct writer *w);
/* How long the oldest has waited that is not done. */
uint64_t writer_age_ns(struct writer *w);
void writer_limit(struct writer *w, unsigned limit_ms);  /* what "too long" is */
