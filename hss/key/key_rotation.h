// SPDX-License-Identifier: Apache-2.0
/* One master key takes the place of another while the HSS serves: every secret is opened and sealed anew. */
#pragma once
#include "hss/hss.h"
#include "hss/rest/problem.h"

struct key_rotation;

enum key_state {
	KEY_STEADY,          /* one key */
	KEY_ROTATING,        /* the secrets of the older one are being sealed anew */
	KEY_INCOMPLETE,      /* some do not open; both keys stay */
};
const char *key_state_name(enum key_state state);

struct key_progress {
	enum key_state state;
	uint32_t key;                /* what new secrets are sealed under */
	size_t resealed, total;      /* of the last rotation of this process */
	size_t unopened;
};

/* NULL: out of memory. */
struct key_rotation *key_rotation_new(struct hss *h);
/* Stops between two batches; the next start goes on. */
void key_rotation_halt(struct key_rotation *r);
void key_rotation_free(struct key_rotation *r);

/* On the writer's thread, inside a change: the store gets to know the key that shall be next (`bytes`, or NULL: see
 * keyring_offer()). 0, also for one that was left incomplete and goes on, or -errno with the problem set. */
int key_rotation_offer(struct key_rotation *r, struct store *s, const uint8_t *bytes, struct problem *p);
/* Once that is on the disk; at start, too: goes on with what a death left. 0 or -errno. */
int key_rotation_start(struct key_rotation *r);
struct key_progress key_rotation_progress(struct key_rotation *r);
