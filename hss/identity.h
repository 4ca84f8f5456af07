// SPDX-License-Identifier: Apache-2.0
/* The first steps that all four procedures share: who is asked about. [TS 29.228 6.1.1.1, 6.1.2.1, 6.1.4.1, 6.3.1] */
#pragma once
#include "hss/procedure.h"
#include "hss/uri.h"

/* Each: 1 found, 0 refused (the steps end), -errno. */
int find_pair(struct run *r, const char *impi, const char *impu, struct private_identity *p, struct impu *u);
int find_impu(struct run *r, const char *impu, struct impu *u);

static inline bool is_psi(const struct impu *u)
{
	return u->kind == KIND_PSI || u->kind == KIND_WILDCARDED_PSI;
}
