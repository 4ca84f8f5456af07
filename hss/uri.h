// SPDX-License-Identifier: Apache-2.0
/* SIP and tel URIs of what is provisioned. [TS 23.003 13.4] Pure. */
#pragma once
#include "common/base.h"

/* A public identity as the CSCFs write it (common/sip/identity.h), wildcards included. out[IMPU_MAX]; 0, or -EINVAL for what is
 * no sip, sips or tel URI. */
enum { IMPU_MAX = 256 };
int impu_canonical(const char *text, char *out);
bool is_sip_uri(const char *text); /* of a server: S-CSCF, AS */
