// SPDX-License-Identifier: Apache-2.0
/* A ServiceProfile as XML [TS 29.228 annex E] into rows. */
#pragma once
#include "hss/rest/problem.h"
#include "hss/store/store.h"

/* Identities in it are not looked at. 0 and *id, or -errno with the problem set, naming `field`. */
int profile_import(struct store *s, const char *name, struct bytes xml, const char *field, int64_t *id, struct problem *p);
