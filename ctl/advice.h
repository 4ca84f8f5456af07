// SPDX-License-Identifier: Apache-2.0
/* What a refusal means to the one who has to mend it. Pure. */
#pragma once
#include "common/base.h"

struct advice {
	const char *cause, *todo;        /* sentences; IMPI, IMPU and DOMAIN in them stand for the user's */
};

/* By the daemons' own words, whose stable parts are in the table; then by status. `scheme`: "digest", "aka", "" when unknown. NULL:
 * nothing is known about it. */
const struct advice *advice_of_why(const char *why, const char *scheme);
const struct advice *advice_of_status(int status);
