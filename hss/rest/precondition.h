// SPDX-License-Identifier: Apache-2.0
/* If-Match and If-None-Match of a change. [RFC 9110 13.1.1, 13.1.2] */
#pragma once
#include "hss/rest/rest.h"

enum { NOT_THERE = -1 };

/* Reads both headers; false after replying that there is no memory. */
bool precondition_read(struct change *c);
void precondition_free(struct change *c);
/* 0, or -EINVAL with 412 set. `revision` NOT_THERE: nothing has that name yet. */
int precondition_check(struct change *c, int64_t revision);
