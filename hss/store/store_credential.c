// SPDX-License-Identifier: Apache-2.0
/* Credentials as they lie in the store: sealed. hss/key/credential.c opens them. */
#include "hss/key/seal.h"
#include "hss/store/store_sql.h"
#include <string.h>

int store_digests(struct store *s, struct obstack *pool, int64_t private_identity, struct digest_row *out, size_t most)
{
	struct query *q = sql(s, SQL_DIGESTS);
	size_t n = 0;
	int more;

	sql_int(q, ":private", private_identity);
	while ((more = sql_step(s, q)) > 0)
		if (n < most)
			out[n++] = (struct digest_row){ sql_take(q, 0, pool), sql_take(q, 1, pool), sql_take_blob(q, 2, pool) };
	return more ? more : (int)n;
}

static enum aka_algorithm algorithm_of(const char *name)
{
	return strcmp(name, aka_algorithm_name(AKA_TUAK)) ? AKA_MILENAGE : AKA_TUAK;
}

int store_aka(struct store *s, struct obstack *pool, int64_t private_identity, struct aka_row *out)
{
	struct query *q = sql(s, SQL_AKA);
	int err;

	sql_int(q, ":private", private_identity);
	err = sql_row(s, q);
	if (err)
		return err;
	*out = (struct aka_row){ .algorithm = algorithm_of(sql_column_text(q, 4)), .k = sql_take_blob(q, 0, pool),
				 .opc = sql_take_blob(q, 1, pool), .iterations = (unsigned)sql_column(q, 5),
				 .res_bits = (unsigned)sql_column(q, 6), .amf = (uint16_t)sql_column(q, 2), .seq = (uint64_t)sql_column(q, 3) };
	sql_done(q);
	return 0;
}

int store_aka_reserve(struct store *s, int64_t private_identity, const struct aka_row *row, uint64_t limit)
{
	struct query *q;
	int err;

	if (!s->writes)
		return -EROFS;
	q = sql(s, SQL_AKA_RESERVE);
	sql_int(q, ":private", private_identity);
	sql_blob(q, ":k", row->k);
	sql_int(q, ":seq", (int64_t)row->seq);
	sql_int(q, ":limit", (int64_t)limit);
	err = sql_run(s, q);
	return err || sql_changes(s) == 1 ? err : -ERESTART;
}

/* ---- provisioning ---- */

static int clear(struct store *s, enum statement which, int64_t private_identity)
{
	struct query *q = sql(s, which);

	sql_int(q, ":private", private_identity);
	return sql_run_later(s, q);
}

int store_scheme_put(struct store *s, int64_t private_identity, enum scheme scheme)
{
	struct query *q = sql(s, SQL_SCHEME_PUT);

	sql_int(q, ":private", private_identity);
	sql_text(q, ":scheme", scheme_name(scheme));
	return sql_run_later(s, q);
}

int store_digests_put(struct store *s, int64_t private_identity, const struct digest_row *rows, size_t n)
{
	int err = clear(s, SQL_DIGESTS_CLEAR, private_identity);

	for (size_t i = 0; !err && i < n; i++) {
		struct query *q = sql(s, SQL_DIGEST_ADD);

		sql_int(q, ":private", private_identity);
		sql_text(q, ":algorithm", rows[i].algorithm);
		sql_text(q, ":realm", rows[i].realm);
		sql_blob(q, ":ha1", rows[i].ha1);
		sql_int(q, ":key", sealed_key(rows[i].ha1));
		err = sql_run_later(s, q);
	}
	return err;
}

static uint32_t older(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

int store_aka_put(struct store *s, int64_t private_identity, const struct aka_row *row)
{
	int err = clear(s, SQL_AKA_CLEAR, private_identity);
	struct query *q;

	if (err || !row)
		return err;
	q = sql(s, SQL_AKA_ADD);
	sql_int(q, ":private", private_identity);
	sql_text(q, ":algorithm", aka_algorithm_name(row->algorithm));
	sql_blob(q, ":k", row->k);
	sql_blob(q, ":opc", row->opc);
	sql_int(q, ":key", older(sealed_key(row->k), sealed_key(row->opc)));
	sql_int(q, ":iterations", row->iterations);
	sql_int(q, ":res_bits", row->res_bits);
	sql_int(q, ":amf", row->amf);
	sql_int(q, ":seq", (int64_t)row->seq);
	return sql_run_later(s, q);
}
