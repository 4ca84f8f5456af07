// SPDX-License-Identifier: Apache-2.0
/* 24 rounds of theta, rho, pi, chi and iota. [FIPS 202 3.2, 3.3] */
#include "common/crypto/keccak.h"
#include <endian.h>
#include <string.h>

enum { LANES = 25, ROUNDS = 24 };

/* RC of each round. [FIPS 202 3.2.5] */
static const uint64_t round_constants[ROUNDS] = {
	0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
	0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
	0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
	0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* Pi as one cycle through all lanes but (0, 0), and by how much rho turns the lane that goes there. [FIPS 202 3.2.2, 3.2.3] */
static const uint8_t pi_lane[LANES - 1] = { 10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1 };
static const uint8_t rho_bits[LANES - 1] = { 1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44 };

static inline uint64_t turn(uint64_t lane, unsigned bits)
{
	return lane << bits | lane >> (64 - bits);
}

/* The steps are unrolled whole: with constant indexes the compiler leaves no division, and no table either. */
#define UNROLLED _Pragma("GCC unroll 25")

static inline void theta(uint64_t a[LANES])
{
	uint64_t c[5];

	UNROLLED for (int x = 0; x < 5; x++)
		c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	UNROLLED for (int i = 0; i < LANES; i++)
		a[i] ^= c[(i + 4) % 5] ^ turn(c[(i + 1) % 5], 1);
}

static inline void rho_and_pi(uint64_t a[LANES])
{
	uint64_t moving = a[1];

	UNROLLED for (int i = 0; i < LANES - 1; i++) {
		uint64_t there = a[pi_lane[i]];

		a[pi_lane[i]] = turn(moving, rho_bits[i]);
		moving = there;
	}
}

static inline void chi(uint64_t a[LANES])
{
	UNROLLED for (int y = 0; y < LANES; y += 5) {
		const uint64_t row[5] = { a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4] };

		UNROLLED for (int x = 0; x < 5; x++)
			a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
	}
}

void keccak_f1600(uint8_t state[KECCAK_BYTES])
{
	uint64_t a[LANES];

	for (int i = 0; i < LANES; i++) {
		memcpy(&a[i], state + 8 * i, 8);
		a[i] = le64toh(a[i]);
	}
	for (int round = 0; round < ROUNDS; round++) {
		theta(a);
		rho_and_pi(a);
		chi(a);
		a[0] ^= round_constants[round];
	}
	for (int i = 0; i < LANES; i++) {
		const uint64_t lane = htole64(a[i]);

		memcpy(state + 8 * i, &lane, 8);
	}
	explicit_bzero(a, sizeof a);
}
