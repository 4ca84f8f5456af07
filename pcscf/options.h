// SPDX-License-Identifier: Apache-2.0
/* The options of the P-CSCF; conf/pcscf.yaml shows each. */
#pragma once
#include "common/config.h"
#include "common/options.h"

struct access_options {
	bool aka_without_ipsec;              /* a lab's deviation [TS 33.203 7] */
	enum option_choice adopt_new_flow;   /* default yes */
	char *network_info;                  /* access type to vouch for; NULL: none */
	char *wrong_route;                   /* "replace" or "refuse" */
};

struct pcscf_options {
	struct base_options base;
	struct sip_options sip;
	struct trust_options trust;
	struct gm_options gm;
	struct mw_options mw;
	char *visited_network;               /* default: the domain */
	char **roaming; unsigned roaming_count; /* other home networks whose users we serve; default none */
	struct access_options access;
	char *token_key;
	unsigned state_mb;
};

extern const struct config_schema pcscf_schema;
