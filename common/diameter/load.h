// SPDX-License-Identifier: Apache-2.0
/* The reporting node: is there more to do than can be done in time? [RFC 7683 5.2.4; RFC 7944 9.1] Only under common/diameter. */
#pragma once
#include "common/diameter/node.h"
#include "common/diameter/overload.h"
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdproto.h>

struct load;

struct load *load_new(const struct diameter_load_options *o);
void load_free(struct load *l);

/* A question's turn has come. False: it has waited for too long, for what it matters; TOO_BUSY. NULL: nothing is measured. */
bool load_admits(struct load *l, struct msg *question, enum drmp priority);
/* What answers say. False: nothing, all is well. */
bool load_report(struct load *l, struct overload_report *out);

/* The next reduction after a time in which every question waited at least `least_ns`: up while the queue stands, down when it does not.
 * Pure. */
unsigned load_next(unsigned reduction, uint64_t least_ns, uint64_t target_ns);
