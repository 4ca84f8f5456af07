// SPDX-License-Identifier: Apache-2.0
/* Where a message holds secrets. Pure. */
#pragma once
#include "common/trace_ring.h"

enum { TRACE_SPANS_MAX = 32 };

/* Writes at most TRACE_SPANS_MAX ascending spans and returns how many. With more secrets than that, the last span reaches to the
 * end of the message. Of a SIP message only the `suspect` lines are searched. */
size_t trace_blank_sip(struct bytes m, struct bytes suspect, struct trace_span *spans);
size_t trace_blank_diameter(struct bytes m, struct trace_span *spans);
