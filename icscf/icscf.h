// SPDX-License-Identifier: Apache-2.0
/* The I-CSCF as its procedures see it. [TS 24.229 5.3] */
#pragma once
#include "common/diameter/cx.h"
#include "common/sip/agent.h"
#include "common/sip/proxy.h"
#include "icscf/options.h"

struct icscf {
	const struct icscf_options *options;
	struct sip_agent *agent;
	struct diameter_node *node;
	struct cx *cx;
};

static inline struct icscf *icscf_of(const struct request *r)
{
	return request_daemon(r);
}

extern const struct procedure icscf_registration, icscf_session, icscf_onward, icscf_own;
