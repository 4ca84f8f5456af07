// SPDX-License-Identifier: Apache-2.0
/* The HSS ends registrations by itself. [TS 29.228 6.1.3, 6.5.2.2] */
#pragma once
#include "hss/push.h"

/* The set is registered no longer, nor served unregistered; its S-CSCF is told by RTR, and is nobody's when nothing else needs it.
 * `impi`: only that private identity's registration; NULL: all. -ENOENT: nothing was registered so. */
int terminate_set(struct store *s, struct obstack *pool, int64_t set, const char *impi, enum cx_deregistration_reason reason,
		  const char *info);

/* `u`, as it was before, has come to the S-CSCF `host`: the one where the subscription was registered is told so, if it is another
 * [TS 29.228 8.1.1]. One that was given up as dead has lost all sets to its successor; from one that still lives, the others are to
 * register anew. 1: it is to be told; 0: there is no other; -errno. */
int terminate_at_former(struct store *s, struct obstack *pool, const struct impu *u, const char *host);
