// SPDX-License-Identifier: Apache-2.0
/* TUAK. [TS 35.231] f1, f1*, f2-f5, f5*; the test sets of [TS 35.233] in test/unit. All arrays are big-endian octets. */
#pragma once
#include "common/base.h"

enum { TUAK_MAX = 32, TUAK_ITERATIONS_MAX = 255 };

struct tuak {               /* one subscriber's secrets, and the parameters that its operator chose [TS 35.231 5.1] */
	uint8_t k[TUAK_MAX];
	uint8_t topc[TUAK_MAX];
	unsigned k_len;          /* octets: 16 or 32 */
	unsigned mac_len;        /* 8, 16 or 32 */
	unsigned res_len;        /* 4, 8, 16 or 32 */
	unsigned ck_len, ik_len; /* 16 or 32 */
	unsigned iterations;     /* of Keccak-f, 1 and more */
};

/* Of t, only k, k_len and iterations count. */
void tuak_topc(const struct tuak *t, const uint8_t top[TUAK_MAX], uint8_t topc[TUAK_MAX]);
/* mac_a and mac_s are of mac_len octets. */
void tuak_f1(const struct tuak *t, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], uint8_t *mac_a, uint8_t *mac_s);
void tuak_f2345(const struct tuak *t, const uint8_t rand[16], uint8_t *res, uint8_t *ck, uint8_t *ik, uint8_t ak[6], uint8_t ak_star[6]);
