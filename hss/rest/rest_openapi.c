// SPDX-License-Identifier: Apache-2.0
/* /v1: which routes there are; /v1/openapi.json: what each takes and gives, in OpenAPI 3.1, written once in docs/openapi.json. */
#include "docs/openapi.h"
#include "hss/rest/rest.h"
#include <string.h>

static void on_routes(struct http_request *q, struct provisioning *d)
{
	(void)d;
	http_reply_json(q, 200, json_pack("{s:o}", "routes", rest_routes()));
}

static void on_document(struct http_request *q, struct provisioning *d)
{
	(void)d;
	http_reply(q, 200, "application/json", openapi_json, strlen(openapi_json));
}

static const struct rest_route routes[] = {
	{ "GET", "/v1", on_routes },
	{ "GET", "/v1/openapi.json", on_document },
};

REST_RESOURCE(rest_openapi, routes);
