// SPDX-License-Identifier: Apache-2.0
/* All that an S-CSCF remembers: made and read back before the SIP thread runs, its timers set on it. */
#pragma once
#include "scscf/scscf.h"

int state_open(struct scscf *s);     /* 0, or -errno after logging why */
void state_start_timers(void *scscf);/* SIP thread */
void state_close(struct scscf *s);
