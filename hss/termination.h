// SPDX-License-Identifier: Apache-2.0
/* The HSS ends registrations by itself. [TS 29.228 6.1.3, 6.5.2.2] */
#pragma once
#include "hss/push.h"

struct termination {
	const char *impi;            /* only this private identity's registration; NULL: all */
	enum cx_deregistration_reason reason;
	const char *info;            /* Reason-Info */
	bool reference_location;     /* it is that which has changed [TS 29.229 6.3.69] */
};
/* The set is registered no longer, nor served unregistered; its S-CSCF is told by RTR, and is nobody's when nothing else needs it.
 * -ENOENT: nothing was registered so. */
int terminate_set(struct store *s, struct obstack *pool, int64_t set, const struct termination *t);

/* Pairs that the S-CSCF keeps registered, for an emergency is going on [TS 29.228 6.1.3.1]: they are, here as well. 0 or -errno. */
int terminate_not(struct store *s, struct obstack *pool, const struct cx_pair *pairs, size_t n, const char *server, const char *host);

/* `u`, as it was before, has come to the S-CSCF `host`: the one where the subscription was registered is told so, if it is another
 * [TS 29.228 8.1.1]. One that was given up as dead has lost all sets to its successor; from one that still lives, the others are to
 * register anew. 1: it is to be told; 0: there is no other; -errno. */
int terminate_at_former(struct store *s, struct obstack *pool, const struct impu *u, const char *host);
