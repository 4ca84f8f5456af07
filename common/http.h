// SPDX-License-Identifier: Apache-2.0
/* HTTP servers (ops, REST, later Ut): libmicrohttpd with epoll, driven by the main loop. Handlers run on the loop's thread;
 * an answer may come later (suspend and resume happen here). */
#pragma once
#include "common/base.h"
#include "common/loop.h"
#include <jansson.h>

struct http_server;
struct http_request; /* lives until its reply is given; a client that went away still needs the reply call */

struct http_options {
	const char *address;     /* "127.0.0.14:8443" */
	const char *certificate; /* PEM file of certificate and key; NULL: plain HTTP */
	const char *tls_minimum; /* "1.2" or "1.3" */
	const char *const *allow;/* CIDRs that may ask, NULL-terminated; NULL: everybody */
	size_t body_max;         /* bytes; a longer body is answered 413 */
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

/* Exactly one of these, now or later, on the loop's thread. */
void http_reply(struct http_request *q, int status, const char *content_type, const char *text, size_t len); /* copies */
void http_reply_json(struct http_request *q, int status, json_t *body);  /* takes body */
/* A problem detail [RFC 9457]: `field` names what is wrong in the request, or NULL. */
void http_problem(struct http_request *q, int status, const char *field, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same with a JSON pointer beside the field, or NULL [RFC 6901]. */
void http_problem_at(struct http_request *q, int status, const char *field, const char *pointer, const char *detail);
void http_reply_header(struct http_request *q, const char *name, const char *value); /* before the reply */
