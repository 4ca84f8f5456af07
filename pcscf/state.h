// SPDX-License-Identifier: Apache-2.0
/* Local state of the P-CSCF: opened and read before the first request, swept while it runs. */
#pragma once
#include "pcscf/pcscf.h"

int state_open(struct pcscf *p);          /* 0, or -errno after logging why */
void state_start_timers(void *pcscf);     /* SIP thread: the agent is there */
void state_close(struct pcscf *p);        /* after the SIP thread ended */
