// SPDX-License-Identifier: Apache-2.0
/* The main thread's loop and the way into it from others. The SIP thread has its own (common/sip/agent.h). */
#pragma once
#include "common/base.h"
#include <uv.h>

struct loop;

struct loop *loop_new(void);                                   /* NULL: out of memory */
void loop_free(struct loop *l);
uv_loop_t *loop_uv(struct loop *l);

/* Runs `fn(arg)` on the loop's thread soon, in order. From any thread, never waits. 0 or -ENOMEM. */
int loop_post(struct loop *l, void (*fn)(void *arg), void *arg);
