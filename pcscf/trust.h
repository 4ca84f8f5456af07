// SPDX-License-Identifier: Apache-2.0
/* The border of the trust domain: which header may cross it, and in which direction. [TS 24.229 4.4] */
#pragma once
#include "common/sip/header.h"

/* What a UE claims and only the core may say is taken off a request or response of the UE. */
void trust_strip_from_ue(struct sip_message *m);
/* What is none of the UE's business is taken off a request or response towards the UE; identities too, where its Privacy asks. */
void trust_strip_to_ue(struct sip_message *m);
