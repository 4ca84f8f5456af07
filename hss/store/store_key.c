// SPDX-License-Identifier: Apache-2.0
/* The master keys that the store's secrets are sealed under, by their check values, and the secrets of one that shall go. */
#include "hss/store/store_sql.h"

int store_master_keys(struct store *s, struct obstack *pool, struct master_key_row *out, size_t most)
{
	struct query *q = sql(s, SQL_MASTER_KEYS);
	size_t n = 0;
	int more;

	while ((more = sql_step(s, q)) > 0)
		if (n < most)
			out[n++] = (struct master_key_row){ (uint32_t)sql_column(q, 0), sql_take_blob(q, 1, pool) };
	return more ? more : (int)n;
}

int store_master_key_newest(struct store *s, uint32_t *id)
{
	int64_t newest;
	int err = sql_number(s, sql(s, SQL_MASTER_KEY_NEWEST), &newest);

	if (!err)
		*id = (uint32_t)newest;
	return err;
}

static int put_check(struct store *s, enum statement which, uint32_t id, struct bytes check)
{
	struct query *q = sql(s, which);

	sql_int(q, ":id", id);
	sql_blob(q, ":check", check);
	return sql_run(s, q);
}

int store_master_key_met(struct store *s, uint32_t id, struct bytes check)
{
	int err = put_check(s, SQL_MASTER_KEY_MET, id, check);

	return err || sql_changes(s) == 1 ? err : -EEXIST;
}

int store_master_key_add(struct store *s, uint32_t id, struct bytes check)
{
	return put_check(s, SQL_MASTER_KEY_ADD, id, check);
}

int store_master_keys_remove(struct store *s, uint32_t below)
{
	struct query *q = sql(s, SQL_MASTER_KEYS_REMOVE);

	sql_int(q, ":id", below);
	return sql_run(s, q);
}

/* ---- secrets under others ---- */

static int take_sealed(struct store *s, enum statement which, struct obstack *pool, uint32_t key, int64_t from, struct sealed_row *out,
		       size_t most)
{
	struct query *q = sql(s, which);
	size_t n = 0;
	int more;

	sql_int(q, ":key", key);
	sql_int(q, ":from", from);
	sql_int(q, ":most", (int64_t)most);
	while ((more = sql_step(s, q)) > 0)
		out[n++] = (struct sealed_row){ .private_identity = sql_column(q, 0), .impi = sql_take(q, 1, pool),
						.algorithm = sql_take(q, 2, pool), .secret = sql_take_blob(q, 3, pool),
						.opc = sql_take_blob(q, 4, pool) };
	return more ? more : (int)n;
}

int store_digests_not_under(struct store *s, struct obstack *pool, uint32_t key, int64_t from, struct sealed_row *out, size_t most)
{
	return take_sealed(s, SQL_DIGESTS_NOT_UNDER, pool, key, from, out, most);
}

int store_akas_not_under(struct store *s, struct obstack *pool, uint32_t key, int64_t from, struct sealed_row *out, size_t most)
{
	return take_sealed(s, SQL_AKAS_NOT_UNDER, pool, key, from, out, most);
}

int store_not_under(struct store *s, uint32_t key, int64_t *count)
{
	struct query *q = sql(s, SQL_NOT_UNDER);

	sql_int(q, ":key", key);
	return sql_number(s, q, count);
}

/* Only what is still as it was read: another front end may have put a new one meanwhile. */
int store_digest_reseal(struct store *s, const struct sealed_row *old, struct bytes ha1, uint32_t key)
{
	struct query *q = sql(s, SQL_DIGEST_RESEAL);

	sql_int(q, ":private", old->private_identity);
	sql_text(q, ":algorithm", old->algorithm);
	sql_blob(q, ":old", old->secret);
	sql_blob(q, ":ha1", ha1);
	sql_int(q, ":key", key);
	return sql_run(s, q);
}

int store_aka_reseal(struct store *s, const struct sealed_row *old, struct bytes k, struct bytes opc, uint32_t key)
{
	struct query *q = sql(s, SQL_AKA_RESEAL);

	sql_int(q, ":private", old->private_identity);
	sql_blob(q, ":old", old->secret);
	sql_blob(q, ":k", k);
	sql_blob(q, ":opc", opc);
	sql_int(q, ":key", key);
	return sql_run(s, q);
}
