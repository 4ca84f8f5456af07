// SPDX-License-Identifier: Apache-2.0
/* What imsctl asks the P-CSCF: who is registered through it, over which flow. */
#pragma once
#include "common/http.h"

enum { OPS_ROUTE_COUNT = 1 };
extern const struct http_route ops_routes[OPS_ROUTE_COUNT]; /* context: struct daemon */
