// SPDX-License-Identifier: Apache-2.0
/* What can be asked for over Sh: each Data-Reference with its name, the operations and the identities it is for. Pure.
 * [TS 29.328 table 7.6.1] */
#pragma once
#include "common/diameter/sh.h"

/* The cloud profile of a subscriber, repository data under a Service-Indication of ours; in permission lists a reference of its own. */
#define SH_CLOUD_INDICATION "minims-cloud-profile"
enum { SH_CLOUD_PROFILE = 1000 };

enum sh_identity { SH_OF_USER = 1, SH_OF_PSI = 2, SH_OF_MSISDN = 4 }; /* added up */

struct sh_reference_row {
	uint32_t reference;
	const char *name;            /* "IMSUserState" */
	int operations;              /* enum sh_operation, added up: what the table allows at all */
	int identities;              /* enum sh_identity, added up */
	bool absent;                 /* nothing of it is kept here, so that there is nothing to answer with */
	bool elsewhere;              /* to be asked of an MSC, an SGSN or an MME, to none of which this HSS has an interface */
};

const struct sh_reference_row *sh_reference_find(uint32_t reference); /* NULL: no such */
const struct sh_reference_row *sh_reference_named(const char *name);  /* NULL: no such */
