// SPDX-License-Identifier: Apache-2.0
/* The first steps that all four procedures share: who is asked about. [TS 29.228 6.1.1.1, 6.1.2.1, 6.1.4.1, 6.3.1] */
#pragma once
#include "hss/procedure.h"
#include "hss/uri.h"

/* Each: 1 found, 0 refused (the steps end), -errno. */
int find_pair(struct run *r, const char *impi, const char *impu, struct private_identity *p, struct impu *u);
int find_impu(struct run *r, const char *impu, struct impu *u);
/* Feature-List 1 of this HSS [TS 29.229 7.1.1] */
enum { OWN_FEATURES = CX_SHARED_IFC | CX_ALIAS_INDICATION | CX_IMS_RESTORATION | CX_PCSCF_RESTORATION };

/* Only a distinct public user identity is registered by itself. 1, 0 refused. */
int check_registers(struct run *r, const struct impu *u);
/* Step 0: what the peer demands is supported; its answer then says what is [TS 29.229 7.2]. 1, 0 refused. */
int check_features(struct run *r, const struct cx_features *asked, size_t n, struct cx_features *own, size_t *own_count);

static inline bool is_psi(const struct impu *u)
{
	return u->kind == KIND_PSI || u->kind == KIND_WILDCARDED_PSI;
}
