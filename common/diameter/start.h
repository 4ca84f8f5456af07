// SPDX-License-Identifier: Apache-2.0
/* The Diameter node from a daemon's options, the same for all daemons. */
#pragma once
#include "common/diameter/node.h"
#include "common/options.h"

/* As diameter_new; diameter_start comes after, when handlers are in place. */
int diameter_new_of(const struct base_options *b, const struct diameter_group *g, struct diameter_node **out);
