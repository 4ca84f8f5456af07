// SPDX-License-Identifier: Apache-2.0
/* What the files of the HTTP server share: http.c (server and loop), http_request.c (a request and its reply), http_route.c. */
#pragma once
#include "common/http.h"
#include <microhttpd.h>

enum { HTTP_HEADERS_MAX = 8 };

struct http_server {
	struct MHD_Daemon *mhd;
	uv_poll_t poll;
	uv_timer_t timer;
	int handles;                     /* open ones of the two above */
	const struct http_route *routes;
	size_t route_count;
	void *context;
	void (*on_headers)(struct http_request *q, void *context);
	size_t body_max;
	char **allow;                    /* NULL: everybody */
	struct http_request *pending;    /* suspended */
};

struct http_request {
	struct http_server *server;      /* NULL: it is gone, only the reply is awaited */
	struct MHD_Connection *connection;
	struct http_request *next, **link; /* in server->pending while suspended */
	char *method, *rest;
	uint8_t *body;
	size_t body_len, body_size, discarded;
	const struct http_route *route;
	struct { char *name, *value; } headers[HTTP_HEADERS_MAX];
	size_t header_count;
	struct MHD_Response *response;   /* given, not queued yet */
	int status;
	bool asked;                      /* the handler has run, or the sink knows that the body is whole */
	const struct http_sink *sink;    /* NULL: the body is kept */
	void *sink_arg;
};

/* http_request.c */
struct http_request *http_request_new(struct http_server *s, struct MHD_Connection *c, const char *method); /* NULL: out of memory */
void http_request_free(struct http_request *q);
void http_request_hold(struct http_request *q);    /* suspended until its reply */
void http_request_let_go(struct http_request *q);
enum MHD_Result http_request_take(struct http_request *q, const char *data, size_t *n); /* a piece of the body; *n: what is left */
bool http_request_too_long(const struct http_request *q);                               /* says its Content-Length */

/* http_route.c: sets q->route and q->rest, or answers 404 or 405. */
void http_route_choose(struct http_request *q, const char *path);

/* http.c: turns libmicrohttpd soon. */
void http_turn_soon(struct http_server *s);
