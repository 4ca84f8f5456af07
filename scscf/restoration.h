// SPDX-License-Identifier: Apache-2.0
/* Users whom the HSS says are registered here, but whose state is gone. [TS 23.380 4.2-4.4, TS 29.228 6.1.2] */
#pragma once
#include "scscf/user.h"

/* First member of the state of a procedure that may restore. */
struct restoration {
	const char *impu;                                /* in the request's home */
	void (*then)(struct request *r, struct user *u); /* NULL: not registered, or not known, or the HSS is silent: see error */
	int error;                                       /* -errno of a silent HSS */
	enum diameter_result result;
};

/* Asks the HSS for profile and contacts (SAR NO_ASSIGNMENT), rebuilds them, then goes on. Ends the step with a wait. */
void restoration_begin(struct request *r, const char *impu, void (*then)(struct request *r, struct user *u));

/* Contacts of an answer that are still valid are added to the set. */
void restoration_merge(struct user *u, const struct cx_saa *saa);

/* What the S-CSCF has the HSS keep for such a day: the contacts of one private identity after `w` is applied. In `home`. */
void restoration_fill(su_home_t *home, const struct bindings *have, const struct register_wish *w, const struct binding_bounds *bounds,
		      const char *private_identity, struct cx_restoration *out);
