// SPDX-License-Identifier: Apache-2.0
/* Contacts that go without a REGISTER of the user. [TS 24.229 5.4.1.4, 5.4.1.5] */
#pragma once
#include "scscf/user.h"

/* Contacts that ran out go; SAR TIMEOUT_DEREGISTRATION for each private identity that has none left. */
void deregistration_of_expired(struct user *u);
/* By the operator: all contacts go, SAR ADMINISTRATIVE_DEREGISTRATION. */
void deregistration_by_operator(struct user *u);
/* The HSS asked for it: contacts of `private_identity` (NULL: all) go, no SAR. */
void deregistration_by_hss(struct user *u, const char *private_identity);
