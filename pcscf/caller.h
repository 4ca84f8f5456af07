// SPDX-License-Identifier: Apache-2.0
/* Which registered user a request over some flow comes from, and as whom that user may speak. [TS 24.229 5.2.6.3.1] */
#pragma once
#include "common/sip/agent.h"
#include "common/sip/proxy.h"
#include "pcscf/binding.h"

const char *caller_flow(struct request *r);          /* its flow's name, in the request's home */

/* The user of this request; NULL: not registered over this flow, nor to be adopted. */
struct binding *caller_find(struct request *r);

/* A known user on a connection we have not seen: taken over where that is safe. True when it was. */
bool caller_adopt(struct request *r, struct binding *b);
/* The connection of this name is gone, and r comes from its address over a new one: enough inside a dialog whose token r has. */
bool caller_reconnected(struct request *r, const char *flow_name);

/* One identity to assert, and the same user's of the other scheme when the UE preferred both [RFC 3325 9.1]. */
struct asserted {
	const char *first, *second;  /* second NULL: none */
};

/* What the UE prefers where it is registered with it, else the fallback, else the default identity. */
struct asserted caller_asserted(su_home_t *home, const struct sip_message *m, const struct binding *b, const char *fallback);

/* P-Preferred-Identity goes, P-Asserted-Identity comes. 0 or -ENOMEM. */
int caller_assert(struct sip_message *m, const struct asserted *a);
