// SPDX-License-Identifier: Apache-2.0
/* Our own entries in Route, Record-Route, Path and Service-Route: <sip:TOKEN@address;lr>. The token is sealed, its first letter
 * names what it was sealed for. [RFC 3261 16.4, 16.6 step 4; RFC 3327; RFC 3608; RFC 5658] */
#include "common/sip/engine.h"
#include "common/log.h"
#include "common/text.h"
#include "common/sip/unread.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>
#include <stdio.h>
#include <strings.h>
#include <sys/random.h>

static const char *const purposes[] = { "record-route", "path", "service-route" };
static const char letters[] = "rps";

/* ---- is it ours ---- */

static bool same_port(const char *port, const struct endpoint *e)
{
	if (port && *port)
		return !strcmp(port, e->port);
	return !strcmp(e->port, e->transport == SIP_TLS ? "5061" : "5060");
}

bool route_names_us(const struct sip_agent *a, const url_t *url)
{
	const char *host = url->url_host;
	bool by_name = host && !strcasecmp(host, a->o.name);
	size_t len = host ? strlen(host) : 0;

	if (!host)
		return false;
	if (by_name && (!url->url_port || !*url->url_port))
		return true;
	for (size_t i = 0; i < a->endpoint_count; i++) {
		const struct endpoint *e = &a->endpoints[i];
		bool here = by_name || !strcmp(host, e->host) || (len > 2 && *host == '[' && !strncmp(host + 1, e->host, len - 2));

		if (here && same_port(url->url_port, e))
			return true;
	}
	return false;
}

/* ---- popped at arrival ---- */

static void open_token(struct request *r, const url_t *url, struct popped *p)
{
	const char *user = url->url_user, *letter = user && *user ? strchr(letters, *user) : NULL;
	uint8_t plain[ROUTE_TOKEN_SIZE], *copy;
	int n;

	*p = (struct popped){ .purpose = "", .orig = url->url_params && url_has_param(url, "orig") };
	if (!letter || !r->agent->o.token_key)
		return;
	n = token_open(r->agent->o.token_key, purposes[letter - letters], user + 1, strlen(user + 1), plain, sizeof plain);
	copy = n >= 0 ? su_alloc(r->home, n + 1) : NULL;
	if (!copy)
		return;
	memcpy(copy, plain, (size_t)n);
	p->purpose = purposes[letter - letters];
	p->token = (struct bytes){ copy, (size_t)n };
}

void route_pop(struct request *r)
{
	sip_t *sip = r->message.sip;

	while (sip->sip_route && r->popped_count < POPPED_MAX && route_names_us(r->agent, sip->sip_route->r_url)) {
		open_token(r, sip->sip_route->r_url, &r->popped[r->popped_count++]);
		header_drop(&r->message, sip->sip_route);
	}
}

int request_popped_route(const struct request *r, int index, const char **purpose, struct bytes *token, bool *orig)
{
	const struct popped *p = &r->popped[index];

	if (index < 0 || (size_t)index >= r->popped_count)
		return -ENOENT;
	*purpose = p->purpose;
	*token = p->token;
	*orig = p->orig;
	return 0;
}

/* ---- made ---- */

const char *route_own(struct sip_agent *a, su_home_t *home, const struct endpoint *e, const char *purpose, struct bytes token, const char *params)
{
	char text[TOKEN_TEXT_MAX(ROUTE_TOKEN_SIZE)] = "";
	const char *rest = e->uri + strlen("sip:");
	size_t i = 0;

	while (i < ARRAY_LEN(purposes) - 1 && strcmp(purposes[i], purpose) != 0)
		i++;
	if (token.len && a->o.token_key && token_seal(a->o.token_key, purpose, token, text, sizeof text) < 0)
		return NULL;
	if (!*text)
		return home_format(home, "<sip:%s;lr%s%s>", rest, params ? ";" : "", params ? params : "");
	return home_format(home, "<sip:%c%s@%s;lr%s%s>", letters[i], text, rest, params ? ";" : "", params ? params : "");
}

