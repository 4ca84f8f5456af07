// SPDX-License-Identifier: Apache-2.0
/* The AVPs of every Sh command, as [TS 29.329 6.1] lists them; braces of its ABNF are NEEDED. */
#include "common/diameter/sh_field.h"

/* ---- parts ---- */

static const struct field user_fields[] = {            /* [TS 29.329 6.3.1] */
	{ STRING(PUBLIC_IDENTITY, struct sh_user, public_identity) },
	{ TBCD(MSISDN, struct sh_user, msisdn) },
	{ STRING(EXTERNAL_IDENTIFIER, struct sh_user, external_identifier) },
	END
};

static const struct field call_reference_fields[] = {  /* [TS 29.329 6.3.25] */
	{ BYTES(CALL_REFERENCE_NUMBER, struct sh_udr, call_reference), NEEDED },
	{ BYTES(AS_NUMBER, struct sh_udr, as_number), NEEDED },
	END
};

static const struct field repository_id_fields[] = {   /* [TS 29.329 6.3.20] */
	{ STRING(SERVICE_INDICATION, struct sh_repository_id, service_indication), NEEDED },
	{ U32(SEQUENCE_NUMBER, struct sh_repository_id, sequence_number), NEEDED },
	END
};

/* Most commands tell a user so. */
#define USER(type) \
	{ GROUP(USER_IDENTITY, offsetof(type, user), user_fields), NEEDED }, \
	{ STRING(WILDCARDED_PUBLIC_IDENTITY, type, wildcarded_psi) }, \
	{ STRING(WILDCARDED_IMPU, type, wildcarded_impu) }, \
	{ STRING(USER_NAME, type, private_identity) }
#define WILDCARDS(type) \
	{ STRING(WILDCARDED_PUBLIC_IDENTITY, type, wildcarded_psi) }, \
	{ STRING(WILDCARDED_IMPU, type, wildcarded_impu) }

/* ---- commands ---- */

const struct field sh_udr_fields[] = {                 /* [TS 29.329 6.1.1] */
	{ FEATURES(struct sh_udr) },
	USER(struct sh_udr),
	{ STRING(SERVER_NAME, struct sh_udr, server_name) },
	{ STRINGS(SERVICE_INDICATION, struct sh_udr, service_indications) },
	{ U32S(DATA_REFERENCE, struct sh_udr, references), NEEDED },
	{ U32S(IDENTITY_SET, struct sh_udr, identity_sets) },
	{ ENUM_IF(REQUESTED_DOMAIN, struct sh_udr, requested_domain, SH_PS_DOMAIN) },
	{ FLAG(CURRENT_LOCATION, struct sh_udr, active_location, 1, 1) },
	{ STRINGS(DSAI_TAG, struct sh_udr, dsai_tags) },
	{ ENUM_IF(SESSION_PRIORITY, struct sh_udr, session_priority, 4) },
	{ U32(REQUESTED_NODES, struct sh_udr, requested_nodes) },
	{ FLAG(SERVING_NODE_INDICATION, struct sh_udr, serving_nodes_only, 0, 0) },
	{ FLAG(PRE_PAGING_SUPPORTED, struct sh_udr, prepaging, 1, 1) },
	{ ENUM_IF(LOCAL_TIME_ZONE_INDICATION, struct sh_udr, local_time_zone, SH_TIME_ZONE_WITH_LOCATION) },
	{ U32(UDR_FLAGS, struct sh_udr, flags) },
	{ GROUP(CALL_REFERENCE_INFO, 0, call_reference_fields) },
	END
};
const struct field sh_uda_fields[] = {                 /* [TS 29.329 6.1.2] */
	{ FEATURES(struct sh_uda) },
	WILDCARDS(struct sh_uda),
	{ BYTES(SH_USER_DATA, struct sh_uda, user_data) },
	END
};
const struct field sh_pur_fields[] = {                 /* [TS 29.329 6.1.3] */
	{ FEATURES(struct sh_pur) },
	USER(struct sh_pur),
	{ U32S(DATA_REFERENCE, struct sh_pur, references), NEEDED },
	{ BYTES(SH_USER_DATA, struct sh_pur, user_data), NEEDED },
	END
};
const struct field sh_pua_fields[] = {                 /* [TS 29.329 6.1.4] */
	{ FEATURES(struct sh_pua) },
	WILDCARDS(struct sh_pua),
	{ GROUP_IF(REPOSITORY_DATA_ID, struct sh_pua, repository_id, repository_id_fields) },
	{ ENUM_IF(DATA_REFERENCE, struct sh_pua, reference, UINT32_MAX) },
	END
};
const struct field sh_snr_fields[] = {                 /* [TS 29.329 6.1.5] */
	{ FEATURES(struct sh_snr) },
	USER(struct sh_snr),
	{ STRINGS(SERVICE_INDICATION, struct sh_snr, service_indications) },
	{ FLAG(SEND_DATA_INDICATION, struct sh_snr, send_data, 1, 1) },
	{ STRING(SERVER_NAME, struct sh_snr, server_name) },
	{ ENUM(SUBS_REQ_TYPE, struct sh_snr, subscription, SH_UNSUBSCRIBE), NEEDED },
	{ U32S(DATA_REFERENCE, struct sh_snr, references), NEEDED },
	{ U32S(IDENTITY_SET, struct sh_snr, identity_sets) },
	{ TIME(EXPIRY_TIME, struct sh_snr, expiry) },
	{ STRINGS(DSAI_TAG, struct sh_snr, dsai_tags) },
	{ FLAG(ONE_TIME_NOTIFICATION, struct sh_snr, one_time, 0, 0) },
	END
};
const struct field sh_sna_fields[] = {                 /* [TS 29.329 6.1.6] */
	{ FEATURES(struct sh_sna) },
	WILDCARDS(struct sh_sna),
	{ BYTES(SH_USER_DATA, struct sh_sna, user_data) },
	{ TIME(EXPIRY_TIME, struct sh_sna, expiry) },
	END
};
const struct field sh_pnr_fields[] = {                 /* [TS 29.329 6.1.7] */
	{ FEATURES(struct sh_pnr) },
	USER(struct sh_pnr),
	{ BYTES(SH_USER_DATA, struct sh_pnr, user_data), NEEDED },
	END
};
const struct field sh_pna_fields[] = { END };          /* [TS 29.329 6.1.8] */
