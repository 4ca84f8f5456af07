// SPDX-License-Identifier: Apache-2.0
/* The AVPs of every Cx command, as [TS 29.229 6.1] lists them; braces of its ABNF are NEEDED. */
#include "common/diameter/cx_field.h"

/* ---- parts ---- */

static const struct field capabilities_fields[] = {    /* [TS 29.229 6.3.4] */
	{ U32S(MANDATORY_CAPABILITY, struct cx_capabilities, mandatory) },
	{ U32S(OPTIONAL_CAPABILITY, struct cx_capabilities, optional) },
	{ STRINGS(SERVER_NAME, struct cx_capabilities, server_names) },
	END
};

static const struct field digest_fields[] = {          /* [TS 29.229 6.3.36] */
	{ STRING(DIGEST_REALM, struct cx_auth_item, realm), NEEDED },
	{ STRING(DIGEST_ALGORITHM, struct cx_auth_item, algorithm) },
	{ STRING(DIGEST_QOP, struct cx_auth_item, qop) },
	{ STRING(DIGEST_HA1, struct cx_auth_item, ha1), NEEDED },
	{ STRING(ALTERNATE_DIGEST_ALGORITHM, struct cx_auth_item, alternate_algorithm) },
	{ STRING(ALTERNATE_DIGEST_HA1, struct cx_auth_item, alternate_ha1) },
	END
};

static const struct field item_fields[] = {            /* [TS 29.229 6.3.13] */
	{ U32(SIP_ITEM_NUMBER, struct cx_auth_item, number) },
	{ STRING(SIP_AUTHENTICATION_SCHEME, struct cx_auth_item, scheme) },
	{ BYTES(SIP_AUTHENTICATE, struct cx_auth_item, authenticate) },
	{ BYTES(SIP_AUTHORIZATION, struct cx_auth_item, authorization) },
	{ BYTES(CONFIDENTIALITY_KEY, struct cx_auth_item, ck) },
	{ BYTES(INTEGRITY_KEY, struct cx_auth_item, ik) },
	{ GROUP(SIP_DIGEST_AUTHENTICATE, 0, digest_fields) },
	END
};

static const struct field subscription_fields[] = {    /* [TS 29.229 6.3.51] */
	{ STRING(CALL_ID_SIP_HEADER, struct cx_subscription, call_id), NEEDED },
	{ STRING(FROM_SIP_HEADER, struct cx_subscription, from), NEEDED },
	{ STRING(TO_SIP_HEADER, struct cx_subscription, to), NEEDED },
	{ STRING(RECORD_ROUTE, struct cx_subscription, record_route), NEEDED },
	{ STRING(CONTACT, struct cx_subscription, contact), NEEDED },
	END
};

static const struct field pcscf_subscription_fields[] = { /* [TS 29.229 6.3.74] */
	{ STRING(CALL_ID_SIP_HEADER, struct cx_subscription, call_id), NEEDED },
	{ STRING(FROM_SIP_HEADER, struct cx_subscription, from), NEEDED },
	{ STRING(TO_SIP_HEADER, struct cx_subscription, to), NEEDED },
	{ STRING(CONTACT, struct cx_subscription, contact), NEEDED },
	END
};

static const struct field contact_fields[] = {         /* [TS 29.229 6.3.52] */
	{ STRING(PATH, struct cx_restoration_contact, path), NEEDED },
	{ STRING(CONTACT, struct cx_restoration_contact, contact), NEEDED },
	{ DECIMAL(INITIAL_CSEQ_SEQUENCE_NUMBER, struct cx_restoration_contact, initial_cseq) },
	{ STRING(CALL_ID_SIP_HEADER, struct cx_restoration_contact, call_id_sip_header) },
	{ GROUP_IF(SUBSCRIPTION_INFO, struct cx_restoration_contact, subscription, subscription_fields) },
	{ GROUP_IF(PCSCF_SUBSCRIPTION_INFO, struct cx_restoration_contact, pcscf_subscription, pcscf_subscription_fields) },
	END
};

static const struct field restoration_fields[] = {     /* [TS 29.229 6.3.46] */
	{ STRING(USER_NAME, struct cx_restoration, private_identity), NEEDED },
	{ GROUPS(RESTORATION_INFO, struct cx_restoration, contacts, count, contact_fields), NEEDED },
	{ TIME(REGISTRATION_TIME_OUT, struct cx_restoration, time_out_s) },
	{ STRING(SIP_AUTHENTICATION_SCHEME, struct cx_restoration, scheme) },
	END
};

