// SPDX-License-Identifier: Apache-2.0
/* What we seal into Path and Record-Route, and whether a UE's Route is the one it was given. [TS 24.229 5.2.2.1, 5.2.6.3.3] */
#include "pcscf/route.h"
#include <sofia-sip/sip_header.h>
#include <string.h>
#include <strings.h>

enum { VERSION = 1, HEAD = 9 };

size_t route_token_write(uint64_t binding, const char *flow, uint8_t out[ROUTE_TOKEN_MAX])
{
	size_t n = strlen(flow);

	out[0] = VERSION;
	memcpy(out + 1, &binding, sizeof binding);
	if (n > ROUTE_TOKEN_MAX - HEAD)
		n = 0;
	memcpy(out + HEAD, flow, n);
	return HEAD + n;
}

int route_token_read(struct bytes bytes, struct route_token *t)
{
	if (bytes.len < HEAD || bytes.len > ROUTE_TOKEN_MAX || bytes.data[0] != VERSION)
		return -EBADMSG;
	memcpy(&t->binding, bytes.data + 1, sizeof t->binding);
	memcpy(t->flow, bytes.data + HEAD, bytes.len - HEAD);
	t->flow[bytes.len - HEAD] = 0;
	return t->binding ? 0 : -EBADMSG;
}

int route_popped(const struct request *r, const char *purpose, struct route_token *t)
{
	struct bytes token;
	const char *is;
	bool orig;

	for (int i = 0; request_popped_route(r, i, &is, &token, &orig) == 0; i++)
		if (!strcmp(is, purpose) && !route_token_read(token, t))
			return 0;
	return -ENOENT;
}

void route_seal(struct request *r, uint64_t binding, const char *flow)
{
	uint8_t bytes[ROUTE_TOKEN_MAX];

	request_set_route_token(r, (struct bytes){ bytes, route_token_write(binding, flow, bytes) });
}

static sip_route_t *parse(su_home_t *home, const char *value)
{
	return *value ? sip_route_make(home, value) : NULL;
}

bool route_is(su_home_t *home, const sip_route_t *route, const char *service_route)
{
	const sip_route_t *given = parse(home, service_route);

	for (; route && given; route = route->r_next, given = given->r_next)
		if (url_cmp_all(route->r_url, given->r_url) != 0)
			return false;
	return !route && !given;
}

bool route_leads_to(su_home_t *home, const sip_route_t *route, const char *service_route)
{
	const sip_route_t *given = parse(home, service_route);

	if (!route || !route->r_url->url_host)
		return false;
	for (; given; given = given->r_next)
		if (given->r_url->url_host && !strcasecmp(given->r_url->url_host, route->r_url->url_host))
			return true;
	return false;
}
