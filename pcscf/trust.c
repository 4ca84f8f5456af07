// SPDX-License-Identifier: Apache-2.0
/* The border of the trust domain: which header may cross it, and in which direction. [TS 24.229 4.4, RFC 3325 5, RFC 7315 5] */
#include "pcscf/trust.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <string.h>
#include <strings.h>

enum { IN = 1, OUT = 2 }; /* stripped from what a UE sends; from what a UE gets */

#define HEADER(text, directions) { text, sizeof text - 1, directions }

/* Of those that Sofia-SIP has no class for. One that both may see, or that a UE may say, is not in the table. */
static const struct rule {
	const char *name;
	size_t len;
	int directions;
} rules[] = {
	HEADER("P-Charging-Vector", IN | OUT),               /* 4.4.5 */
	HEADER("P-Charging-Function-Addresses", IN | OUT),   /* 4.4.5 */
	HEADER("P-Access-Network-Info", OUT),                /* 4.4.4; what the core added is taken off by itself */
	HEADER("P-Visited-Network-ID", IN | OUT),            /* 4.4.6 */
	HEADER("P-Served-User", IN | OUT),                   /* 4.4.7 */
	HEADER("P-Profile-Key", IN | OUT),                   /* 4.4.8 */
	HEADER("P-User-Database", IN | OUT),
	HEADER("P-Asserted-Service", IN | OUT),              /* 4.4.3 */
	HEADER("P-Associated-URI", IN),
	HEADER("P-Called-Party-ID", IN),
	HEADER("P-Private-Network-Indication", IN | OUT),    /* 4.4.10 */
	HEADER("Feature-Caps", IN),                          /* 4.4.13 */
	HEADER("Resource-Share", IN | OUT),                  /* 4.4.15 */
	HEADER("Service-Interact-Info", IN | OUT),           /* 4.4.16 */
	HEADER("Cellular-Network-Info", OUT),                /* 4.4.17 */
	HEADER("Response-Source", IN),                       /* 4.4.18 */
	HEADER("Attestation-Info", IN | OUT),                /* 4.4.19 */
	HEADER("Origination-Id", IN | OUT),
	HEADER("Additional-Identity", IN),                   /* 4.4.20 */
	HEADER("Restoration-Info", IN | OUT),
	HEADER("Relayed-Charge", IN | OUT),
};

/* The rules lie in the cache, and length and one letter spare most comparisons. */
static bool forbidden(const sip_unknown_t *u, int direction)
{
	size_t len = strlen(u->un_name);

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].len == len && (rules[i].directions & direction) && ((rules[i].name[2] ^ u->un_name[2]) & 0x5f) == 0 &&
		    !strcasecmp(rules[i].name, u->un_name))
			return true;
	return false;
}

static void strip(struct sip_message *m, int direction)
{
	sip_unknown_t *u, *next;

	for (u = m->sip->sip_unknown; u; u = next) {
		next = u->un_next;
		if (forbidden(u, direction))
			header_drop(m, u);
	}
}

void trust_strip_from_ue(struct sip_message *m)
{
	header_drop_all(m, sip_p_asserted_identity(m->sip));
	header_drop_all(m, sip_remote_party_id(m->sip));
	header_strip_network_provided(m);
	strip(m, IN);
}

static bool asks_privacy(const sip_t *sip, const char *kind)
{
	const sip_privacy_t *p = sip_privacy(sip);

	for (const msg_param_t *v = p ? p->priv_values : NULL; v && *v; v++)
		if (!strcasecmp(*v, kind))
			return true;
	return false;
}

void trust_strip_to_ue(struct sip_message *m)
{
	if (asks_privacy(m->sip, "id")) /* [RFC 3325 7] */
		header_drop_all(m, sip_p_asserted_identity(m->sip));
	if (asks_privacy(m->sip, "history")) /* [RFC 7044 10.1.2] */
		header_remove(m, HEADER_HISTORY_INFO);
	strip(m, OUT);
}
