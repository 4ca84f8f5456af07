// SPDX-License-Identifier: Apache-2.0
/* What a node says of its load, and how much a message matters. [RFC 7683 7, RFC 7944 8] */
#pragma once
#include "common/base.h"

enum drmp { DRMP_HIGHEST = 0, DRMP_KEPT = 3, DRMP_DEFAULT = 10, DRMP_LOWEST = 15 }; /* what matters KEPT or more is never shed */

enum { OC_LOSS = 1 };                    /* OC-Feature-Vector: OLR_DEFAULT_ALGO [RFC 7683 7.2] */
enum overload_scope { OVERLOAD_HOST = 0, OVERLOAD_REALM = 1 }; /* OC-Report-Type [RFC 7683 7.6] */
enum { OVERLOAD_VALIDITY_S = 30, OVERLOAD_VALIDITY_MAX_S = 86400 }; /* without OC-Validity-Duration; at most [RFC 7683 7.5] */

struct overload_report {                 /* OC-OLR [RFC 7683 7.3] */
	uint64_t sequence;
	enum overload_scope type;
	bool has_reduction, has_validity_s;
	uint32_t reduction;              /* per cent */
	uint32_t validity_s;             /* 0: it is over */
};

/* How long something of this priority may have waited when others may for `limit_ms`: what matters is served late rather than never. */
static inline uint64_t overload_limit_ns(unsigned limit_ms, enum drmp priority)
{
	uint64_t ns = limit_ms * 1000000ull;

	return priority <= DRMP_KEPT ? UINT64_MAX : priority < DRMP_DEFAULT ? 2 * ns : priority == DRMP_DEFAULT ? ns : ns / 2;
}
