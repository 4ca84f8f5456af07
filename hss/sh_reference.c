// SPDX-License-Identifier: Apache-2.0
/* The table of what is accessible over Sh. [TS 29.328 table 7.6.1] */
#include "hss/sh_reference.h"
#include "hss/store/store.h"
#include <string.h>

enum {
	PULL = SH_MAY_PULL, UPDATE = SH_MAY_UPDATE, WATCH = SH_MAY_SUBSCRIBE,
	USER = SH_OF_USER, PSI = SH_OF_PSI, MSISDN = SH_OF_MSISDN,
};

/* Of two that Cx has, their place in annex D is not served: no operation. */
static const struct sh_reference_row rows[] = {
	{ SH_REPOSITORY_DATA, "RepositoryData", PULL | UPDATE | WATCH, USER | PSI, false, false },
	{ SH_IMS_PUBLIC_IDENTITY, "IMSPublicIdentity", PULL | WATCH, USER | PSI | MSISDN, false, false },
	{ SH_IMS_USER_STATE, "IMSUserState", PULL | WATCH, USER, false, false },
	{ SH_SCSCF_NAME, "S-CSCFName", PULL | WATCH, USER | PSI, false, false },
	{ SH_INITIAL_FILTER_CRITERIA, "InitialFilterCriteria", PULL | WATCH, USER | PSI, false, false },
	{ SH_LOCATION_INFORMATION, "LocationInformation", PULL, USER | MSISDN, false, true },
	{ SH_USER_STATE, "UserState", PULL, USER | MSISDN, false, false },
	{ SH_CHARGING_INFORMATION, "ChargingInformation", PULL, USER | PSI | MSISDN, false, false },
	{ SH_MSISDN, "MSISDN", PULL, USER | MSISDN, false, false },
	{ SH_PSI_ACTIVATION, "PSIActivation", PULL | UPDATE | WATCH, PSI, false, false },
	{ SH_DSAI, "DSAI", PULL | UPDATE | WATCH, USER | PSI, false, false },
	{ SH_SERVICE_LEVEL_TRACE_INFO, "ServiceLevelTraceInfo", PULL | WATCH, USER | PSI | MSISDN, false, false },
	{ SH_IP_ADDRESS_SECURE_BINDING_INFORMATION, "IPAddressSecureBindingInformation", PULL, USER, true, false },
	{ SH_SERVICE_PRIORITY_LEVEL, "ServicePriorityLevel", 0, USER, false, false },
	{ SH_SMS_REGISTRATION_INFO, "SMSRegistrationInfo", PULL, USER | MSISDN, true, false },
	{ SH_UE_REACHABILITY_FOR_IP, "UEReachabilityForIP", 0, USER | MSISDN, false, true },
	{ SH_T_ADS_INFORMATION, "TADSInformation", PULL, USER | MSISDN, false, true },
	{ SH_STN_SR, "STN-SR", PULL, USER | MSISDN, true, false },
	{ SH_UE_SRVCC_CAPABILITY, "UE-SRVCC-Capability", PULL, USER | MSISDN, false, true },
	{ SH_EXTENDED_PRIORITY, "ExtendedPriority", PULL, USER, true, false },
	{ SH_CSRN, "CSRN", PULL, USER | MSISDN, false, true },
	{ SH_REFERENCE_LOCATION_INFORMATION, "ReferenceLocationInformation", 0, USER, false, false },
	{ SH_IMSI, "IMSI", PULL, USER | MSISDN, true, false },
	{ SH_IMS_PRIVATE_USER_IDENTITY, "IMSPrivateUserIdentity", PULL, USER | MSISDN, false, false },
	{ SH_CLOUD_PROFILE, "CloudProfile", PULL | UPDATE | WATCH, USER | PSI, false, false },
};

const struct sh_reference_row *sh_reference_find(uint32_t reference)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].reference == reference)
			return &rows[i];
	return NULL;
}

const struct sh_reference_row *sh_reference_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}
