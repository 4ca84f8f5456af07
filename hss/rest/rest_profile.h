// SPDX-License-Identifier: Apache-2.0
/* Service profiles as JSON, read and written whole; whoever is served by one is told. */
#pragma once
#include "hss/rest/rest.h"

/* As struct resource has it. */
int rest_profile_show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision);
/* It becomes the object. 0, or -errno with c->problem set. */
int rest_profile_write(struct change *c, struct store *s, const char *name, const json_t *object);
