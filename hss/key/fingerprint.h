// SPDX-License-Identifier: Apache-2.0
/* A number that tells a text from another one; against accident, not against an attacker. (FNV-1a, 64 bits) */
#pragma once
#include "common/base.h"

static inline int64_t fingerprint(struct bytes text)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ text.data[i]) * 1099511628211u;
	return (int64_t)(hash >> 1);
}
