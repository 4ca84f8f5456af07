// SPDX-License-Identifier: Apache-2.0
/* What was committed is told once it is on the disk, while the next transaction is under way already. */
#pragma once
#include "hss/writer.h"

struct syncer;

/* `told` ends each group, on the syncer's thread. The store is borrowed. 0 or -errno. */
int syncer_new(struct store *s, void (*told)(void *context, struct write_job *group), void *context, struct syncer **out);
void syncer_end(struct syncer *y);       /* what it has is on the disk and told first; nothing is to be added any more */
void syncer_free(struct syncer *y);

/* Before a commit, which others may see before it is on the disk; and when nothing came of it. */
void syncer_expect(struct syncer *y);
void syncer_forget(struct syncer *y);
/* It is committed. Waits when too much is not on the disk. */
void syncer_add(struct syncer *y, struct write_job *group);
/* A job that waits for what it has seen. False: all is on the disk. */
bool syncer_join(struct syncer *y, struct write_job *j);
bool syncer_idle(struct syncer *y);
uint64_t syncer_since_ns(struct syncer *y);  /* since when the oldest has waited; 0: nothing waits */
