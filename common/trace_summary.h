// SPDX-License-Identifier: Apache-2.0
/* A message in one to three words: "REGISTER", "401 Unauthorized (REGISTER)", "UAR", "UAA 2001". Pure. */
#pragma once
#include "common/trace.h"

void trace_summary(enum trace_protocol protocol, struct bytes m, char *out, size_t size);
