// SPDX-License-Identifier: Apache-2.0
/* What both procedures of the I-CSCF do with the HSS's word: the S-CSCFs to try, one after the other. */
#pragma once
#include "icscf/icscf.h"
#include "icscf/selection.h"

struct assignment {
	struct candidates left;       /* not tried yet, best first */
	struct candidates tried;      /* in this procedure, over all rounds */
	const char *uri;              /* Request-URI to send; NULL: the one it has */
	bool asked_capabilities;      /* the HSS was asked a second time, for capabilities */
};

/* Fills what is to be tried; `server_name` NULL: by capabilities. Copies into the request's home. */
void assignment_fill(struct request *r, struct assignment *a, const char *server_name, const struct cx_capabilities *capabilities);
/* Forwards to the best one left; false when there is none. `rewrite`: the server's name becomes the Request-URI
 * [TS 24.229 5.3.1.2]; if not, it is put into Route [5.3.2.1]. */
bool assignment_forward(struct request *r, struct assignment *a, bool rewrite);
