// SPDX-License-Identifier: Apache-2.0
/* What an SAA carries. [TS 29.228 table 6.1.2.2, 6.6] Only for server_assignment*.c. */
#pragma once
#include "hss/identity.h"

/* The profile unless the S-CSCF has it, charging functions, and what else it is to know of the user. 0 or -errno. */
int give_user_data(struct run *r, const struct private_identity *p, const struct impu *u);
/* What S-CSCFs stored of the set's registrations [TS 23.380 4.4]. 0 or -errno. */
int give_restoration(struct run *r, const struct impu *u);
