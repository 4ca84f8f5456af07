// SPDX-License-Identifier: Apache-2.0
/* Questions in flight: each ends exactly once, by its answer, its time, or the lack of a peer. Only under common/diameter. */
#pragma once
#include "common/diameter/node.h"
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdproto.h>

struct question {
	struct question *older, *newer, *next_in_bucket;
	uint64_t id, deadline_ns;
	int err;       /* what it ends with when its time is over; 0: -ETIMEDOUT */
	/* The end, on a thread of the node's or freeDiameter's; owns the question now. `answer` is NULL with err, else borrowed. */
	void (*done)(struct question *q, struct msg *answer, int err);
	/* The node stops: free it, call nobody. */
	void (*drop)(struct question *q);
};

struct questions;

struct questions *questions_new(uint32_t timeout_ms, bool (*reachable)(void *context), void *context);
/* No done runs after it returns. Call when freeDiameter has stopped. */
void questions_free(struct questions *qs);
/* Ends the threads; what waits to be sent is dropped. */
void questions_stop(struct questions *qs);

/* Sends `msg` (taken) from the sender thread, never from here. */
void question_ask(struct questions *qs, struct question *q, struct msg *msg);
/* Ends it with -EBUSY, nothing being sent; not on the caller's stack. */
void question_refuse(struct questions *qs, struct question *q);
/* Sends an answer (taken) from the sender thread. */
void question_send_answer(struct questions *qs, struct msg *answer);
