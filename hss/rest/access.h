// SPDX-License-Identifier: Apache-2.0
/* Who may do what at the REST door. */
#pragma once
#include "common/base.h"

enum role { ROLE_NONE, ROLE_READER, ROLE_PROVISIONER, ROLE_SECURITY };

/* What a request is about: the path of its route, or this, finer than any path. */
#define RESOURCE_CREDENTIALS "credentials"

const char *role_name(enum role role);
/* ROLE_NONE: no role has that name. */
enum role role_of_name(const char *name);

/* The one place that decides. `method` as HTTP has it, `resource` the path of a route ("/v1/profiles/" and a star) or RESOURCE_*. */
bool access_allowed(enum role role, const char *method, const char *resource);
/* The least role that access_allowed() lets do it. */
enum role access_needed(const char *method, const char *resource);
