// SPDX-License-Identifier: Apache-2.0
/* What the daemons know about a user, and what follows from it. */
#pragma once
#include "ctl/client.h"

enum verdict {
	VERDICT_WELL,            /* the last thing it did went well */
	VERDICT_FAILED,
	VERDICT_UNANSWERED,      /* challenged, and no answer came */
	VERDICT_IDLE,            /* provisioned, and did nothing yet */
	VERDICT_UNKNOWN,         /* nobody of that name */
};

struct facts {
	json_t *subscriber;      /* as REST shows it; NULL: none */
	bool asked_hss;          /* REST answered */
	json_t *names;           /* its identities, what was asked for first */
	json_t *registrations;   /* of the S-CSCFs */
	json_t *failure, *last;  /* {"id", "procedure", "result", "time", "why", "daemon"}; NULL: none */
	size_t reached;          /* daemons */
};

void facts_gather(const struct ctl *c, const char *user, struct facts *f);
void facts_free(struct facts *f);
enum verdict facts_verdict(const struct facts *f); /* pure */

/* The better evidence of two failures: the newer, and of one procedure the one deeper in the network. Pure. */
const json_t *failure_better(const json_t *a, const json_t *b);
