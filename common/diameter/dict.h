// SPDX-License-Identifier: Apache-2.0
/* The dictionary as Cx needs it: every AVP by a short name, its object looked up once by code and vendor at start.
 * [TS 29.229 6.3, RFC 6733 4.5, RFC 4740 9.5] Only under common/diameter. */
#pragma once
#include "common/base.h"
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdproto.h>

enum { VENDOR_3GPP = 10415, APPLICATION_CX = 16777216 };

enum cx_command { CX_UAR = 300, CX_SAR = 301, CX_LIR = 302, CX_MAR = 303, CX_RTR = 304, CX_PPR = 305 }; /* [TS 29.229 6.1] */

/* name, code, vendor, name in the dictionary, type, flags beside V */
#define DICT_AVPS(X) \
	X(USER_NAME, 1, 0, "User-Name", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(DIGEST_REALM, 104, 0, "Digest-Realm", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(DIGEST_QOP, 110, 0, "Digest-QoP", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(DIGEST_ALGORITHM, 111, 0, "Digest-Algorithm", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(DIGEST_HA1, 121, 0, "Digest-HA1", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(AUTH_APPLICATION_ID, 258, 0, "Auth-Application-Id", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(VENDOR_SPECIFIC_APPLICATION_ID, 260, 0, "Vendor-Specific-Application-Id", GROUPED, AVP_FLAG_MANDATORY) \
	X(SESSION_ID, 263, 0, "Session-Id", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(ORIGIN_HOST, 264, 0, "Origin-Host", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(VENDOR_ID, 266, 0, "Vendor-Id", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(RESULT_CODE, 268, 0, "Result-Code", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(AUTH_SESSION_STATE, 277, 0, "Auth-Session-State", INTEGER32, AVP_FLAG_MANDATORY) \
	X(FAILED_AVP, 279, 0, "Failed-AVP", GROUPED, AVP_FLAG_MANDATORY) \
	X(ROUTE_RECORD, 282, 0, "Route-Record", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(DESTINATION_REALM, 283, 0, "Destination-Realm", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(DESTINATION_HOST, 293, 0, "Destination-Host", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(ORIGIN_REALM, 296, 0, "Origin-Realm", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(EXPERIMENTAL_RESULT, 297, 0, "Experimental-Result", GROUPED, AVP_FLAG_MANDATORY) \
	X(EXPERIMENTAL_RESULT_CODE, 298, 0, "Experimental-Result-Code", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(VISITED_NETWORK_IDENTIFIER, 600, VENDOR_3GPP, "Visited-Network-Identifier", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(PUBLIC_IDENTITY, 601, VENDOR_3GPP, "Public-Identity", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SERVER_NAME, 602, VENDOR_3GPP, "Server-Name", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SERVER_CAPABILITIES, 603, VENDOR_3GPP, "Server-Capabilities", GROUPED, AVP_FLAG_MANDATORY) \
	X(MANDATORY_CAPABILITY, 604, VENDOR_3GPP, "Mandatory-Capability", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(OPTIONAL_CAPABILITY, 605, VENDOR_3GPP, "Optional-Capability", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(USER_DATA, 606, VENDOR_3GPP, "User-Data", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SIP_NUMBER_AUTH_ITEMS, 607, VENDOR_3GPP, "SIP-Number-Auth-Items", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(SIP_AUTHENTICATION_SCHEME, 608, VENDOR_3GPP, "SIP-Authentication-Scheme", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SIP_AUTHENTICATE, 609, VENDOR_3GPP, "SIP-Authenticate", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SIP_AUTHORIZATION, 610, VENDOR_3GPP, "SIP-Authorization", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SIP_AUTH_DATA_ITEM, 612, VENDOR_3GPP, "SIP-Auth-Data-Item", GROUPED, AVP_FLAG_MANDATORY) \
	X(SIP_ITEM_NUMBER, 613, VENDOR_3GPP, "SIP-Item-Number", UNSIGNED32, AVP_FLAG_MANDATORY) \
	X(SERVER_ASSIGNMENT_TYPE, 614, VENDOR_3GPP, "Server-Assignment-Type", INTEGER32, AVP_FLAG_MANDATORY) \
	X(DEREGISTRATION_REASON, 615, VENDOR_3GPP, "Deregistration-Reason", GROUPED, AVP_FLAG_MANDATORY) \
	X(REASON_CODE, 616, VENDOR_3GPP, "Reason-Code", INTEGER32, AVP_FLAG_MANDATORY) \
	X(REASON_INFO, 617, VENDOR_3GPP, "Reason-Info", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(CHARGING_INFORMATION, 618, VENDOR_3GPP, "Charging-Information", GROUPED, AVP_FLAG_MANDATORY) \
	X(PRIMARY_ECF, 619, VENDOR_3GPP, "Primary-Event-Charging-Function-Name", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SECONDARY_ECF, 620, VENDOR_3GPP, "Secondary-Event-Charging-Function-Name", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(PRIMARY_CCF, 621, VENDOR_3GPP, "Primary-Charging-Collection-Function-Name", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(SECONDARY_CCF, 622, VENDOR_3GPP, "Secondary-Charging-Collection-Function-Name", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(USER_AUTHORIZATION_TYPE, 623, VENDOR_3GPP, "User-Authorization-Type", INTEGER32, AVP_FLAG_MANDATORY) \
	X(USER_DATA_ALREADY_AVAILABLE, 624, VENDOR_3GPP, "User-Data-Already-Available", INTEGER32, AVP_FLAG_MANDATORY) \
	X(CONFIDENTIALITY_KEY, 625, VENDOR_3GPP, "Confidentiality-Key", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(INTEGRITY_KEY, 626, VENDOR_3GPP, "Integrity-Key", OCTETSTRING, AVP_FLAG_MANDATORY) \
	X(ASSOCIATED_IDENTITIES, 632, VENDOR_3GPP, "Associated-Identities", GROUPED, 0) \
	X(ORIGINATING_REQUEST, 633, VENDOR_3GPP, "Originating-Request", INTEGER32, AVP_FLAG_MANDATORY) \
	X(SIP_DIGEST_AUTHENTICATE, 635, VENDOR_3GPP, "SIP-Digest-Authenticate", GROUPED, 0) \
	X(UAR_FLAGS, 637, VENDOR_3GPP, "UAR-Flags", UNSIGNED32, 0) \
	X(SCSCF_RESTORATION_INFO, 639, VENDOR_3GPP, "SCSCF-Restoration-Info", GROUPED, 0) \
	X(PATH, 640, VENDOR_3GPP, "Path", OCTETSTRING, 0) \
	X(CONTACT, 641, VENDOR_3GPP, "Contact", OCTETSTRING, 0) \
	X(CALL_ID_SIP_HEADER, 643, VENDOR_3GPP, "Call-ID-SIP-Header", OCTETSTRING, 0) \
	X(MULTIPLE_REGISTRATION_INDICATION, 648, VENDOR_3GPP, "Multiple-Registration-Indication", INTEGER32, 0) \
	X(RESTORATION_INFO, 649, VENDOR_3GPP, "Restoration-Info", GROUPED, 0) \
	X(INITIAL_CSEQ_SEQUENCE_NUMBER, 654, VENDOR_3GPP, "Initial-CSeq-Sequence-Number", UNSIGNED32, 0)

enum dict_avp {
#define X(id, code, vendor, name, type, flags) AVP_##id,
	DICT_AVPS(X)
#undef X
	AVP_COUNT
};

/* Completes freeDiameter's dictionary and looks everything up. 0 or -errno, logged. After fd_core_initialize and the extensions. */
int dict_load(void);

struct dict_object *dict_avp(enum dict_avp id);
struct dict_object *dict_find(uint32_t code, uint32_t vendor_id); /* one of the above, or NULL */
struct dict_object *dict_command(enum cx_command code);  /* the request's */
struct dict_object *dict_application(void);
struct dict_object *dict_vendor(void);
bool dict_is(enum dict_avp id, const struct avp_hdr *hdr);
