// SPDX-License-Identifier: Apache-2.0
/* What the HSS tells the S-CSCF: RTR and PPR. [TS 29.228 6.1.3, 6.2.1; TS 24.229 5.4.1.5, 5.4.1.7] */
#pragma once
#include "scscf/scscf.h"

void push_on_rtr(void *scscf, struct cx_call *call, const struct cx_rtr *rtr); /* SIP thread */
void push_on_ppr(void *scscf, struct cx_call *call, const struct cx_ppr *ppr); /* SIP thread */
