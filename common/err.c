// SPDX-License-Identifier: Apache-2.0
/* The one mapping from a Cx result or a silence to a SIP status. [TS 24.229 5.3.1.2, 5.3.1.3, 5.3.2.1, 5.3.2.2, 5.4.1.2] */
#include "common/err.h"
#include <errno.h>

/* [RFC 6733 7.1.2, 7.1.3] 3xxx and 4xxx pass, 5012 is "for unspecified reasons": worth another try later */
static int transient(enum diameter_result r)
{
	unsigned code = (unsigned)r & ~RESULT_3GPP;

	return (code >= 3000 && code < 5000) || r == RESULT_UNABLE_TO_COMPLY;
}

/* A REGISTER at the I-CSCF (UAR) or the S-CSCF (MAR, SAR) */
static int register_status(enum diameter_result r)
{
	switch ((unsigned)r) {
	case RESULT_ERROR_USER_UNKNOWN:            /* [TS 24.229 5.3.1.2] a negative user registration query: 403 */
	case RESULT_ERROR_IDENTITIES_DONT_MATCH:   /* [TS 24.229 5.3.1.2] */
	case RESULT_ERROR_ROAMING_NOT_ALLOWED:     /* [TS 24.229 5.3.1.2] */
	case RESULT_AUTHORIZATION_REJECTED:        /* [TS 24.229 5.3.1.2, TS 29.228 6.1.1.1] barred */
	case RESULT_ERROR_AUTH_SCHEME_NOT_SUPPORTED: /* [TS 24.229 5.4.1.2.1, TS 29.228 6.3.1] */
		return 403;
	default:
		return transient(r) ? 480 : 403;   /* [TS 24.229 5.3.1.3] for now; [5.3.1.2] any other refusal */
	}
}

/* Any other request at the I-CSCF (LIR) or the S-CSCF (SAR for an unregistered user) */
static int session_status(enum diameter_result r)
{
	switch ((unsigned)r) {
	case RESULT_ERROR_USER_UNKNOWN:            /* [TS 24.229 5.3.2.1] the user does not exist: 404 */
	case RESULT_ERROR_IDENTITIES_DONT_MATCH:   /* [TS 24.229 5.4.3.3] no such user for this server */
		return 404;
	case RESULT_ERROR_IDENTITY_NOT_REGISTERED: /* [TS 24.229 5.3.2.1] known, not registered, no unregistered service: 480 */
		return 480;
	case RESULT_AUTHORIZATION_REJECTED:        /* [TS 24.229 5.4.3.2] barred */
		return 403;
	default:
		return 480;                        /* [TS 24.229 5.3.2.2] the location query failed */
	}
}

int err_sip_status(enum diameter_result r, int is_register)
{
	if (result_success(r))
		return 0;
	return is_register ? register_status(r) : session_status(r);
}

int err_sip_unanswered(int err, int is_register)
{
	if (err == -ETIMEDOUT && is_register)
		return 504; /* [TS 24.229 5.3.1.3] a server that does not answer in time */
	return 480;         /* [TS 24.229 5.3.1.3, 5.3.2.2] the HSS is not reached */
}
