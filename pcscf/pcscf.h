// SPDX-License-Identifier: Apache-2.0
/* The P-CSCF as its procedures see it. [TS 24.229 5.2] */
#pragma once
#include "common/keep.h"
#include "common/metrics.h"
#include "common/sip/agent.h"
#include "common/sip/proxy.h"
#include "pcscf/options.h"

struct bindings;

struct pcscf {
	const struct pcscf_options *options;
	struct sip_agent *agent;             /* set before the first request is handled */
	struct keep *keep;
	struct bindings *bindings;
	struct metric_cell *bindings_gauge;
};

static inline struct pcscf *pcscf_of(const struct request *r)
{
	return request_daemon(r);
}

extern const struct procedure pcscf_registration, pcscf_originating, pcscf_terminating, pcscf_in_dialog, pcscf_own;
router pcscf_route;
