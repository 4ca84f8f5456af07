// SPDX-License-Identifier: Apache-2.0
/* Headers of a message: what Sofia-SIP parses is read through `sip`; the 3GPP ones it does not know are found, added and
 * removed here by name, once, so that the cached text of the message always agrees. [RFC 7315, RFC 3325, TS 24.229 7.2] */
#pragma once
#include "common/base.h"
#include <sofia-sip/sip.h>
#include <sofia-sip/msg.h>

struct sip_message {
	msg_t *msg;
	sip_t *sip;        /* read freely; change through the functions below */
	su_home_t *home;
};

/* A text in a home, as text_format() makes it; NULL: out of memory. */
char *home_format(su_home_t *home, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The headers Sofia-SIP has no class for; values are the text after the colon. */
enum header_name {
	HEADER_P_ACCESS_NETWORK_INFO, HEADER_P_CHARGING_VECTOR, HEADER_P_CHARGING_FUNCTION_ADDRESSES, HEADER_P_ASSOCIATED_URI,
	HEADER_P_VISITED_NETWORK_ID, HEADER_P_SERVED_USER, HEADER_P_PROFILE_KEY, HEADER_P_CALLED_PARTY_ID, HEADER_HISTORY_INFO,
	HEADER_P_USER_DATABASE, HEADER_P_ASSERTED_SERVICE, HEADER_P_PREFERRED_SERVICE, HEADER_P_EARLY_MEDIA, HEADER_FEATURE_CAPS,
	HEADER_RESOURCE_SHARE, HEADER_NAME_COUNT
};

const char *header_get(const struct sip_message *m, enum header_name name);    /* the first's value, or NULL; any case, compact none */
const char *header_get_by_text(const struct sip_message *m, const char *name); /* any unknown header; slow, for the rare ones */
int header_remove(struct sip_message *m, enum header_name name);               /* all of them; how many there were */
int header_set(struct sip_message *m, enum header_name name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int header_add_text(struct sip_message *m, const char *line);                  /* "Name: value", known or not; 0 or -ENOMEM/-EINVAL */

/* Takes one parsed header, or all after it of the same name, off the message: m->sip->sip_user_agent and the like. */
void header_drop(struct sip_message *m, void *header);
void header_drop_all(struct sip_message *m, void *first_header);

/* Takes off what only the core may say [TS 24.229 4.4]: asserted identities, charging headers, served user, profile key,
 * visited and access network claims of the core's making. */
void header_strip_trust_domain(struct sip_message *m);

/* Takes off the access network claims of the core's making only ("network-provided", "np"). [TS 24.229 7.2A.4] */
void header_strip_network_provided(struct sip_message *m);

/* The value of Path, Service-Route or Record-Route, which are not taken apart: all headers of the name as one list, in a home; NULL
 * without. */
const char *header_list(su_home_t *home, const void *first_header);

/* A parameter of a header value: "icid-value" of P-Charging-Vector; unquoted copy in m's home, NULL when absent. */
const char *header_param(const struct sip_message *m, const char *value, const char *name);
