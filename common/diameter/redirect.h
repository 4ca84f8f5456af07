// SPDX-License-Identifier: Apache-2.0
/* DIAMETER_REDIRECT_INDICATION: another server has what was asked for. [RFC 6733 6.1.8, 6.12 to 6.14] */
#pragma once
#include "common/diameter/cx.h"

enum redirect_usage {                    /* Redirect-Host-Usage [RFC 6733 6.13] */
	REDIRECT_DONT_CACHE = 0, REDIRECT_ALL_SESSION = 1, REDIRECT_ALL_REALM = 2, REDIRECT_REALM_AND_APPLICATION = 3,
	REDIRECT_ALL_APPLICATION = 4, REDIRECT_ALL_HOST = 5, REDIRECT_ALL_USER = 6,
};

struct redirect {
	struct cx_strings hosts;         /* DiameterURIs, aaa://hss1.ims.test: any of them will do [6.12] */
	enum redirect_usage usage;
	bool has_usage;                  /* else DONT_CACHE */
	uint32_t max_cache_s;            /* Redirect-Max-Cache-Time [6.14] */
};
