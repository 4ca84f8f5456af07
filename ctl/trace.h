// SPDX-License-Identifier: Apache-2.0
/* What trace and explain both ask of the daemons' traces. */
#pragma once
#include "ctl/client.h"
#include "ctl/message.h"

/* All messages that belong to `name`, a trace id, Call-ID or identity, over all daemons, each once. How many daemons were reached. */
size_t trace_gather(const struct ctl *c, const char *name, struct messages *out);
/* The id of the newest procedure of an identity over all daemons; to be freed, NULL: none. */
char *trace_newest_of(const struct ctl *c, const char *identity);
/* "2026-11-24T20:37:12.123456Z" as "2026-11-24 20:37:12.123"; other texts as they are. */
void time_text(const char *time, char out[32]);