static const struct field charging_fields[] = {        /* [TS 29.229 6.3.19] */
	{ STRING(PRIMARY_ECF, struct cx_charging, ecf_primary) },
	{ STRING(SECONDARY_ECF, struct cx_charging, ecf_secondary) },
	{ STRING(PRIMARY_CCF, struct cx_charging, ccf_primary) },
	{ STRING(SECONDARY_CCF, struct cx_charging, ccf_secondary) },
	END
};

static const struct field reason_fields[] = {          /* [TS 29.229 6.3.16] */
	{ ENUM(REASON_CODE, struct cx_rtr, reason, CX_REMOVE_SCSCF), NEEDED },
	{ STRING(REASON_INFO, struct cx_rtr, reason_info) },
	END
};

static const struct field associated_fields[] = {      /* [TS 29.229 6.3.33] */
	{ .avp = AVP_USER_NAME, .kind = FIELD_STRINGS, .at = 0, .count_at = NOWHERE },
	END
};

static const struct field failed_pcscf_fields[] = {    /* [TS 29.229 6.3.78] */
	{ STRING(PCSCF_FQDN, struct cx_failed_pcscf, fqdn) },
	{ BYTES_LIST(PCSCF_IP_ADDRESS, struct cx_failed_pcscf, address) },
	END
};

static const struct field pair_fields[] = {            /* [TS 29.229 6.3.57] */
	{ STRING(USER_NAME, struct cx_pair, private_identity), NEEDED },
	{ STRING(PUBLIC_IDENTITY, struct cx_pair, public_identity), NEEDED },
	END
};

/* ---- commands ---- */

