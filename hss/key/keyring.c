// SPDX-License-Identifier: Apache-2.0
/* The keys in use: sealing and opening, following other front ends, one key in the place of another. */
#include "hss/key/keyring_private.h"
#include "common/log.h"
#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

/* A key that changes waits for the readers that are there, not for those that come. */
static void init_lock(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t a;

	pthread_rwlockattr_init(&a);
	pthread_rwlockattr_setkind_np(&a, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &a);
	pthread_rwlockattr_destroy(&a);
}

int keyring_open(const char *source, struct store *s, struct keyring **out)
{
	struct keyring *r = calloc(1, sizeof *r);
	int err;

	if (!r)
		return -ENOMEM;
	init_lock(&r->lock);
	err = keyring_find(r, source, s);
	if (err) {
		keyring_free(r);
		return err;
	}
	*out = r;
	return 0;
}

void keyring_free(struct keyring *r)
{
	if (!r)
		return;
	for (int i = 0; i < 2; i++)
		seal_key_free(r->at[i]);
	pthread_rwlock_destroy(&r->lock);
	free(r);
}

/* ---- sealing ---- */

int seal(struct keyring *r, const char *column, const char *owner, struct bytes plain, uint8_t *out)
{
	const struct seal_key *k;
	int err;

	pthread_rwlock_rdlock(&r->lock);
	k = keyring_named(r, r->newest);
	err = k ? seal_under(k, column, owner, plain, out) : -ENOKEY;
	pthread_rwlock_unlock(&r->lock);
	return err;
}

int unseal(struct keyring *r, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len)
{
	uint32_t id = sealed_key(sealed);
	const struct seal_key *k;
	int err;

	if (!id)
		return -EBADMSG;
	pthread_rwlock_rdlock(&r->lock);
	k = keyring_named(r, id);
	err = k ? unseal_under(k, column, owner, sealed, out, len) : -ENOKEY;
	pthread_rwlock_unlock(&r->lock);
	return err;
}

int unseal_any(struct keyring *r, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len)
{
	int err = -EBADMSG;

	pthread_rwlock_rdlock(&r->lock);
	for (int i = 0; err && i < 2; i++)
		if (r->at[i])
			err = unseal_under(r->at[i], column, owner, sealed, out, len);
	pthread_rwlock_unlock(&r->lock);
	return err;
}

/* ---- what other front ends do ---- */

static int follow(struct keyring *r, struct store *s)
{
	struct master_key_row rows[KEYS_AT_ONCE];
	struct obstack pool;
	int n, err = keyring_load(r, KEY_NOW);

	if (!err)
		err = keyring_load(r, KEY_NEXT);
	if (err)
		return err;
	obstack_init(&pool);
	n = store_master_keys(s, &pool, rows, ARRAY_LEN(rows));
	err = n > 0 ? keyring_take_names(r, rows, n) : n ? n : -EIO;
	obstack_free(&pool, NULL);
	log_event(err ? LOG_ERROR : LOG_INFO, "hss.keyring", "event=follow key=%u found=%s", r->newest, err ? "no" : "yes");
	return err;
}

int keyring_follow(struct keyring *r, struct store *s)
{
	uint32_t newest;
	int err = store_master_key_newest(s, &newest);

	if (err)
		return err;
	pthread_rwlock_rdlock(&r->lock);
	err = r->newest == newest && keyring_named(r, newest) ? 0 : -ENOKEY;
	pthread_rwlock_unlock(&r->lock);
	if (!err)
		return 0;
	pthread_rwlock_wrlock(&r->lock);
	err = follow(r, s);
	pthread_rwlock_unlock(&r->lock);
	return err;
}

int keyring_renew(struct keyring *r, struct store *s)
{
	int err;

	pthread_rwlock_wrlock(&r->lock);
	err = follow(r, s);
	pthread_rwlock_unlock(&r->lock);
	return err;
}

bool keyring_has(struct keyring *r, struct bytes check)
{
	bool has = false;

	pthread_rwlock_rdlock(&r->lock);
	for (int i = 0; i < 2; i++)
		has = has || (r->at[i] && seal_check_opens(r->at[i], check));
	pthread_rwlock_unlock(&r->lock);
	return has;
}

/* ---- one in the place of another ---- */

uint32_t keyring_newest(struct keyring *r)
{
	uint32_t id;

	pthread_rwlock_rdlock(&r->lock);
	id = r->newest;
	pthread_rwlock_unlock(&r->lock);
	return id;
}

bool keyring_is_whole(struct keyring *r)
{
	bool whole;

	pthread_rwlock_rdlock(&r->lock);
	whole = !r->at[KEY_NOW] || !r->at[KEY_NEXT] || !seal_key_id(r->at[KEY_NOW]) || !seal_key_id(r->at[KEY_NEXT]);
	pthread_rwlock_unlock(&r->lock);
	return whole;
}

const struct key_source *keyring_source(const struct keyring *r)
{
	return &r->source;
}

static bool lies_at(const struct keyring *r, enum key_place which, const uint8_t *bytes)
{
	struct seal_key *k;
	bool is;

	if (!bytes || !r->at[which] || seal_key_new(bytes, &k))
		return false;
	is = seal_key_equal(k, r->at[which]);
	seal_key_free(k);
	return is;
}

/* In its place lies what was given, or what lay there, or a new one. */
static int put_next(struct keyring *r, const uint8_t *bytes)
{
	int err;

	if (bytes)
		err = lies_at(r, KEY_NEXT, bytes) ? 0 : key_source_write_next(&r->source, bytes);
	else
		err = r->at[KEY_NEXT] ? 0 : key_source_make(&r->source, KEY_NEXT);
	if (err == -ENOTSUP && !bytes)
		err = -ENOENT;
	return err ? err : keyring_load(r, KEY_NEXT);
}

static int offer(struct keyring *r, const uint8_t *bytes, uint8_t check[SEAL_CHECK_BYTES], uint32_t number)
{
	struct seal_key *next;
	int err = keyring_load(r, KEY_NEXT);

	if (!err && lies_at(r, KEY_NOW, bytes))
		return -EALREADY;
	if (!err)
		err = put_next(r, bytes);
	if (err)
		return err;
	next = r->at[KEY_NEXT];
	if (seal_key_id(next) || (r->at[KEY_NOW] && seal_key_equal(next, r->at[KEY_NOW])))
		return -EALREADY;
	seal_key_name(next, number); /* as the check value says; keyring_turn() makes it count, and until then it names nothing */
	err = seal_check_make(next, check);
	seal_key_name(next, 0);
	return err;
}

int keyring_offer(struct keyring *r, const uint8_t *bytes, uint8_t check[SEAL_CHECK_BYTES], uint32_t number)
{
	int err;

	pthread_rwlock_wrlock(&r->lock);
	err = offer(r, bytes, check, number);
	pthread_rwlock_unlock(&r->lock);
	return err;
}

void keyring_turn(struct keyring *r, uint32_t number)
{
	pthread_rwlock_wrlock(&r->lock);
	seal_key_name(r->at[KEY_NEXT], number);
	r->newest = number;
	pthread_rwlock_unlock(&r->lock);
}

void keyring_settle(struct keyring *r)
{
	pthread_rwlock_wrlock(&r->lock);
	if (r->at[KEY_NOW] && seal_key_id(r->at[KEY_NOW]) != r->newest && keyring_named(r, r->newest)) {
		seal_key_free(r->at[KEY_NOW]);
		r->at[KEY_NOW] = NULL;
	}
	keyring_settle_places(r);
	pthread_rwlock_unlock(&r->lock);
}
