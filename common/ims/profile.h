// SPDX-License-Identifier: Apache-2.0
/* The service profile as plain data, read from the User-Data XML of [TS 29.228 annex B, E]. Pure: no I/O. */
#pragma once
#include "common/base.h"

struct public_identity {
	const char *uri;             /* canonical */
	bool barred;
	const char *display_name;    /* NULL: none */
	int profile;                 /* index into service_profile.. of the subscription */
	bool wildcarded, psi;
	const char *wildcard;        /* WildcardedPSI, WildcardedIMPU [TS 23.003 13.4A, 13.5]; NULL: a distinct identity */
};

/* Service point trigger and filter criterion as read; evaluated by scscf/trigger.c. */
enum spt_kind { SPT_REQUEST_URI, SPT_METHOD, SPT_SIP_HEADER, SPT_SESSION_CASE, SPT_SESSION_DESCRIPTION };
struct service_point_trigger {
	enum spt_kind kind;
	bool negated;
	uint32_t group_mask;         /* the groups it belongs to */
	uint32_t registration_types; /* bit 0 initial, 1 re-, 2 de-registration; 0: any */
	int session_case;            /* 0-4 [TS 29.228 annex B.2.3] */
	const char *text;            /* Request-URI, method, header name or SDP line */
	const char *content;         /* expected content, NULL: presence */
};
struct filter_criterion {
	int priority;
	bool has_trigger, cnf;
	const struct service_point_trigger *triggers;
	size_t trigger_count;
	const char *server_name;
	bool terminate_on_failure;   /* DefaultHandling SESSION_TERMINATED */
	const char *service_info;
	bool include_register_request, include_register_response;
	int part;                    /* ProfilePartIndicator: 0 registered, 1 unregistered, -1 both */
};

struct service_profile {
	const struct filter_criterion *criteria;  /* by priority */
	size_t criterion_count;
	int32_t media_profile_id;                 /* -1: none */
	const uint32_t *shared_ifc_sets;
	size_t shared_ifc_set_count;
};

struct subscription {                    /* the whole User-Data */
	const char *private_identity;
	const struct public_identity *identities; /* in the document's order: the first not barred is the default */
	size_t identity_count;
	const struct service_profile *profiles;
	size_t profile_count;
};

enum { USER_DATA_MAX = 1 << 20 };       /* octets that a User-Data may have */

/* 0 and *out, or -EBADMSG with *why a static text. One allocation; subscription_free(NULL) is fine. */
int subscription_parse(struct bytes xml, struct subscription **out, const char **why);
void subscription_free(struct subscription *s);
/* The identity itself, or the first wildcarded one that it matches. */
const struct public_identity *subscription_find(const struct subscription *s, const char *canonical);
const struct public_identity *subscription_default(const struct subscription *s); /* first not barred and distinct; NULL: none */
