// SPDX-License-Identifier: Apache-2.0
/* The options of the HSS; conf/hss.yaml shows each. */
#pragma once
#include "common/config.h"
#include "common/options.h"

struct hss_options {
	struct base_options base;
	struct diameter_group diameter;
	char *role;                  /* "hss" or "slf" */
	struct { unsigned cache_s; } slf;
	struct { unsigned target_ms, limit_ms, validity_s; } overload;
	char *store;                 /* "sqlite:PATH", "postgresql://..." */
	char *master_key;            /* hss/key/key_source.h */
	unsigned cache_mb;           /* a connection */
	unsigned sqn_range;
	struct { char *address, *certificate, *token_file, *tokens_file; unsigned body_mb; } rest;
	struct { char *unknown_as; unsigned repository_kb, notify_for_s; } sh;
};

extern const struct config_schema hss_schema;
