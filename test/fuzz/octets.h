// SPDX-License-Identifier: Apache-2.0
/* Seeded mutations of a Diameter message's octets: the same seed gives the same. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct octets_random { uint64_t state; };

uint64_t octets_next(struct octets_random *r);
/* 0..n-1; 0 when n is 0 */
uint32_t octets_below(struct octets_random *r, uint32_t n);

/* Takes a message from malloc(), gives one back; its length in the header fits unless that is what is wrong. */
uint8_t *octets_mutate(struct octets_random *r, uint8_t *message, size_t *len);
