// SPDX-License-Identifier: Apache-2.0
/* The tokens of the REST door: the full one, made at the first start, and the operator's own with their roles. */
#pragma once
#include "hss/rest/access.h"
#include "hss/options.h"

struct tokens;

/* Reads rest.token_file, which is made when it is not there, and rest.tokens_file, which may be absent. NULL after logging why. */
struct tokens *tokens_load(const struct hss_options *o);
void tokens_free(struct tokens *t);
/* Whom a request's Authorization header names, for the log, too. ROLE_NONE with *why: nobody. */
enum role tokens_role(const struct tokens *t, const char *header, const char **name, const char **why);
