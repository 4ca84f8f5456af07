// SPDX-License-Identifier: Apache-2.0
/* The options of the I-CSCF; conf/icscf.yaml shows each. */
#pragma once
#include "common/config.h"
#include "common/options.h"

struct scscf_entry {                     /* an S-CSCF that may be assigned */
	char *name;                      /* Server-Name: "sip:scscf.ims.test" */
	unsigned *capabilities;          /* what it can do [TS 29.229 6.3.4] */
	unsigned capabilities_count;
};

struct icscf_options {
	struct base_options base;
	struct sip_options sip;
	struct trust_options trust;
	struct mw_options mw;
	struct diameter_group diameter;
	struct scscf_entry *scscfs;      /* ties are broken in this order */
	unsigned scscfs_count;
};

extern const struct config_schema icscf_schema;
