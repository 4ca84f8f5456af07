// SPDX-License-Identifier: Apache-2.0
/* docs/openapi.json as text; the Makefile makes the C of it. */
#pragma once

extern const char openapi_json[];
