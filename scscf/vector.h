// SPDX-License-Identifier: Apache-2.0
/* Challenges that were sent, by nonce: in memory and, sealed, in local state, until they run out. SIP thread only, but for
 * vectors_load before it starts. [TS 24.229 5.4.1.2.1, 7.8 reg-await-auth] */
#pragma once
#include "scscf/challenge.h"
#include "scscf/scscf.h"

struct vectors *vectors_new(struct scscf *s);
void vectors_free(struct vectors *t);
int vectors_load(struct vectors *t);         /* 0 or -errno */
void vectors_start_timer(struct vectors *t);

/* Of this private identity; NULL when unknown, another's, or too old. */
struct challenge *vector_find(struct vectors *t, const char *private_identity, const char *nonce);
/* Copies; the oldest of the same private identity goes when there are many. 0 or -errno: do not send the 401. */
int vector_add(struct vectors *t, const char *private_identity, const struct challenge *c);
/* Answered rightly or wrongly: what changed is written. */
void vector_changed(struct vectors *t, struct challenge *c);
void vector_drop(struct vectors *t, struct challenge *c);
