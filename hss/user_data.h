// SPDX-License-Identifier: Apache-2.0
/* User-Data: the service profiles of a registration set as XML. [TS 29.228 6.6, annex E] */
#pragma once
#include "hss/store.h"

/* In the pool. 0 or -errno of the store. */
int user_data(struct store *s, struct obstack *pool, const char *private_identity, int64_t set, struct bytes *out);
/* One profile alone: a ServiceProfile without identities, as provisioning takes it. */
int user_data_profile(struct store *s, struct obstack *pool, int64_t profile, struct bytes *out);
/* The InitialFilterCriteria of a profile that lead to this server, one after the other. */
int user_data_criteria(struct store *s, struct obstack *pool, int64_t profile, const char *server_name, struct bytes *out);
