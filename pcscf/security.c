// SPDX-License-Identifier: Apache-2.0
/* What the P-CSCF vouches for at registration, and what it keeps from the UE. [TS 24.229 5.2.2.2-5.2.2.4]
 * Left out: ipsec-3gpp [TS 33.203 7], so that the session keys of AKA serve nobody and are not kept. */
#include "pcscf/security.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_header.h>
#include <string.h>
#include <strings.h>

enum protection protection_of(const struct protection_facts *f)
{
	if (f->tls && f->known)
		return PROTECTION_TLS_YES;
	if (f->tls && f->has_response)
		return PROTECTION_TLS_PENDING;
	return f->aka ? PROTECTION_NO : PROTECTION_UNKNOWN;
}

static const char *word_of(enum protection p)
{
	switch (p) {
	case PROTECTION_UNKNOWN:
		return NULL;
	case PROTECTION_NO:
		return "integrity-protected=\"no\"";
	case PROTECTION_TLS_PENDING:
		return "integrity-protected=\"tls-pending\"";
	case PROTECTION_TLS_YES:
		return "integrity-protected=\"tls-yes\"";
	}
	return NULL;
}

static int take(msg_param_t *params, const char *name)
{
	int n = 0;

	while (params && msg_params_remove(params, name) > 0)
		n++;
	return n;
}

void security_mark(struct sip_message *m, enum protection p)
{
	const char *word = word_of(p);
	sip_authorization_t *a;

	for (a = m->sip->sip_authorization; a; a = a->au_next) {
		if (take((msg_param_t *)a->au_params, "integrity-protected"))
			msg_fragment_clear(a->au_common);
		if (!word)
			continue;
		msg_header_replace_param(msg_home(m->msg), a->au_common, word);
		msg_fragment_clear(a->au_common);
	}
}

static const char *parameter(const sip_authorization_t *a, const char *name)
{
	const char *value = msg_header_find_param(a->au_common, name);

	return value ? value + (*value == '"') : "";
}

bool security_is_aka(const struct sip_message *m)
{
	const sip_authorization_t *a;

	for (a = m->sip->sip_authorization; a; a = a->au_next)
		if (!strncasecmp(parameter(a, "algorithm="), "AKAv", 4))
			return true;
	return false;
}

bool security_has_response(const struct sip_message *m)
{
	const sip_authorization_t *a;

	for (a = m->sip->sip_authorization; a; a = a->au_next)
		if (*parameter(a, "response=") && *parameter(a, "response=") != '"')
			return true;
	return false;
}

static int take_from(msg_auth_t *a)
{
	int all = 0, n;

	for (; a; a = a->au_next) {
		n = take((msg_param_t *)a->au_params, "ck") + take((msg_param_t *)a->au_params, "ik");
		if (n)
			msg_fragment_clear(a->au_common);
		all += n;
	}
	return all;
}

int security_take_keys(struct sip_message *m)
{
	return take_from(m->sip->sip_www_authenticate) + take_from(m->sip->sip_proxy_authenticate);
}
