// SPDX-License-Identifier: Apache-2.0
/* The one mapping between SIP status, Diameter results and errno, so that nodes never disagree. */
#pragma once
#include "common/diameter/result.h"

/* The SIP status for a request whose Cx question ended so: 0 for success, 403 or 404 or 480 ... by the clause that names it
 * [TS 24.229 5.3.1.2 for a REGISTER, 5.3.2.1 for others]. */
int err_sip_status(enum diameter_result r, int is_register);
/* -ETIMEDOUT, -ENOTCONN and the like of a question never answered: 480 or 504 by the clause. */
int err_sip_unanswered(int err, int is_register);
