// SPDX-License-Identifier: Apache-2.0
/* The S-CSCF as its procedures see it. [TS 24.229 5.4] */
#pragma once
#include "common/diameter/cx.h"
#include "common/keep.h"
#include "common/metrics.h"
#include "common/sip/agent.h"
#include "common/sip/proxy.h"
#include "common/token.h"
#include "scscf/options.h"

/* Feature-List 1 of this S-CSCF [TS 29.229 7.1.1]; shared iFC sets it has none of */
enum { SCSCF_FEATURES = CX_ALIAS_INDICATION | CX_IMS_RESTORATION };

struct users;
struct vectors;
struct dialogs;

struct scscf {
	const struct scscf_options *options;
	struct sip_agent *agent;             /* set before the first request is handled */
	struct diameter_node *node;
	struct cx *cx;
	struct keep *keep;
	struct token_key *key;               /* seals what lies in keep and must not be read */
	struct users *users;
	struct vectors *vectors;
	struct dialogs *dialogs;
	struct metric_cell *bindings_gauge, *dialogs_gauge;
	int cdr;                             /* -1: none */
};

static inline struct scscf *scscf_of(const struct request *r)
{
	return request_daemon(r);
}

extern const struct procedure scscf_registration, scscf_deregistration, scscf_originating, scscf_terminating, scscf_in_dialog,
	scscf_own, scscf_stranger;
