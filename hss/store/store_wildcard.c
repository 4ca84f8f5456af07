// SPDX-License-Identifier: Apache-2.0
/* Wildcarded identities by what is fixed in them. [TS 23.003 13.4A, 13.5]
 *
 * An index holds the text before the expression and the one behind it, the latter backwards, so that both are beginnings. The longest
 * beginning of a text that an index holds is found by walking down: the greatest key that is not greater than the text shares so many
 * octets with it, and none that is a beginning of the text shares more. */
#include "common/ims/wildcard.h"
#include "hss/store/store_sql.h"
#include <stdlib.h>
#include <string.h>

struct search {
	struct store *store;
	struct obstack *pool;
	const char *uri;
	struct bytes text, backwards;        /* the identity; its rest behind the prefix */
	struct impu *out;
};

static struct bytes reversed(struct bytes b, struct obstack *pool)
{
	uint8_t *copy = obstack_alloc(pool, b.len + 1);

	for (size_t i = 0; i < b.len; i++)
		copy[i] = b.data[b.len - 1 - i];
	return (struct bytes){ copy, b.len };
}

static size_t in_common(struct bytes a, struct bytes b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.data[n] == b.data[n])
		n++;
	return n;
}

/* ---- those that have both texts ---- */

static int match_at(struct search *f, struct bytes prefix, struct bytes tail)
{
	struct query *q = sql(f->store, SQL_WILDCARDS_AT);
	const char *impu = NULL;
	int more;

	sql_blob(q, ":prefix", prefix);
	sql_blob(q, ":tail", tail);
	while (!impu && (more = sql_step(f->store, q)) > 0)
		if (wildcard_match(sql_column_text(q, 1), f->uri))
			impu = sql_take(q, 0, f->pool);
	if (!impu)
		return more ? more : -ENOENT;
	sql_done(q);
	return store_impu(f->store, f->pool, impu, f->out);
}

/* ---- walking down ---- */

/* The greatest that is not greater than `key`. 0 and *out, -ENOENT */
static int greatest(struct search *f, struct query *q, struct bytes key, struct bytes *out)
{
	int err;

	sql_blob(q, ":key", key);
	err = sql_row(f->store, q);
	if (err)
		return err;
	*out = sql_take_blob(q, 0, f->pool);
	if (!out->data) /* of no length */
		out->data = (const uint8_t *)"";
	sql_done(q);
	return 0;
}

static int walk_tails(struct search *f, struct bytes prefix)
{
	struct bytes key = f->backwards, tail;

	for (;;) {
		struct query *q = sql(f->store, SQL_WILDCARD_TAIL);
		int err;

		sql_blob(q, ":prefix", prefix);
		err = greatest(f, q, key, &tail);
		if (err)
			return err;
		key.len = in_common(tail, key);
		if (key.len < tail.len)
			continue;
		err = match_at(f, prefix, tail);
		if (err != -ENOENT || !key.len)
			return err;
		key.len--;
	}
}

static int walk_prefixes(struct search *f)
{
	struct bytes key = f->text, prefix;

	for (;;) {
		int err = greatest(f, sql(f->store, SQL_WILDCARD_PREFIX), key, &prefix);

		if (err)
			return err;
		key.len = in_common(prefix, key);
		if (key.len < prefix.len)
			continue;
		f->backwards = reversed((struct bytes){ f->text.data + key.len, f->text.len - key.len }, f->pool);
		err = walk_tails(f, prefix);
		if (err != -ENOENT || !key.len)
			return err;
		key.len--;
	}
}

int store_wildcard_find(struct store *s, struct obstack *pool, const char *uri, struct impu *out)
{
	struct search f = { .store = s, .pool = pool, .uri = uri, .text = { (const uint8_t *)uri, strlen(uri) }, .out = out };

	return walk_prefixes(&f);
}

/* ---- writing ---- */

static int add(struct store *s, int64_t impu, const struct wildcard *w)
{
	struct query *q = sql(s, SQL_WILDCARD_ADD);
	struct obstack pool;
	int err;

	obstack_init(&pool);
	sql_int(q, ":public", impu);
	sql_blob(q, ":prefix", w->prefix);
	sql_blob(q, ":tail", reversed(w->tail, &pool));
	err = sql_run(s, q);
	obstack_free(&pool, NULL);
	return err;
}

int store_wildcard_put(struct store *s, int64_t impu, const char *wildcard)
{
	struct query *q = sql(s, SQL_WILDCARD_CLEAR);
	struct wildcard w;
	int err;

	if (wildcard && wildcard_split(wildcard, &w))
		return -EINVAL;
	sql_int(q, ":public", impu);
	err = sql_run(s, q);
	return err || !wildcard ? err : add(s, impu, &w);
}

struct unplaced {
	int64_t id;
	const char *wildcard;
};

static int next_unplaced(struct store *s, struct obstack *pool, int64_t after, struct unplaced *out, size_t most)
{
	struct query *q = sql(s, SQL_WILDCARDS_UNPLACED);
	size_t n = 0;
	int more;

	sql_int(q, ":after", after);
	while ((more = sql_step(s, q)) > 0)
		if (n < most)
			out[n++] = (struct unplaced){ sql_column(q, 0), sql_take(q, 1, pool) };
	return more ? more : (int)n;
}

int store_wildcards_place(struct store *s)
{
	struct unplaced found[256];
	struct obstack pool;
	int64_t after = 0;
	int err = 0, n;

	obstack_init(&pool);
	do {
		n = next_unplaced(s, &pool, after, found, ARRAY_LEN(found));
		for (int i = 0; !err && i < n; i++) {
			err = store_wildcard_put(s, found[i].id, found[i].wildcard);
			err = err == -EINVAL ? 0 : err; /* it was never checked then, and matches nothing now */
			after = found[i].id;
		}
	} while (!err && n == (int)ARRAY_LEN(found));
	obstack_free(&pool, NULL);
	return n < 0 ? n : err;
}
