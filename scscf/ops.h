// SPDX-License-Identifier: Apache-2.0
/* What imsctl asks an S-CSCF: GET /registrations[?impu=], POST /deregister?impu=, GET /calls. */
#pragma once
#include "common/http.h"

#define OPS_ROUTE_COUNT 3
extern const struct http_route ops_routes[OPS_ROUTE_COUNT]; /* context is the daemon */
