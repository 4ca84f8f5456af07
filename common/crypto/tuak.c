// SPDX-License-Identifier: Apache-2.0
/* TUAK: each function is Keccak-f over one input, of which INSTANCE says which function and which lengths it is. [TS 35.231]
 *
 *   octet  0       32         33        40     56    58    64   96            135
 *          TOPc    INSTANCE   ALGONAME  RAND   AMF   SQN   K    11111   0...   ...1
 *
 * The standard numbers the bits of IN from the least significant bit of each value; as Keccak's octets begin with theirs too, a
 * value lies in the state with its octets turned round. */
#include "common/crypto/tuak.h"
#include "common/crypto/keccak.h"
#include <string.h>

enum {
	AT_TOPC = 0, AT_INSTANCE = 32, AT_NAME = 33, AT_RAND = 40, AT_AMF = 56, AT_SQN = 58, AT_K = 64, AT_PADDING = 96, AT_END = 135,
	OUT_RES = 0, OUT_CK = 32, OUT_IK = 64, OUT_AK = 96,
};

/* INSTANCE[0] is its most significant bit. */
enum { F1 = 0x00, F1_STAR = 0x80, F2345 = 0x40, F5_STAR = 0xc0, LONG_CK = 0x04, LONG_IK = 0x02, LONG_K = 0x01 };

static void put(uint8_t *at, const uint8_t *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = value[len - 1 - i];
}

static void take(const uint8_t *at, uint8_t *value, size_t len)
{
	put(value, at, len);
}

/* INSTANCE[2..4], for a MAC or a RES: 32 bits are none of them. */
static uint8_t instance_of_length(unsigned len)
{
	return len == 8 ? 0x08 : len == 16 ? 0x10 : len == 32 ? 0x20 : 0x00;
}

static void begin(uint8_t in[KECCAK_BYTES], const struct tuak *t, const uint8_t top[TUAK_MAX], uint8_t instance)
{
	memset(in, 0, KECCAK_BYTES);
	put(in + AT_TOPC, top, TUAK_MAX);
	in[AT_INSTANCE] = instance | (t->k_len == TUAK_MAX ? LONG_K : 0);
	put(in + AT_NAME, (const uint8_t *)"TUAK1.0", 7);
	put(in + AT_K, t->k, t->k_len);
	in[AT_PADDING] = 0x1f;
	in[AT_END] = 0x80;
}

static void turn(uint8_t state[KECCAK_BYTES], const struct tuak *t)
{
	for (unsigned i = 0; i < t->iterations; i++)
		keccak_f1600(state);
}

void tuak_topc(const struct tuak *t, const uint8_t top[TUAK_MAX], uint8_t topc[TUAK_MAX])
{
	uint8_t state[KECCAK_BYTES];

	begin(state, t, top, 0);
	turn(state, t);
	take(state, topc, TUAK_MAX);
	explicit_bzero(state, sizeof state);
}

static void mac(const struct tuak *t, uint8_t function, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], uint8_t *out)
{
	uint8_t state[KECCAK_BYTES];

	begin(state, t, t->topc, function | instance_of_length(t->mac_len));
	put(state + AT_RAND, rand, 16);
	put(state + AT_AMF, amf, 2);
	put(state + AT_SQN, sqn, 6);
	turn(state, t);
	take(state, out, t->mac_len);
	explicit_bzero(state, sizeof state);
}

void tuak_f1(const struct tuak *t, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], uint8_t *mac_a, uint8_t *mac_s)
{
	mac(t, F1, rand, sqn, amf, mac_a);
	mac(t, F1_STAR, rand, sqn, amf, mac_s);
}

void tuak_f2345(const struct tuak *t, const uint8_t rand[16], uint8_t *res, uint8_t *ck, uint8_t *ik, uint8_t ak[6], uint8_t ak_star[6])
{
	uint8_t state[KECCAK_BYTES];

	begin(state, t, t->topc, F2345 | instance_of_length(t->res_len) | (t->ck_len == TUAK_MAX ? LONG_CK : 0) |
	      (t->ik_len == TUAK_MAX ? LONG_IK : 0));
	put(state + AT_RAND, rand, 16);
	turn(state, t);
	take(state + OUT_RES, res, t->res_len);
	take(state + OUT_CK, ck, t->ck_len);
	take(state + OUT_IK, ik, t->ik_len);
	take(state + OUT_AK, ak, 6);
	begin(state, t, t->topc, F5_STAR);
	put(state + AT_RAND, rand, 16);
	turn(state, t);
	take(state + OUT_AK, ak_star, 6);
	explicit_bzero(state, sizeof state);
}
