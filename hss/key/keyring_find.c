// SPDX-License-Identifier: Apache-2.0
/* Keys are told apart by the check values of the store, not by where they lie: whatever a death leaves in the two places of the
 * source, what the store names is found there, and what it does not name is not used.
 *
 *   places:  now, next ─▶ keys without a name ─▶ the store's rows give them names ─▶ newest seals, each opens its own
 */
#include "hss/key/keyring_private.h"
#include "common/log.h"
#include "hss/key/credential.h"
#include <stdlib.h>
#include <string.h>

/* ---- the places ---- */

static const char *what_is_wrong(int err)
{
	return err == -EPERM ? "others may read it" : err == -EINVAL ? "64 hex digits are expected" : err == -ENOENT ? "it is not there" :
	       strerror(-err);
}

static int complain(const struct keyring *r, enum key_place which, int err)
{
	log_event(LOG_ERROR, "hss.keyring", "master_key=%s:%s error=\"%s\"", key_source_kind_name(r->source.kind), r->source.place[which],
		  what_is_wrong(err));
	return err;
}

/* Nothing there is no error; what is in memory stays, as a variable can be read only once. */
int keyring_load(struct keyring *r, enum key_place which)
{
	uint8_t bytes[SEAL_KEY_BYTES];
	struct seal_key *k = NULL;
	int err = key_source_read(&r->source, which, bytes);

	if (err == -ENOENT)
		return 0;
	if (!err)
		err = seal_key_new(bytes, &k);
	explicit_bzero(bytes, sizeof bytes);
	if (err)
		return complain(r, which, err);
	if (r->at[which] && seal_key_equal(r->at[which], k))
		return seal_key_free(k), 0;
	seal_key_free(r->at[which]);
	r->at[which] = k;
	return 0;
}

struct seal_key *keyring_named(const struct keyring *r, uint32_t id)
{
	for (int i = 0; i < 2; i++)
		if (r->at[i] && id && seal_key_id(r->at[i]) == id)
			return r->at[i];
	return NULL;
}

/* ---- the store's rows ---- */

static bool name(struct keyring *r, const struct master_key_row *row)
{
	for (int i = 0; i < 2; i++)
		if (r->at[i] && row->check.data && seal_check_opens(r->at[i], row->check)) {
			seal_key_name(r->at[i], row->id);
			return true;
		}
	return false;
}

/* The only key lies where the next one was made: a death came between the store's last word and the file's. */
int keyring_settle_places(struct keyring *r)
{
	int err;

	if (!r->at[KEY_NEXT] || seal_key_id(r->at[KEY_NEXT]) != r->newest)
		return 0;
	err = key_source_settle(&r->source);
	if (err == -ENOTSUP) {
		log_event(LOG_WARN, "hss.keyring", "master_key=%s is not in use any more: put %s in its place", r->source.place[KEY_NOW],
			  r->source.place[KEY_NEXT]);
		return 0;
	}
	if (err)
		return complain(r, KEY_NEXT, err);
	seal_key_free(r->at[KEY_NOW]);
	r->at[KEY_NOW] = r->at[KEY_NEXT];
	r->at[KEY_NEXT] = NULL;
	return 0;
}

static void unname(struct keyring *r)
{
	for (int i = 0; i < 2; i++)
		if (r->at[i])
			seal_key_name(r->at[i], 0);
}

/* Names the keys as the store does. -ENOKEY: one of them is not here. */
int keyring_take_names(struct keyring *r, const struct master_key_row *rows, int n)
{
	int missing = 0;

	unname(r);
	for (int i = 0; i < n; i++)
		if (!name(r, &rows[i]))
			missing = i + 1;
	r->newest = rows[n - 1].id;
	return missing ? -ENOKEY : n == 1 ? keyring_settle_places(r) : 0;
}

/* ---- the first time ---- */

/* Any secret of the store, to try a key on. 1, 0 none, -errno. */
static int any_secret(struct store *s, struct obstack *pool, struct sealed_row *row)
{
	int n = store_digests_not_under(s, pool, 0, 0, row, 1);

	return n ? n : store_akas_not_under(s, pool, 0, 0, row, 1);
}

static bool opens(const struct seal_key *k, const struct sealed_row *row)
{
	const char *place = row->opc.data ? AKA_K : credential_place(row->algorithm);
	uint8_t plain[SEAL_PLAIN_MAX];
	size_t len = sealed_len(row->secret);
	bool good = len && len <= sizeof plain && !unseal_under(k, place, row->impi, row->secret, plain, len);

	explicit_bzero(plain, sizeof plain);
	return good;
}

static int make_first(struct keyring *r)
{
	int err = key_source_make(&r->source, KEY_NOW);

	if (err)
		return complain(r, KEY_NOW, err == -ENOTSUP ? -ENOENT : err);
	log_event(LOG_WARN, "hss.keyring", "master_key=%s event=made; the store is worth nothing without it: keep a copy",
		  r->source.place[KEY_NOW]);
	return keyring_load(r, KEY_NOW);
}

/* The store has met no key: it gets its check value, once what is in it, from before there were any, opens. */
static int meet(struct keyring *r, struct store *s, struct obstack *pool, uint32_t id)
{
	uint8_t *check = obstack_alloc(pool, SEAL_CHECK_BYTES);
	struct sealed_row row;
	int some = any_secret(s, pool, &row), err = 0;

	if (some < 0)
		return some;
	if (!r->at[KEY_NOW] && some)
		return -ENOKEY;
	if (!r->at[KEY_NOW])
		err = make_first(r);
	if (err)
		return err;
	if (some && !opens(r->at[KEY_NOW], &row))
		return -ENOKEY;
	seal_key_name(r->at[KEY_NOW], id);
	r->newest = id;
	err = seal_check_make(r->at[KEY_NOW], check);
	return err ? err : store_master_key_met(s, id, (struct bytes){ check, SEAL_CHECK_BYTES });
}

static int find_keys(struct keyring *r, struct store *s, struct obstack *pool)
{
	struct master_key_row rows[KEYS_AT_ONCE];
	int n = store_master_keys(s, pool, rows, ARRAY_LEN(rows)), err;

	if (n <= 0)
		return n ? n : -EIO;
	if (rows[0].check.data)
		return keyring_take_names(r, rows, n);
	err = meet(r, s, pool, rows[0].id);
	return err == -EEXIST ? find_keys(r, s, pool) : err; /* another front end has met its own meanwhile */
}

static int wrong_key(const struct keyring *r)
{
	log_event(LOG_ERROR, "hss.keyring", "master_key=%s:%s error=\"%s: the secrets of the store are sealed under another key\"",
		  key_source_kind_name(r->source.kind), r->source.place[KEY_NOW], r->at[KEY_NOW] ? "the wrong key" : "it is not there");
	return -EKEYREJECTED;
}

int keyring_find(struct keyring *r, const char *source, struct store *s)
{
	struct obstack pool;
	int err = key_source_parse(source, &r->source);

	if (!err)
		err = keyring_load(r, KEY_NOW);
	if (!err)
		err = keyring_load(r, KEY_NEXT);
	if (!err)
		err = store_begin(s);
	if (err)
		return err;
	obstack_init(&pool);
	err = find_keys(r, s, &pool);
	if (!err)
		err = store_commit(s);
	if (err)
		store_rollback(s);
	obstack_free(&pool, NULL);
	return err == -ENOKEY ? wrong_key(r) : err;
}
