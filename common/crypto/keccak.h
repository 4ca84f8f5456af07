// SPDX-License-Identifier: Apache-2.0
/* The permutation Keccak-f[1600]. [FIPS 202 3.3, TS 35.231 annex C] */
#pragma once
#include "common/base.h"

enum { KECCAK_BYTES = 200 };

/* Once over the state: lane (x, y) is the octets from 8 * (x + 5 * y) on, the least significant first. */
void keccak_f1600(uint8_t state[KECCAK_BYTES]);
