// SPDX-License-Identifier: Apache-2.0
/* What keyring.c and keyring_find.c share. The lock is the caller's. */
#pragma once
#include "hss/key/keyring.h"
#include <pthread.h>

struct keyring {
	pthread_rwlock_t lock;
	struct key_source source;
	struct seal_key *at[2];          /* by enum key_place; NULL: nothing there */
	uint32_t newest;
};

/* Parses the source, reads it and finds the store's keys in it. */
int keyring_find(struct keyring *r, const char *source, struct store *s);

/* Nothing there is no error; what is in memory stays, as a variable can be read only once. 0, or -errno, logged. */
int keyring_load(struct keyring *r, enum key_place which);
struct seal_key *keyring_named(const struct keyring *r, uint32_t id);
/* Names the keys as the store does. -ENOKEY: one of them is not here. */
int keyring_take_names(struct keyring *r, const struct master_key_row *rows, int n);
/* The only key lies where the next one was made: it takes the place of the one before. 0, or -errno, logged. */
int keyring_settle_places(struct keyring *r);
