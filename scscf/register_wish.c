// SPDX-License-Identifier: Apache-2.0
/* What a REGISTER says, read into plain structs. [RFC 3261 10.2, RFC 5626 4.2, RFC 7616 3.4, TS 24.229 7.2A.2] */
#include "scscf/registration.h"
#include "common/sip/identity.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_header.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A parameter without its quotes, in `home`; NULL when absent. */
static const char *parameter(su_home_t *home, const msg_common_t *h, const char *name)
{
	const char *v = msg_header_find_param(h, name);

	if (!v)
		return NULL;
	return *v == '"' ? msg_unquote_dup(home, v) : su_strdup(home, v);
}

/* ---- contacts ---- */

static int64_t seconds(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	/* malformed counts as 3600 [RFC 3261 10.3 step 6] */
	return end == text || *end || n > INT32_MAX ? (end != text && !*end ? INT32_MAX : 3600) : (int64_t)n;
}

unsigned contact_q(const char *q)
{
	double v = q ? atof(q) : 1.0;

	return v < 0 ? 0 : v > 1 ? 1000 : (unsigned)(v * 1000 + 0.5);
}

/* [RFC 3261 25.1] qvalue: 0 to 1 with at most three digits after the point */
static bool is_qvalue(const char *q)
{
	size_t n;

	if (*q != '0' && *q != '1')
		return false;
	if (!q[1])
		return true;
	n = strspn(q + 2, *q == '0' ? "0123456789" : "0");
	return q[1] == '.' && n <= 3 && !q[2 + n];
}

const char *contact_key(su_home_t *home, const url_t *u)
{
	char transport[16] = "";
	char *key, *host;

	if (u->url_params)
		url_param(u->url_params, "transport", transport, sizeof transport);
	host = su_strdup(home, u->url_host ? u->url_host : "");
	for (char *c = host; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	key = home_format(home, "%s:%s@%s:%s;%s", u->url_scheme, u->url_user ? u->url_user : "", host, u->url_port ? u->url_port : "",
			 strcasecmp(transport, "udp") ? transport : "");
	return key;
}

/* Header value with its parameters, without expires. */
static const char *contact_text(su_home_t *home, const sip_contact_t *c)
{
	char *text = home_format(home, "<%s>", url_as_string(home, c->m_url));

	for (const char *const *p = (const char *const *)c->m_params; text && p && *p; p++)
		if (strncasecmp(*p, "expires", 7) || ((*p)[7] && (*p)[7] != '='))
			text = home_format(home, "%s;%s", text, *p);
	return text;
}

static int read_contact(su_home_t *home, const sip_contact_t *c, struct contact_wish *w)
{
	const char *reg_id = msg_header_find_param(c->m_common, "reg-id");

	*w = (struct contact_wish){ .uri = url_as_string(home, c->m_url), .key = contact_key(home, c->m_url),
				    .contact = contact_text(home, c), .instance = parameter(home, c->m_common, "+sip.instance"),
				    .reg_id = reg_id ? (uint32_t)strtoul(reg_id, NULL, 10) : 0, .q = contact_q(c->m_q),
				    .expires_s = c->m_expires ? seconds(c->m_expires) : -1 };
	return w->uri && w->key && w->contact ? 0 : -ENOMEM;
}

static int read_contacts(struct request *r, struct register_wish *w)
{
	const sip_t *sip = request_peek(r)->sip;
	struct contact_wish *list;
	size_t n = 0;

	for (const sip_contact_t *c = sip->sip_contact; c; c = c->m_next)
		n++;
	list = su_zalloc(request_home(r), (isize_t)((n + 1) * sizeof *list));
	if (!list)
		return -ENOMEM;
	w->contacts = list;
	for (const sip_contact_t *c = sip->sip_contact; c; c = c->m_next) {
		if (c->m_url->url_type == url_any)
			w->star = true;
		else if ((c->m_url->url_type != url_sip && c->m_url->url_type != url_sips) || (c->m_q && !is_qvalue(c->m_q)))
			return -EINVAL;
		else if (read_contact(request_home(r), c, &list[w->count++]))
			return -ENOMEM;
	}
	return 0;
}

int registration_read_wish(struct request *r, struct registration *g)
{
	const sip_t *sip = request_peek(r)->sip;
	su_home_t *home = request_home(r);

	g->wish = (struct register_wish){ .expires_s = -1, .private_identity = g->impi, .call_id = su_strdup(home, sip->sip_call_id->i_id),
					  .cseq = sip->sip_cseq->cs_seq, .path = header_list(home, sip->sip_path), .now_ms = clock_wall_ns() / 1000000 };
	if (sip->sip_expires)
		g->wish.expires_s = sip->sip_expires->ex_delta > INT32_MAX ? INT32_MAX : (int64_t)sip->sip_expires->ex_delta;
	if (g->wish.path && !sip_route_make(home, g->wish.path)) /* requests to the user will be routed by it [RFC 3327 5.4] */
		return -EINVAL;
	return read_contacts(r, &g->wish);
}

/* ---- credentials ---- */

void registration_read_credentials(struct request *r, struct registration *g)
{
	const sip_t *sip = request_peek(r)->sip;
	const sip_authorization_t *a = sip->sip_authorization;
	su_home_t *home = request_home(r);
	struct digest_credentials *d = &g->credentials;

	while (a && strcasecmp(a->au_scheme, "Digest"))
		a = a->au_next;
	if (!a)
		return;
	*d = (struct digest_credentials){
		.username = parameter(home, a->au_common, "username"), .realm = parameter(home, a->au_common, "realm"),
		.nonce = parameter(home, a->au_common, "nonce"), .uri = parameter(home, a->au_common, "uri"),
		.response = parameter(home, a->au_common, "response"), .algorithm = parameter(home, a->au_common, "algorithm"),
		.cnonce = parameter(home, a->au_common, "cnonce"), .nc = parameter(home, a->au_common, "nc"),
		.qop = parameter(home, a->au_common, "qop"), .opaque = parameter(home, a->au_common, "opaque"),
		.auts = parameter(home, a->au_common, "auts"),
	};
	g->protection = protection_parse(parameter(home, a->au_common, "integrity-protected"));
}
