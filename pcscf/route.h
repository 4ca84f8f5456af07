// SPDX-License-Identifier: Apache-2.0
/* What we seal into Path and Record-Route, and whether a UE's Route is the one it was given. [TS 24.229 5.2.2.1, 5.2.6.3.3] */
#pragma once
#include "common/sip/agent.h"
#include "common/sip/proxy.h"

enum { ROUTE_TOKEN_MAX = 64 };

struct route_token {
	uint64_t binding;            /* never 0 */
	char flow[ROUTE_TOKEN_MAX];  /* its name when the dialog began; "" in a Path: the binding knows */
};

/* 1 byte of version, 8 of the binding, the flow's name. Returns the length; a flow name that does not fit is left out. */
size_t route_token_write(uint64_t binding, const char *flow, uint8_t out[ROUTE_TOKEN_MAX]);
int route_token_read(struct bytes bytes, struct route_token *t); /* 0 or -EBADMSG */

/* The first own entry of this purpose that was popped off the request's Route. 0, or -ENOENT. */
int route_popped(const struct request *r, const char *purpose, struct route_token *t);

/* A request that may create a dialog comes back to us with this. */
void route_seal(struct request *r, uint64_t binding, const char *flow);

/* The same URIs in the same order: `service_route` is a header value, "" for none. */
bool route_is(su_home_t *home, const sip_route_t *route, const char *service_route);
/* The first entry leads to a host that is in the Service-Route. */
bool route_leads_to(su_home_t *home, const sip_route_t *route, const char *service_route);
