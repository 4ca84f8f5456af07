// SPDX-License-Identifier: Apache-2.0
/* Credentials of AKA: Milenage with OP or OPc, TUAK with TOP or TOPc. [TS 33.203 6.1, TS 35.206, TS 35.231] */
#include "hss/key/credential.h"
#include "hss/rest/subscriber_part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE "credentials"

/* ---- hex digits ---- */

int member_octets(const struct subscriber *u, const json_t *object, const char *where, const char *key, uint8_t *out, size_t *len)
{
	char pair[3] = "";
	const char *text = NULL;
	int given = member_text(u, object, where, key, &text);
	size_t n;

	if (given <= 0)
		return given;
	n = strlen(text);
	if (n % 2 || n / 2 > *len || strspn(text, "0123456789abcdefABCDEF") != n) {
		char name[64];

		snprintf(name, sizeof name, "%s.%s", where, key);
		return problem_set(u->problem, 422, name, "%zu hex digits are expected", 2 * *len);
	}
	for (size_t i = 0; i < n / 2; i++) {
		memcpy(pair, text + 2 * i, 2);
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	*len = n / 2;
	return 1;
}

/* Exactly `len` octets. 1, 0 absent, -EINVAL. */
static int member_hex(const struct subscriber *u, const json_t *c, const char *key, uint8_t *out, size_t len)
{
	char name[32] = WHERE ".";
	size_t got = len;
	int given = member_octets(u, c, WHERE, key, out, &got);

	if (given <= 0 || got == len)
		return given;
	strncat(name, key, sizeof name - strlen(name) - 1);
	return problem_set(u->problem, 422, name, "%zu hex digits are expected", 2 * len);
}

/* Either what is particular to the subscriber, or the operator's own, which then is made so. 1: the latter, in `operators`. */
static int read_variant(const struct subscriber *u, const json_t *c, const char *own, const char *operator, uint8_t *out,
			uint8_t *operators, size_t len)
{
	int has_own = member_hex(u, c, own, out, len), has_operators = has_own < 0 ? has_own : member_hex(u, c, operator, operators, len);
	char name[32];

	if (has_operators < 0)
		return has_operators;
	if (has_own != has_operators)
		return has_operators;
	snprintf(name, sizeof name, WHERE ".%s", own);
	return problem_set(u->problem, 422, name, "either %s or %s is needed", own, operator);
}

static int need_k(const struct subscriber *u, int given)
{
	return given ? given : problem_set(u->problem, 422, WHERE ".k", "is needed");
}

/* ---- Milenage ---- */

static int read_milenage(const struct subscriber *u, const json_t *c, struct milenage *m)
{
	uint8_t op[16];
	int given = need_k(u, member_hex(u, c, "k", m->k, sizeof m->k));

	if (given > 0)
		given = read_variant(u, c, "opc", "op", m->opc, op, sizeof op);
	if (given > 0)
		given = milenage_opc(m->k, op, m->opc);
	explicit_bzero(op, sizeof op);
	return given;
}

static int put_milenage(struct subscriber *u, const json_t *c, struct aka_row *row)
{
	struct milenage m;
	int err = read_milenage(u, c, &m);

	if (!err) {
		row->algorithm = AKA_MILENAGE;
		row->k = seal_into(u, AKA_K, (struct bytes){ m.k, sizeof m.k });
		row->opc = seal_into(u, AKA_OPC, (struct bytes){ m.opc, sizeof m.opc });
	}
	explicit_bzero(&m, sizeof m);
	return err;
}

/* ---- TUAK ---- */

static int read_tuak_k(const struct subscriber *u, const json_t *c, struct tuak *t)
{
	size_t len = sizeof t->k;
	int given = need_k(u, member_octets(u, c, WHERE, "k", t->k, &len));

	if (given > 0 && len != 16 && len != TUAK_MAX)
		return problem_set(u->problem, 422, WHERE ".k", "32 or 64 hex digits are expected");
	t->k_len = (unsigned)len;
	return given;
}

/* The Keccak iterations are the operator's choice [TS 35.231]; a card keeps their number in an octet. RES is of at most 128 bits in
 * AKA [TS 33.102 6.3.7]. */
int aka_read_tuak_numbers(const struct subscriber *u, const json_t *c, struct aka_row *row)
{
	int64_t iterations = 1, bits = 64;

	if (member_integer(u, c, WHERE, "iterations", 1, TUAK_ITERATIONS_MAX, &iterations) < 0 ||
	    member_integer(u, c, WHERE, "res_bits", 32, 128, &bits) < 0)
		return -EINVAL;
	if (bits & (bits - 1))
		return problem_set(u->problem, 422, WHERE ".res_bits", "32, 64 or 128 is expected");
	row->iterations = (unsigned)iterations;
	row->res_bits = (unsigned)bits;
	return 0;
}

static int read_tuak(const struct subscriber *u, const json_t *c, struct tuak *t, struct aka_row *row)
{
	uint8_t top[TUAK_MAX];
	int given = read_tuak_k(u, c, t);

	if (given > 0)
		given = aka_read_tuak_numbers(u, c, row);
	if (given)
		return given;
	t->iterations = row->iterations;
	given = read_variant(u, c, "topc", "top", t->topc, top, sizeof top);
	if (given > 0)
		tuak_topc(t, top, t->topc);
	explicit_bzero(top, sizeof top);
	return given < 0 ? given : 0;
}

static int put_tuak(struct subscriber *u, const json_t *c, struct aka_row *row)
{
	struct tuak t = { 0 };
	int err = read_tuak(u, c, &t, row);

	if (!err) {
		row->algorithm = AKA_TUAK;
		row->k = seal_into(u, AKA_K, (struct bytes){ t.k, t.k_len });
		row->opc = seal_into(u, AKA_TOPC, (struct bytes){ t.topc, sizeof t.topc });
	}
	explicit_bzero(&t, sizeof t);
	return err;
}

/* ---- either ---- */

int aka_read_counters(const struct subscriber *u, const json_t *c, struct aka_row *row)
{
	uint8_t amf[2] = { 0x80, 0x00 }; /* without its separation bit in vectors of IMS: hss/multimedia_auth.c */
	int64_t sqn = 0;

	if (member_hex(u, c, "amf", amf, sizeof amf) < 0 || member_integer(u, c, WHERE, "sqn", 0, (INT64_C(1) << 48) - 1, &sqn) < 0)
		return -EINVAL;
	row->amf = (uint16_t)(amf[0] << 8 | amf[1]);
	row->seq = (uint64_t)sqn >> IND_BITS;
	return 0;
}

int aka_read_algorithm(const struct subscriber *u, const json_t *c, enum aka_algorithm *out)
{
	const char *name = aka_algorithm_name(AKA_MILENAGE);

	if (member_text(u, c, WHERE, "algorithm", &name) < 0)
		return -EINVAL;
	if (strcmp(name, aka_algorithm_name(AKA_MILENAGE)) && strcmp(name, aka_algorithm_name(AKA_TUAK)))
		return problem_set(u->problem, 422, WHERE ".algorithm", "milenage or tuak is expected");
	*out = strcmp(name, aka_algorithm_name(AKA_TUAK)) ? AKA_MILENAGE : AKA_TUAK;
	return 0;
}

static int read_aka(struct subscriber *u, const json_t *c, struct aka_row *row)
{
	static const char *const of_milenage[] = { "scheme", "algorithm", "k", "op", "opc", "amf", "sqn", NULL };
	static const char *const of_tuak[] = { "scheme", "algorithm", "k", "top", "topc", "iterations", "res_bits", "amf", "sqn", NULL };
	enum aka_algorithm algorithm = AKA_MILENAGE;
	int err = aka_read_algorithm(u, c, &algorithm);

	if (!err)
		err = members_known(u, c, WHERE, algorithm == AKA_TUAK ? of_tuak : of_milenage);
	if (!err)
		err = algorithm == AKA_TUAK ? put_tuak(u, c, row) : put_milenage(u, c, row);
	if (!err)
		err = aka_read_counters(u, c, row);
	return err ? err : row->k.data && row->opc.data ? 0 : -EIO;
}

int put_aka(struct subscriber *u, const json_t *c)
{
	struct aka_row row = { .iterations = 1, .res_bits = 64 };
	int err = read_aka(u, c, &row);

	if (!err)
		err = store_digests_put(u->store, u->id, NULL, 0);
	return err ? err : store_aka_put(u->store, u->id, &row);
}
