// SPDX-License-Identifier: Apache-2.0
/* Following redirects: a question that a server (an SLF) answered with REDIRECT_INDICATION is asked again where it said, and where
 * that was is remembered as long as it allowed. [RFC 6733 6.1.8, TS 29.228 6.4, TS 29.229 5.4] Only under common/diameter. */
#pragma once
#include "common/diameter/redirect.h"
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdproto.h>

struct follow;

struct follow *follow_new(void);
void follow_free(struct follow *f);

/* Of one question, zeroed before but for `fixed`. */
struct followed {
	const char *host;          /* where it goes; NULL: to whom the routing table says. Lives as long as the struct follow */
	bool fixed;                /* the asker said where: no redirect changes that */
	bool remembered;           /* it was not said just now */
	unsigned times;            /* how often it was asked again */
};

/* Before a question goes out the first time: Destination-Host of where its user's questions go, if that is remembered. */
void follow_before(struct follow *f, struct msg *question, struct followed *q);
/* After its answer. True: the question (taken out of the answer) is to be asked again. */
bool follow_after(struct follow *f, struct msg *answer, enum diameter_result result, struct followed *q, struct msg **question);
/* It was not answered in time: what sent it there is forgotten. */
void follow_silence(struct follow *f, const struct followed *q);
