// SPDX-License-Identifier: Apache-2.0
/* The options of the S-CSCF; conf/scscf.yaml shows each. */
#pragma once
#include "common/config.h"
#include "common/options.h"

struct registration_options {
	unsigned min_s, default_s, max_s;    /* [RFC 3261 10.3, TS 24.229 5.4.1.2] */
	unsigned await_auth_s;               /* reg-await-auth [TS 24.229 7.8] */
	unsigned nonce_s;                    /* how long a nonce of SIP Digest may be used again */
	unsigned attempts_max;               /* wrong answers challenged anew, then 403 */
	unsigned contacts_max;               /* of one registration set */
	bool trust_auth_done;                /* [TS 24.229 5.4.1.2.2F] */
};

struct scscf_options {
	struct base_options base;
	struct sip_options sip;
	struct trust_options trust;
	struct mw_options mw;
	struct diameter_group diameter;
	char *server_name;                   /* in Cx, and as Request-URI of a REGISTER: "sip:scscf.ims.test" */
	char *token_key;
	unsigned state_mb;
	struct registration_options registration;
	char *cdr;                           /* file; NULL: none */
	unsigned dialog_max_s;
};

extern const struct config_schema scscf_schema;
