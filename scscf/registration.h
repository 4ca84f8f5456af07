// SPDX-License-Identifier: Apache-2.0
/* One REGISTER on its way through the S-CSCF: the state that its steps share. [TS 24.229 5.4.1] */
#pragma once
#include "scscf/challenge.h"
#include "scscf/user.h"

struct registration {
	const char *impu, *impi;             /* canonical; the strings live in the request's home */
	struct register_wish wish;
	struct digest_credentials credentials;
	enum protection protection;
	uint32_t failures;                   /* wrong answers so far, with this one */
	bool stale;                          /* the 401 to come says so */
	bool refused;                        /* SAR AUTHENTICATION_FAILURE under way: 403 follows */
	struct bytes resynchronisation;      /* RAND || AUTS for the MAR */
	enum cx_assignment assignment;
};

/* Reads Contact, Expires, Path, Call-ID and CSeq into g->wish. 0 or -ENOMEM, -EINVAL. */
int registration_read_wish(struct request *r, struct registration *g);
/* Reads the Digest credentials of Authorization; none is fine. */
void registration_read_credentials(struct request *r, struct registration *g);

/* A contact's URI for comparison [RFC 3261 19.1.4]: the user as it is, the host in lower case, port and transport. In `home`. */
const char *contact_key(su_home_t *home, const url_t *u);
unsigned contact_q(const char *q);           /* thousandths; NULL is 1 */

/* step 2, authentication.c: challenges, refuses, or goes on with registration_authenticated. */
void authentication_begin(struct request *r);
/* step 3, registration.c */
void registration_authenticated(struct request *r);
