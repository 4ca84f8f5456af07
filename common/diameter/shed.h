// SPDX-License-Identifier: Apache-2.0
/* The reacting node: who answers us says that it is overloaded, and we ask less. [RFC 7683 5.2, 6] */
#pragma once
#include "common/diameter/overload.h"

struct shed;

struct shed *shed_new(void);
void shed_free(struct shed *s);

/* What an answer of `host` said. An older report than the one in force says nothing [RFC 7683 5.2.3]. */
void shed_learn(struct shed *s, const char *host, const struct overload_report *r);
/* Per cent that `host` wants less, now. */
unsigned shed_reduction(struct shed *s, const char *host);
/* Shall this question not be asked, when `reduction` per cent are not to be? The loss algorithm, of what matters least first
 * [RFC 7683 6.3, RFC 7944 9]; what matters DRMP_KEPT or more is asked always. Counts it, too. */
bool shed_drop(struct shed *s, unsigned reduction, enum drmp priority);
/* Was there ever a report in force? Costs nothing. */
bool shed_in_use(const struct shed *s);
/* The parts, per cent, of each priority that go when `reduction` of all shall, `count` being what came of each. Pure. */
void shed_parts(unsigned reduction, const unsigned count[DRMP_LOWEST + 1], unsigned part[DRMP_LOWEST + 1]);
