// SPDX-License-Identifier: Apache-2.0
/* Wildcarded public identities: a part of the URI is an extended regular expression between exclamation marks, as in
 * sip:chatlist!.*!@ims.test. [TS 23.003 13.5] From any thread. */
#pragma once
#include "common/base.h"

/* 0: it is one, and what stands before the expression has *prefix octets. -EINVAL: no pair of exclamation marks, or no regular
 * expression between them. */
int wildcard_check(const char *wildcard, size_t *prefix);
/* Does the whole identity match? An expression that needs more steps than we give does not. */
bool wildcard_matches(const char *wildcard, const char *identity);
/* Before the process ends. */
void wildcard_forget_all(void);
