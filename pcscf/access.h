// SPDX-License-Identifier: Apache-2.0
/* What the P-CSCF adds to every request that enters the network here: charging identifier, access network. [TS 24.229 5.2.6.3.3] */
#pragma once
#include "pcscf/pcscf.h"

/* P-Charging-Vector with a fresh icid, which is the trace id from here on, and P-Access-Network-Info where we know the
 * access. [TS 24.229 4.5.4, RFC 7315 4.4, 4.6] 0 or -ENOMEM. */
int access_charge(struct request *r);

/* The socket that the core reaches us by. */
const struct endpoint *access_core_endpoint(const struct request *r);

void access_count(struct pcscf *p);  /* minims_bindings */
