// SPDX-License-Identifier: Apache-2.0
/* The master keys in use: one, and two while the secrets of the store are sealed anew (hss/key/key_rotation.h). The store says which:
 * it knows each by a number and a check value. Safe from every thread. */
#pragma once
#include "hss/key/key_source.h"
#include "hss/store/store.h"

struct keyring;

/* Reads what the source has and finds the store's keys in it; in an empty store its first key is made or taken. `s` writes, and
 * is in no transaction. 0, or -errno after logging what is wrong (-EKEYREJECTED: the store's secrets are sealed under another). */
int keyring_open(const char *source, struct store *s, struct keyring **out);
void keyring_free(struct keyring *r);

/* As seal_under() and unseal_under(), under the newest key and under the one that `sealed` names. -ENOKEY: it is not here. */
int seal(struct keyring *r, const char *column, const char *owner, struct bytes plain, uint8_t *out);
int unseal(struct keyring *r, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len);

/* Under whichever of ours, whatever number it had where it was sealed. -EBADMSG: under none. */
int unseal_any(struct keyring *r, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len);

/* Before secrets are written: the store's newest key is ours, too. Looks for it when another front end has begun to seal under
 * one. 0, -ENOKEY: it is not to be had here, or -errno. */
int keyring_follow(struct keyring *r, struct store *s);

/* Whether one of our keys is the one that this check value is of. */
bool keyring_has(struct keyring *r, struct bytes check);
/* The store is another one by now (hss/rest/restore.c), with names of its own for our keys. 0, -ENOKEY, or -errno. */
int keyring_renew(struct keyring *r, struct store *s);

/* ---- for hss/key/key_rotation.c ---- */

enum { KEYS_AT_ONCE = 4 };
uint32_t keyring_newest(struct keyring *r);
bool keyring_is_whole(struct keyring *r);          /* one key is in use: nothing waits to be sealed anew */
const struct key_source *keyring_source(const struct keyring *r);
/* The check value of the key that shall be next; `bytes`, else what lies in its place, else a new one in a file. -EEXIST: another
 * one lies there; -ENOTSUP: the source is no file; -ENOENT: nothing lies there; -EALREADY: it is in use. */
int keyring_offer(struct keyring *r, const uint8_t *bytes, uint8_t check[SEAL_CHECK_BYTES], uint32_t number);
/* The store knows it: from now on secrets are sealed under it. */
void keyring_turn(struct keyring *r, uint32_t number);
/* The store has nothing under older ones: they go, in memory and where they came from. */
void keyring_settle(struct keyring *r);
