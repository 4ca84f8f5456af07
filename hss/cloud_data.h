// SPDX-License-Identifier: Apache-2.0
/* The cloud profiles of those who may use a public identity, as repository data under the Service-Indication
 * minims-cloud-profile. Ours; the form is in docs/hss.md. */
#pragma once
#include "hss/rest/problem.h"
#include "hss/store/store.h"

/* Its Service Data and Sequence Number. -ENOENT: there are none. */
int cloud_data_show(struct store *s, struct obstack *pool, const struct impu *u, struct repository_row *out);
/* Replaces them all; data NULL: none are left. -EINVAL with the problem set: what was given is no such data. */
int cloud_data_put(struct store *s, struct obstack *pool, const struct impu *u, const struct repository_row *row, struct problem *problem);