const struct field cx_uar_fields[] = {                 /* [TS 29.229 6.1.1] */
	{ STRING(USER_NAME, struct cx_uar, private_identity), NEEDED },
	{ STRING(PUBLIC_IDENTITY, struct cx_uar, public_identity), NEEDED },
	{ STRING(VISITED_NETWORK_IDENTIFIER, struct cx_uar, visited_network), NEEDED },
	{ ENUM(USER_AUTHORIZATION_TYPE, struct cx_uar, authorization, CX_REGISTRATION_AND_CAPABILITIES) },
	{ BIT(UAR_FLAGS, struct cx_uar, emergency) },
	{ FEATURES(struct cx_uar) },
	END
};
const struct field cx_uaa_fields[] = {                 /* [TS 29.229 6.1.2] */
	{ STRING(SERVER_NAME, struct cx_uaa, server_name) },
	{ GROUP(SERVER_CAPABILITIES, offsetof(struct cx_uaa, capabilities), capabilities_fields) },
	{ FEATURES(struct cx_uaa) },
	END
};
const struct field cx_sar_fields[] = {                 /* [TS 29.229 6.1.3] */
	{ STRING(USER_NAME, struct cx_sar, private_identity) },
	{ STRINGS(PUBLIC_IDENTITY, struct cx_sar, public_identities) },
	{ STRING(SERVER_NAME, struct cx_sar, server_name), NEEDED },
	{ ENUM(SERVER_ASSIGNMENT_TYPE, struct cx_sar, assignment, CX_RESTORATION), NEEDED },
	{ FLAG(USER_DATA_ALREADY_AVAILABLE, struct cx_sar, user_data_available, 1, 1), NEEDED },
	{ GROUP_IF(SCSCF_RESTORATION_INFO, struct cx_sar, restoration, restoration_fields) },
	{ FLAG(MULTIPLE_REGISTRATION_INDICATION, struct cx_sar, multiple_registration, 1, 1) },
	{ STRING(WILDCARDED_PUBLIC_IDENTITY, struct cx_sar, wildcard) },
	{ ENUM_IF(SESSION_PRIORITY, struct cx_sar, priority, 4) },
	{ BIT(SAR_FLAGS, struct cx_sar, pcscf_restoration) },
	{ GROUP_IF(FAILED_PCSCF, struct cx_sar, failed_pcscf, failed_pcscf_fields) },
	{ FEATURES(struct cx_sar) },
	END
};
const struct field cx_saa_fields[] = {                 /* [TS 29.229 6.1.4] */
	{ STRING(USER_NAME, struct cx_saa, private_identity) },
	{ BYTES(USER_DATA, struct cx_saa, user_data) },
	{ GROUP(CHARGING_INFORMATION, offsetof(struct cx_saa, charging), charging_fields) },
	{ GROUP(ASSOCIATED_IDENTITIES, offsetof(struct cx_saa, associated_identities), associated_fields) },
	{ GROUPS(SCSCF_RESTORATION_INFO, struct cx_saa, restorations, restoration_count, restoration_fields) },
	{ STRING(SERVER_NAME, struct cx_saa, server_name) },
	{ STRING(WILDCARDED_PUBLIC_IDENTITY, struct cx_saa, wildcard) },
	{ GROUP(ASSOCIATED_REGISTERED_IDENTITIES, offsetof(struct cx_saa, associated_registered), associated_fields) },
	{ FLAG(LOOSE_ROUTE_INDICATION, struct cx_saa, loose_route, 1, 1) },
	{ FLAG(PRIVILEDGED_SENDER_INDICATION, struct cx_saa, privileged_sender, 1, 1) },
	{ FEATURES(struct cx_saa) },
	END
};
const struct field cx_lir_fields[] = {                 /* [TS 29.229 6.1.5] */
	{ STRING(PUBLIC_IDENTITY, struct cx_lir, public_identity), NEEDED },
	{ FLAG(ORIGINATING_REQUEST, struct cx_lir, originating, 0, 0) },
	{ FLAG(USER_AUTHORIZATION_TYPE, struct cx_lir, capabilities_wanted, CX_REGISTRATION_AND_CAPABILITIES,
	       CX_REGISTRATION_AND_CAPABILITIES) },
	{ ENUM_IF(SESSION_PRIORITY, struct cx_lir, priority, 4) },
	{ FEATURES(struct cx_lir) },
	END
};
const struct field cx_lia_fields[] = {                 /* [TS 29.229 6.1.6] */
	{ STRING(SERVER_NAME, struct cx_lia, server_name) },
	{ GROUP(SERVER_CAPABILITIES, offsetof(struct cx_lia, capabilities), capabilities_fields) },
	{ STRING(WILDCARDED_PUBLIC_IDENTITY, struct cx_lia, wildcard) },
	{ BIT(LIA_FLAGS, struct cx_lia, direct_routing) },
	{ FEATURES(struct cx_lia) },
	END
};
const struct field cx_mar_fields[] = {                 /* [TS 29.229 6.1.7] */
	{ STRING(USER_NAME, struct cx_mar, private_identity), NEEDED },
	{ STRING(PUBLIC_IDENTITY, struct cx_mar, public_identity), NEEDED },
	{ GROUP(SIP_AUTH_DATA_ITEM, offsetof(struct cx_mar, item), item_fields), NEEDED },
	{ U32(SIP_NUMBER_AUTH_ITEMS, struct cx_mar, items_wanted), NEEDED },
	{ STRING(SERVER_NAME, struct cx_mar, server_name), NEEDED },
	{ FEATURES(struct cx_mar) },
	END
};
const struct field cx_maa_fields[] = {                 /* [TS 29.229 6.1.8] */
	{ STRING(USER_NAME, struct cx_maa, private_identity) },
	{ STRING(PUBLIC_IDENTITY, struct cx_maa, public_identity) },
	{ U32(SIP_NUMBER_AUTH_ITEMS, struct cx_maa, items_given) },
	{ GROUPS(SIP_AUTH_DATA_ITEM, struct cx_maa, items, item_count, item_fields) },
	{ FEATURES(struct cx_maa) },
	END
};
const struct field cx_rtr_fields[] = {                 /* [TS 29.229 6.1.9] */
	{ STRING(USER_NAME, struct cx_rtr, private_identity), NEEDED },
	{ GROUP(ASSOCIATED_IDENTITIES, offsetof(struct cx_rtr, associated_identities), associated_fields) },
	{ STRINGS(PUBLIC_IDENTITY, struct cx_rtr, public_identities) },
	{ GROUP(DEREGISTRATION_REASON, 0, reason_fields), NEEDED },
	{ BIT(RTR_FLAGS, struct cx_rtr, reference_location) },
	{ FEATURES(struct cx_rtr) },
	END
};
const struct field cx_rta_fields[] = {                 /* [TS 29.229 6.1.10] */
	{ GROUP(ASSOCIATED_IDENTITIES, offsetof(struct cx_rta, associated_identities), associated_fields) },
	{ GROUPS(IDENTITY_WITH_EMERGENCY_REGISTRATION, struct cx_rta, emergency, emergency_count, pair_fields) },
	{ FEATURES(struct cx_rta) },
	END
};
const struct field cx_ppr_fields[] = {                 /* [TS 29.229 6.1.11] */
	{ STRING(USER_NAME, struct cx_ppr, private_identity), NEEDED },
	{ BYTES(USER_DATA, struct cx_ppr, user_data) },
	{ GROUP(CHARGING_INFORMATION, offsetof(struct cx_ppr, charging), charging_fields) },
	{ GROUP_IF(SIP_AUTH_DATA_ITEM, struct cx_ppr, item, item_fields) },
	{ FEATURES(struct cx_ppr) },
	END
};
const struct field cx_ppa_fields[] = {                 /* [TS 29.229 6.1.12] */
	{ FEATURES(struct cx_ppa) },
	END
};
