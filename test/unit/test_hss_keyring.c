// SPDX-License-Identifier: Apache-2.0
/* The store's master keys are found in the two places of their source, whatever a death has left there. */
// with: hss/key/keyring.c hss/key/keyring_find.c hss/key/key_source.c hss/key/seal.c hss/key/credential.c hss/store/*.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "db/sql.h"
#include "hss/key/credential.h"
#include "hss_store.h"
#include <fcntl.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <sys/stat.h>

#define ONE "0101010101010101010101010101010101010101010101010101010101010101"
#define TWO "0202020202020202020202020202020202020202020202020202020202020202"
#define HA1 "0123456789abcdef0123456789abcdef"

static char now[80], next[80];

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool holds(const char *path, const char *text)
{
	char got[80] = "";
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, got, sizeof got - 1);

	close(fd);
	return n >= (ssize_t)strlen(text) && !strncmp(got, text, strlen(text));
}

static int clear(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[80];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", store_path, ends[i]);
		unlink(path);
	}
	unlink(now);
	unlink(next);
	return 0;
}

static struct keyring *ring_of(struct store *s, int expected)
{
	struct keyring *r = NULL;

	assert_int_equal(keyring_open(now, s, &r), expected);
	return r;
}

/* ---- life ---- */

static void test_an_empty_store_makes_its_key_and_knows_it_again(void **state)
{
	uint8_t sealed[16 + SEAL_FRAME], plain[16];
	const struct bytes text = { (const uint8_t *)"0123456789abcdef", 16 };
	struct store *w = open_store(true);
	struct keyring *r = ring_of(w, 0);

	(void)state;
	assert_int_equal(keyring_newest(r), 1);
	assert_true(keyring_is_whole(r));
	assert_int_equal(seal(r, "place", "owner", text, sealed), 0);
	keyring_free(r);
	r = ring_of(w, 0);
	assert_int_equal(unseal(r, "place", "owner", (struct bytes){ sealed, sizeof sealed }, plain, 16), 0);
	assert_memory_equal(plain, text.data, 16);
	sealed[4] = 9; /* another key's number */
	assert_int_equal(unseal(r, "place", "owner", (struct bytes){ sealed, sizeof sealed }, plain, 16), -ENOKEY);
	keyring_free(r);
	put(now, TWO);
	ring_of(w, -EKEYREJECTED);
	unlink(now);
	ring_of(w, -EKEYREJECTED);
	assert_int_equal(access(now, F_OK), -1);
	store_close(w);
}

/* As hss/key/key_rotation.c does, step by step; after each the process may die and find its keys again. */
static void test_at_each_step_of_a_rotation_a_new_start_finds_what_it_needs(void **state)
{
	uint8_t check[SEAL_CHECK_BYTES], old[16 + SEAL_FRAME], new[16 + SEAL_FRAME], plain[16];
	const struct bytes text = { (const uint8_t *)"0123456789abcdef", 16 };
	struct store *w = open_store(true);
	struct keyring *r, *again;

	(void)state;
	put(now, ONE);
	r = ring_of(w, 0);
	assert_int_equal(seal(r, "place", "owner", text, old), 0);

	put(next, TWO); /* the next key lies there, the store does not know it */
	again = ring_of(w, 0);
	assert_int_equal(keyring_newest(again), 1);
	assert_true(keyring_is_whole(again));
	keyring_free(again);

	assert_int_equal(keyring_offer(r, NULL, check, 2), 0);
	assert_int_equal(store_master_key_add(w, 2, (struct bytes){ check, sizeof check }), 0); /* now it does */
	keyring_turn(r, 2);
	assert_int_equal(seal(r, "place", "owner", text, new), 0);
	assert_int_equal(sealed_key((struct bytes){ new, sizeof new }), 2);
	again = ring_of(w, 0);
	assert_int_equal(keyring_newest(again), 2);
	assert_false(keyring_is_whole(again));
	assert_int_equal(unseal(again, "place", "owner", (struct bytes){ old, sizeof old }, plain, 16), 0);
	assert_int_equal(unseal(again, "place", "owner", (struct bytes){ new, sizeof new }, plain, 16), 0);
	keyring_free(again);

	assert_int_equal(store_master_keys_remove(w, 2), 0); /* the store has no use for the first one; the files still stand so */
	again = ring_of(w, 0);
	assert_true(keyring_is_whole(again));
	assert_true(holds(now, TWO));
	assert_int_equal(access(next, F_OK), -1);
	assert_int_equal(unseal(again, "place", "owner", (struct bytes){ old, sizeof old }, plain, 16), -ENOKEY);
	assert_int_equal(unseal(again, "place", "owner", (struct bytes){ new, sizeof new }, plain, 16), 0);
	keyring_free(again);
	keyring_free(r);
	store_close(w);
}

