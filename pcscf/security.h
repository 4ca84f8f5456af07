// SPDX-License-Identifier: Apache-2.0
/* What the P-CSCF vouches for at registration, and what it keeps from the UE. [TS 24.229 5.2.2.2-5.2.2.4, TS 33.203] */
#pragma once
#include "common/sip/agent.h"
#include "common/sip/proxy.h"

enum protection { PROTECTION_UNKNOWN, PROTECTION_NO, PROTECTION_TLS_PENDING, PROTECTION_TLS_YES };

struct protection_facts {
	bool tls;              /* the REGISTER came over TLS */
	bool known;            /* the same private identity is registered over this very connection */
	bool has_response;     /* to a challenge */
	bool aka;              /* the UE answers by Digest-AKA, without ipsec-3gpp */
};

/* Pure. */
enum protection protection_of(const struct protection_facts *f);

/* Sets integrity-protected in each Authorization, and takes off what the UE wrote there. */
void security_mark(struct sip_message *m, enum protection p);

/* Whether the UE answers a challenge of Digest-AKA. */
bool security_is_aka(const struct sip_message *m);
bool security_has_response(const struct sip_message *m);

/* Takes ck and ik out of a challenge: they are for us, never for the UE. [TS 24.229 5.2.2.2] How many there were. */
int security_take_keys(struct sip_message *m);
