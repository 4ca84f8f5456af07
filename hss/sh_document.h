// SPDX-License-Identifier: Apache-2.0
/* The sections of a document of Sh-Data. Only for sh_data.c, which fills them, and sh_document.c, which puts them together. */
#pragma once
#include "hss/sh_data.h"
#include <stdio.h>

enum section {
	PUBLIC_IDENTIFIERS, REPOSITORY, SCSCF, CRITERIA, STATE, CHARGING, PSI, DSAI, TRACE, CS_STATE, PS_STATE, REGISTERED_SET, IMPLICIT_SET,
	ALL_SET, ALIAS_SET, PRIVATE_IDENTITIES, SECTIONS
};

struct sh_document {
	struct store *store;
	struct obstack *pool;
	struct sh_document_options options;
	FILE *files[SECTIONS];
	char *texts[SECTIONS];
	size_t lengths[SECTIONS];
	bool failed;                 /* no memory */
};

/* To write what belongs there; NULL: no memory. Opened, it tells that the section is there, even if nothing is written. */
FILE *sh_section(struct sh_document *d, enum section which);
