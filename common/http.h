// SPDX-License-Identifier: Apache-2.0
/* HTTP servers (ops, REST, later Ut): libmicrohttpd with epoll, driven by the main loop. Handlers run on the loop's thread;
 * an answer may come later (suspend and resume happen here). */
#pragma once
#include "common/base.h"
#include "common/loop.h"
#include <jansson.h>

struct http_server;
struct http_request; /* lives until its reply is given; a client that went away still needs the reply call */

/* Takes a body while it arrives, on the loop's thread, so that it may be longer than memory is wide. */
struct http_sink {
	/* How many octets of the piece it took. Fewer than all: nothing more comes before http_sink_resume(). */
	size_t (*take)(void *arg, struct bytes piece);
	void (*end)(void *arg);  /* it is whole; the reply is owed, now or later */
	void (*lost)(void *arg); /* instead of end: the client is gone, and the request with it */
};

/* Makes a reply's body as fast as the client reads it, on the loop's thread. */
struct http_source {
	ssize_t (*fill)(void *arg, char *out, size_t size); /* how many octets, one at least; 0: the end; -errno: the connection is cut */
	void (*free)(void *arg);                            /* once, however it ends */
};

struct http_options {
	const char *address;     /* "127.0.0.14:8443" */
	const char *certificate; /* PEM file of certificate and key; NULL: plain HTTP */
	const char *tls_minimum; /* "1.2" or "1.3" */
	const char *const *allow;/* CIDRs that may ask, NULL-terminated; NULL: everybody */
	size_t body_max;         /* bytes; a longer body is answered 413 */
	/* NULL, or asked once the headers of a request that has a route are there: may call http_body_to(), or reply. */
	void (*on_headers)(struct http_request *q, void *context);
};

/* `path` may end in a "*": the rest, percent-decoded, is http_rest(). Longest match wins; the method is "GET", "PUT"... */
struct http_route {
	const char *method;
	const char *path;
	void (*handler)(struct http_request *q, void *context);
};

/* 0, or -errno with *why a static text. Routes and context are borrowed until http_free. */
int http_listen(struct loop *l, const struct http_options *o, const struct http_route *routes, size_t n, void *context,
		struct http_server **out);
void http_free(struct http_server *s);

const struct http_route *http_route_of(const struct http_request *q);    /* of the table that http_listen() was given */
const char *http_method(const struct http_request *q);
const char *http_rest(const struct http_request *q);
const char *http_query(const struct http_request *q, const char *key);  /* decoded; NULL when absent */
const char *http_header(const struct http_request *q, const char *name);/* NULL when absent */
struct bytes http_body(const struct http_request *q);

/* From on_headers: the body goes to the sink, not to memory; the route's handler is not called. */
void http_body_to(struct http_request *q, const struct http_sink *sink, void *arg);
void http_sink_resume(struct http_request *q);   /* after take() left something */

/* Exactly one of these, now or later, on the loop's thread. */
void http_reply(struct http_request *q, int status, const char *content_type, const char *text, size_t len); /* copies */
void http_reply_json(struct http_request *q, int status, json_t *body);  /* takes body */
void http_reply_stream(struct http_request *q, int status, const char *content_type, const struct http_source *source, void *arg);
/* A problem detail [RFC 9457]: `field` names what is wrong in the request, or NULL. */
void http_problem(struct http_request *q, int status, const char *field, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same with a JSON pointer beside the field, or NULL [RFC 6901]. */
void http_problem_at(struct http_request *q, int status, const char *field, const char *pointer, const char *detail);
void http_reply_header(struct http_request *q, const char *name, const char *value); /* before the reply */
