// SPDX-License-Identifier: Apache-2.0
/* Milenage. [TS 35.206] f1, f1*, f2-f5, f5*; vectors of [TS 35.208] in test/unit. All arrays are big-endian octets. */
#pragma once
#include "common/base.h"

struct milenage {          /* one subscriber's secrets */
	uint8_t k[16];
	uint8_t opc[16];
};

int milenage_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16]); /* 0 or -EIO (OpenSSL) */
int milenage_f1(const struct milenage *m, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
		uint8_t mac_a[8], uint8_t mac_s[8]);
int milenage_f2345(const struct milenage *m, const uint8_t rand[16], uint8_t res[8], uint8_t ck[16], uint8_t ik[16],
		   uint8_t ak[6], uint8_t ak_star[6]);
