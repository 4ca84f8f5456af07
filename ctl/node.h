// SPDX-License-Identifier: Apache-2.0
/* Who is meant by the "from" and "to" of a traced message: a daemon of imsctl.yaml, or an address, which is a phone. Pure. */
#pragma once
#include "ctl/options.h"

enum { NODE_NAME_MAX = 80 };

/* "scscf", "scscf.ims.test" and "127.0.0.13:41234" become "scscf", when only that daemon has the address; others stay. */
void node_name(const struct ctl_options *o, const char *text, char out[NODE_NAME_MAX]);
/* The place from left to right: 0 for phones, then P-CSCF, I-CSCF, S-CSCF, AS, HSS. */
int node_rank(const char *name);
/* The host of a node, a daemon's or that of an address; false: nobody knows. */
bool node_host(const struct ctl_options *o, const char *name, char *host, size_t size);
