// SPDX-License-Identifier: Apache-2.0
/* User-Data: the service profiles of a registration set as XML. [TS 29.228 6.6, annex E] */
#pragma once
#include "hss/store/store.h"

/* The criteria of shared iFC set N are those of the profile of this name; a profile that has the set names its number. */
#define SHARED_NAME "shared-ifc-set-%u"
enum { SHARED_NAME_MAX = 32 };

/* The number in such a name; -1: it is another one. */
int64_t user_data_shared_set(const char *profile);

struct user_data_wish {
	const char *private_identity;
	int64_t set, subscription;
	uint32_t features;               /* Feature-List 1 of the S-CSCF that it is for [TS 29.229 7.1.1] */
};
/* In the pool. 0 or -errno of the store. */
int user_data(struct store *s, struct obstack *pool, const struct user_data_wish *w, struct bytes *out);
/* One profile alone: a ServiceProfile without identities, as provisioning takes it. */
int user_data_profile(struct store *s, struct obstack *pool, int64_t profile, struct bytes *out);
/* The InitialFilterCriteria of a profile that lead to this server, one after the other. */
int user_data_criteria(struct store *s, struct obstack *pool, int64_t profile, const char *server_name, struct bytes *out);
