// SPDX-License-Identifier: Apache-2.0
/* The AVPs that the messages of both applications have. [RFC 6733 4.5, 7; RFC 7683 7; RFC 7944 8; TS 29.229 6.3, TS 29.329 6.3] */
#include "common/diameter/field.h"

static const struct field application_fields[] = {
	{ U32(VENDOR_ID, struct message_header, vendor), NEEDED },
	{ U32(AUTH_APPLICATION_ID, struct message_header, application), NEEDED },
	END
};

static const struct field oc_features_fields[] = {     /* [RFC 7683 7.1, 7.2] */
	{ U64(OC_FEATURE_VECTOR, struct oc_features, vector) },
	END
};

static const struct field olr_fields[] = {             /* [RFC 7683 7.3 to 7.7] */
	{ U64(OC_SEQUENCE_NUMBER, struct overload_report, sequence), NEEDED },
	{ ENUM(OC_REPORT_TYPE, struct overload_report, type, OVERLOAD_REALM), NEEDED },
	{ U32_IF(OC_REDUCTION_PERCENTAGE, struct overload_report, reduction) },
	{ U32_IF(OC_VALIDITY_DURATION, struct overload_report, validity_s) },
	END
};

const struct field message_header_fields[] = {
	{ STRING(SESSION_ID, struct message_header, session_id), NEEDED },
	{ GROUP(VENDOR_SPECIFIC_APPLICATION_ID, 0, application_fields), NEEDED },
	{ ENUM(AUTH_SESSION_STATE, struct message_header, auth_session_state, 1), NEEDED },
	{ STRING(ORIGIN_HOST, struct message_header, origin_host), NEEDED },
	{ STRING(ORIGIN_REALM, struct message_header, origin_realm), NEEDED },
	{ STRING(DESTINATION_HOST, struct message_header, destination_host) },
	{ STRING(DESTINATION_REALM, struct message_header, destination_realm) },
	{ ENUM_IF(DRMP, struct message_header, priority, DRMP_LOWEST) },
	{ GROUP_IF(OC_SUPPORTED_FEATURES, struct message_header, oc, oc_features_fields) },
	{ GROUP_IF(OC_OLR, struct message_header, olr, olr_fields) },
	END
};

static const struct field experimental_fields[] = {
	{ U32(VENDOR_ID, struct message_result, vendor), NEEDED },
	{ U32(EXPERIMENTAL_RESULT_CODE, struct message_result, experimental), NEEDED },
	END
};

const struct field message_result_fields[] = {
	{ U32(RESULT_CODE, struct message_result, code) },
	{ GROUP(EXPERIMENTAL_RESULT, 0, experimental_fields) },
	END
};

const struct field redirect_fields[] = {               /* [RFC 6733 6.12, 6.13, 6.14] */
	{ STRINGS(REDIRECT_HOST, struct redirect, hosts) },
	{ ENUM_IF(REDIRECT_HOST_USAGE, struct redirect, usage, REDIRECT_ALL_USER) },
	{ U32(REDIRECT_MAX_CACHE_TIME, struct redirect, max_cache_s) },
	END
};

const struct field features_fields[] = {               /* [TS 29.229 6.3.29] */
	{ U32(VENDOR_ID, struct cx_features, vendor), NEEDED },
	{ U32(FEATURE_LIST_ID, struct cx_features, list_id), NEEDED },
	{ U32(FEATURE_LIST, struct cx_features, list), NEEDED },
	END
};
