// SPDX-License-Identifier: Apache-2.0
/* What is being updated by an AS: nobody else may meanwhile. [TS 29.328 6.1.2.1] */
#pragma once
#include "hss/procedure.h"

/* From the first look at it until the update is on the disk. 0; -EBUSY: another one does; -ENOMEM. What r holds already it may
 * take again. */
int claim_take(struct run *r, const char *uri, uint32_t reference, const char *name);
void claims_release(struct run *r);
