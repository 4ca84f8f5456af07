// SPDX-License-Identifier: Apache-2.0
/* What the reading side of the trace asks the writing side. */
#pragma once
#include "common/trace_ring.h"

enum { TRACE_RINGS_MAX = 32 };

enum trace_mode trace_mode(void);
size_t trace_rings(const struct trace_ring *out[TRACE_RINGS_MAX]); /* how many */
