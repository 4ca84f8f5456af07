// SPDX-License-Identifier: Apache-2.0
/* How much a question matters, as its DRMP says. [RFC 7944 8] First emergencies, then what frees resources (de-registrations), then what
 * is under way already, calls before registrations, and last who only wants to know. */
#include "common/diameter/command.h"
#include "common/diameter/sh.h"

static enum drmp of_uar(const struct cx_uar *q)
{
	if (q->emergency)
		return DRMP_HIGHEST;
	switch (q->authorization) {
	case CX_DEREGISTRATION:
		return 2;
	case CX_REGISTRATION_AND_CAPABILITIES: /* a user whose S-CSCF is gone */
		return 6;
	case CX_REGISTRATION:
		return DRMP_DEFAULT;
	}
	return DRMP_DEFAULT;
}

static enum drmp of_sar(const struct cx_sar *q)
{
	switch (q->assignment) {
	case CX_TIMEOUT_DEREGISTRATION:
	case CX_USER_DEREGISTRATION:
	case CX_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME:
	case CX_USER_DEREGISTRATION_STORE_SERVER_NAME:
	case CX_ADMINISTRATIVE_DEREGISTRATION:
	case CX_AUTHENTICATION_FAILURE:
	case CX_AUTHENTICATION_TIMEOUT:
	case CX_DEREGISTRATION_TOO_MUCH_DATA:
		return 2;
	case CX_NO_ASSIGNMENT:
	case CX_RESTORATION:
	case CX_UNREGISTERED_USER: /* of a call */
		return 5;
	case CX_ASSIGN_REGISTRATION: /* authenticated already */
	case CX_RE_REGISTRATION:
		return 7;
	case CX_AAA_USER_DATA_REQUEST:
	case CX_PGW_UPDATE:
		return DRMP_DEFAULT;
	}
	return DRMP_DEFAULT;
}

enum drmp command_priority(const struct command *c, const void *question)
{
	switch (c->code) {
	case CX_UAR:
		return of_uar(question);
	case CX_SAR:
		return of_sar(question);
	case CX_LIR:
		return 5;
	case CX_MAR: /* between the two of a registration */
		return 8;
	case CX_RTR:
		return 3;
	case CX_PPR:
		return 7;
	case SH_UDR:
	case SH_PUR:
		return DRMP_DEFAULT;
	default: /* SNR, PNR */
		return 12;
	}
}
