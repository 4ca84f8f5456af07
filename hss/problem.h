// SPDX-License-Identifier: Apache-2.0
/* What is wrong with something provisioned, in the words of a problem detail. [RFC 9457] */
#pragma once
#include "common/base.h"

struct problem {
	int status;          /* HTTP */
	char field[96];      /* "identities[0].impu"; "" for none */
	char detail[256];
};

/* Always -EINVAL, so that a step can return it. */
int problem_set(struct problem *p, int status, const char *field, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* For what the store said, unless a step said more. Always `err`. */
int problem_of_store(struct problem *p, int err);