static void test_without_one_of_two_keys_nothing_starts(void **state)
{
	uint8_t check[SEAL_CHECK_BYTES];
	struct store *w = open_store(true);
	struct keyring *r;

	(void)state;
	put(now, ONE);
	r = ring_of(w, 0);
	put(next, TWO);
	assert_int_equal(keyring_offer(r, NULL, check, 2), 0);
	assert_int_equal(store_master_key_add(w, 2, (struct bytes){ check, sizeof check }), 0);
	keyring_free(r);
	unlink(next);
	ring_of(w, -EKEYREJECTED);
	put(next, TWO);
	put(now, TWO);
	ring_of(w, -EKEYREJECTED);
	put(next, ONE); /* in whichever place */
	r = ring_of(w, 0);
	assert_int_equal(keyring_newest(r), 2);
	keyring_free(r);
	store_close(w);
}

static void test_the_next_key_is_another_one(void **state)
{
	static const uint8_t one[SEAL_KEY_BYTES] = { [0 ... SEAL_KEY_BYTES - 1] = 1 }, three[SEAL_KEY_BYTES] = { 3 };
	uint8_t check[SEAL_CHECK_BYTES];
	struct store *w = open_store(true);
	struct keyring *r;

	(void)state;
	put(now, ONE);
	r = ring_of(w, 0);
	assert_int_equal(keyring_offer(r, one, check, 2), -EALREADY);
	assert_int_equal(access(next, F_OK), -1);
	put(next, ONE);
	assert_int_equal(keyring_offer(r, NULL, check, 2), -EALREADY);
	unlink(next);
	keyring_free(r);
	r = ring_of(w, 0);
	put(next, TWO);
	assert_int_equal(keyring_offer(r, three, check, 2), -EEXIST);
	assert_true(holds(next, TWO));
	assert_int_equal(keyring_newest(r), 1);
	keyring_free(r);
	store_close(w);
}

/* ---- a store of the first version ---- */

/* version 1 | nonce | text | tag, the place as associated data. */
static void seal_as_once(const uint8_t key[SEAL_KEY_BYTES], const char *impi, const char *text, uint8_t *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	char place[64];
	int n, len = snprintf(place, sizeof place, "ha1.md5%c%s", 0, impi), text_len = (int)strlen(text);

	out[0] = 1;
	memset(out + 1, 7, SEAL_NONCE);
	assert_int_equal(EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, out + 1), 1);
	assert_int_equal(EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)place, len), 1);
	assert_int_equal(EVP_EncryptUpdate(c, out + 13, &n, (const uint8_t *)text, text_len), 1);
	assert_int_equal(EVP_EncryptFinal_ex(c, out + 13 + text_len, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, out + 13 + text_len), 1);
	EVP_CIPHER_CTX_free(c);
}

static void make_old_store(const uint8_t key[SEAL_KEY_BYTES])
{
	uint8_t sealed[1 + SEAL_NONCE + 32 + SEAL_TAG];
	sqlite3_stmt *q;
	sqlite3 *db;

	seal_as_once(key, "old@ims.test", HA1, sealed);
	assert_int_equal(sqlite3_open(store_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql_migrations[0].text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1; INSERT INTO subscription (id, name) VALUES (1, 's');"
				      "INSERT INTO private_identity VALUES (1, 'old@ims.test', 1, 'digest')", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO digest_credential VALUES (1, 'MD5', 'ims.test', ?)", -1, &q, NULL), SQLITE_OK);
	sqlite3_bind_blob(q, 1, sealed, sizeof sealed, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_DONE);
	sqlite3_finalize(q);
	sqlite3_close(db);
}

static void test_secrets_of_the_first_version_open_under_their_key_and_no_other(void **state)
{
	static const uint8_t one[SEAL_KEY_BYTES] = { [0 ... SEAL_KEY_BYTES - 1] = 1 };
	char hex[DIGEST_HEX_MAX];
	struct digest_row row;
	struct obstack pool;
	struct keyring *r;
	struct store *w;

	(void)state;
	make_old_store(one);
	w = open_store(true);
	ring_of(w, -EKEYREJECTED); /* none is made for a store that has secrets */
	put(now, TWO);
	ring_of(w, -EKEYREJECTED);
	put(now, ONE);
	r = ring_of(w, 0);
	obstack_init(&pool);
	assert_int_equal(store_digests(w, &pool, 1, &row, 1), 1);
	assert_int_equal(credential_open_digest(r, "old@ims.test", &row, hex), 0);
	assert_string_equal(hex, HA1);
	obstack_free(&pool, NULL);
	keyring_free(r);
	put(now, TWO); /* by now the store knows its key */
	ring_of(w, -EKEYREJECTED);
	store_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_an_empty_store_makes_its_key_and_knows_it_again, clear),
		cmocka_unit_test_teardown(test_at_each_step_of_a_rotation_a_new_start_finds_what_it_needs, clear),
		cmocka_unit_test_teardown(test_without_one_of_two_keys_nothing_starts, clear),
		cmocka_unit_test_teardown(test_the_next_key_is_another_one, clear),
		cmocka_unit_test_teardown(test_secrets_of_the_first_version_open_under_their_key_and_no_other, clear),
	};
	int failed;

	if (make_store_dir(NULL))
		return 1;
	snprintf(now, sizeof now, "%s/master.key", store_dir);
	snprintf(next, sizeof next, "%s/master.key.next", store_dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_store_dir(NULL);
	return failed;
}
