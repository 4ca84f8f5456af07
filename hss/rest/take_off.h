// SPDX-License-Identifier: Apache-2.0
/* POST /v1/scscf/NAME/take-off: all users leave an S-CSCF. [TS 29.228 6.1.3] */
#pragma once
#include "hss/rest/rest.h"

void take_off(struct http_request *q, struct provisioning *d, const char *scscf_name);
