// SPDX-License-Identifier: Apache-2.0
/* The first steps that the three questions of Sh share. Each function: 1 go on, 0 refused (the steps end), -errno.
 * [TS 29.328 6.1.1.1, 6.1.2.1, 6.1.3.1] */
#pragma once
#include "hss/identity.h"
#include "hss/sh_reference.h"

struct sh_asked {                    /* what a question says of its user and its data, borrowed */
	const struct sh_user *user;
	const char *private_identity;
	const uint32_t *references;
	size_t count;
	const struct cx_strings *indications;  /* NULL: the question has none */
	enum sh_operation operation;
};

/* Features that the AS asks for, and ours for the answer. [TS 29.229 7.2.1, TS 29.329 7.1.1] */
enum { SH_NOTIF_EFF = 1 << 0, SH_UPDATE_EFF = 1 << 1, SH_UPDATE_EFF_ENHANCE = 1 << 2 };
int sh_features(struct run *r, const struct cx_features *asked, size_t count, struct cx_features *out, size_t *out_count);
bool sh_feature_asked(const struct cx_features *asked, size_t count, uint32_t feature);

/* Steps 1 to 3: may this AS do so with the data, does the user exist, does the data apply to the identity? */
int sh_check(struct run *r, const struct sh_asked *a, struct impu *u);
/* Step 1 alone, of one reference: for the cloud profile, which has a permission of its own. */
int sh_check_permission(struct run *r, uint32_t reference, enum sh_operation operation);

/* The user as Cx knows it, for `identity` of the run: a URI, NULL for none. In out[IMPU_MAX]. */
const char *sh_uri(const struct sh_user *user, char *out);

/* What the answer says of an identity that a wildcarded one stands for. [TS 29.328 7.1A, 7.1B] */
void sh_wildcards(const struct impu *u, const char **psi, const char **impu);
