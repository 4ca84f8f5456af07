// SPDX-License-Identifier: Apache-2.0
/* SCSCF-Restoration-Info as the store keeps it: JSON. [TS 29.229 6.3.49, 6.3.52; TS 23.380 4.2] */
#pragma once
#include "common/diameter/cx.h"
#include <obstack.h>

/* In the pool; NULL: it holds what is no UTF-8. */
const char *restoration_text(const struct cx_restoration *info, struct obstack *pool);
/* What it says of this private identity; strings in the pool. 0 or -EBADMSG. */
int restoration_parse(const char *text, const char *private_identity, struct obstack *pool, struct cx_restoration *out);