void request_set_route_token(struct request *r, struct bytes token)
{
	r->route_token_len = token.len <= sizeof r->route_token ? token.len : 0;
	if (r->route_token_len)
		memcpy(r->route_token, token.data, token.len);
}

static int add_record_route(struct target *t, const struct endpoint *e, struct bytes token)
{
	struct sip_message *m = &t->message;
	const char *text = route_own(t->request->agent, m->home, e, "record-route", token, NULL);
	msg_header_t *entry = unread_record_route(m->home, text);

	if (!entry || msg_header_insert(m->msg, (msg_pub_t *)m->sip, entry) < 0)
		return -ENOMEM;
	t->record_routes++;
	return 0;
}

/* One entry when both sides are the same socket, else one a side, the one towards the target on top. [RFC 5658 4] */
int route_record(struct target *t)
{
	struct request *r = t->request;
	struct bytes token = { r->route_token, r->route_token_len };
	const struct endpoint *in = r->endpoint, *out = t->out;
	bool both = in && strcmp(in->uri, out->uri) != 0;
	int err = both ? add_record_route(t, in, (struct bytes){ NULL, 0 }) : 0;

	return err ? err : add_record_route(t, out, token);
}

int route_push(struct sip_message *m, const char *value)
{
	sip_route_t *fresh = sip_route_make(m->home, value), *rest = NULL;

	if (!fresh)
		return -EINVAL;
	if (m->sip->sip_route) {
		rest = sip_route_dup(m->home, m->sip->sip_route);
		if (!rest)
			return -ENOMEM;
		header_drop_all(m, m->sip->sip_route);
	}
	if (msg_header_insert(m->msg, (msg_pub_t *)m->sip, (msg_header_t *)fresh) < 0)
		return -ENOMEM;
	return rest && msg_header_insert(m->msg, (msg_pub_t *)m->sip, (msg_header_t *)rest) < 0 ? -ENOMEM : 0;
}

/* ---- loops ---- */

static uint64_t mix(uint64_t h, const char *s)
{
	for (; s && *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h * 31 + 7;
}

uint32_t route_fate(const sip_t *sip)
{
	const url_t *u = sip->sip_request->rq_url;
	uint64_t h = 14695981039346656037u;

	h = mix(mix(mix(mix(h, u->url_user), u->url_host), u->url_port), u->url_params);
	for (const sip_route_t *r = sip->sip_route; r; r = r->r_next)
		h = mix(mix(mix(h, r->r_url->url_user), r->r_url->url_host), r->r_url->url_params);
	h = mix(h, sip->sip_call_id ? sip->sip_call_id->i_id : NULL);
	h = mix(mix(h, sip->sip_from->a_tag), sip->sip_to->a_tag);
	h += sip->sip_cseq->cs_seq;
	return (uint32_t)(h ^ h >> 32);
}

static uint64_t random_bits(void)
{
	static _Thread_local uint64_t state;

	if (!state && getrandom(&state, sizeof state, 0) != sizeof state)
		state = clock_ns();
	state ^= state << 13, state ^= state >> 7, state ^= state << 17; /* unique, not secret */
	return state;
}

const char *route_branch(su_home_t *home, uint32_t fate)
{
	char text[40];

	text_format(text, sizeof text, "z9hG4bK%08x%016llx", fate, (unsigned long long)random_bits());
	return su_strdup(home, text);
}

static bool ours(const struct sip_agent *a, const sip_via_t *v)
{
	for (size_t i = 0; i < a->endpoint_count; i++)
		if (v->v_host && !strcmp(v->v_host, a->endpoints[i].host) && same_port(v->v_port, &a->endpoints[i]))
			return true;
	return false;
}

bool route_loops(const struct sip_agent *a, const sip_t *sip, uint32_t fate)
{
	char mine[16] = "";

	for (const sip_via_t *v = sip->sip_via ? sip->sip_via->v_next : NULL; v; v = v->v_next) {
		if (!v->v_branch || !ours(a, v))
			continue;
		if (!*mine)
			text_format(mine, sizeof mine, "z9hG4bK%08x", fate);
		if (!strncmp(v->v_branch, mine, strlen(mine)))
			return true;
	}
	return false;
}
