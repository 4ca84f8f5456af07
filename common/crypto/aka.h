// SPDX-License-Identifier: Apache-2.0
/* Authentication vectors of AKA, whichever algorithm set the operator chose. [TS 33.102 6.3] */
#pragma once
#include "common/crypto/milenage.h"
#include "common/crypto/tuak.h"

enum aka_algorithm { AKA_MILENAGE, AKA_TUAK };
const char *aka_algorithm_name(enum aka_algorithm algorithm);   /* "milenage", "tuak" */

enum { AKA_RES_MAX = 16, AKA_MAC = 8, AKA_KEY = 16 };           /* octets [TS 33.102 6.3.7] */

struct aka {                 /* one subscriber's secrets */
	enum aka_algorithm algorithm;
	union {
		struct milenage milenage;
		struct tuak tuak;
	};
};

/* TUAK's lengths as AKA uses them: MAC of 64 bits, CK and IK of 128 [TS 33.102 6.3.7]; k and topc are left to the caller. */
void aka_tuak(struct aka *a, unsigned k_len, unsigned res_len, unsigned iterations);

/* AUTN = SQN xor AK || AMF || MAC-A. [TS 33.102 6.3.2] */
struct aka_vector {
	uint8_t rand[16], autn[16], xres[AKA_RES_MAX], ck[AKA_KEY], ik[AKA_KEY];
	unsigned xres_len;
};
/* 0 or -EIO (OpenSSL). */
int aka_vector(const struct aka *a, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], struct aka_vector *out);

/* Takes SQN_MS out of AUTS [TS 33.102 6.3.3]. 0, or -EBADMSG when MAC-S does not verify. */
int aka_auts(const struct aka *a, const uint8_t rand[16], const uint8_t auts[14], uint8_t sqn_ms[6]);
