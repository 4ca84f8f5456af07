// SPDX-License-Identifier: Apache-2.0
/* A request of the HTTP server: its life, its body, what a handler asks of it, and its reply. */
#include "common/http_private.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DISCARD_FACTOR = 8, STREAM_BLOCK = 65536 };

/* ---- a request's life ---- */

void http_request_free(struct http_request *q)
{
	for (size_t i = 0; i < q->header_count; i++) {
		free(q->headers[i].name);
		free(q->headers[i].value);
	}
	if (q->response)
		MHD_destroy_response(q->response);
	free(q->method);
	free(q->rest);
	free(q->body);
	free(q);
}

struct http_request *http_request_new(struct http_server *s, struct MHD_Connection *c, const char *method)
{
	struct http_request *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	q->server = s;
	q->connection = c;
	q->method = strdup(method);
	if (q->method)
		return q;
	http_request_free(q);
	return NULL;
}

void http_request_hold(struct http_request *q)
{
	struct http_server *s = q->server;

	q->next = s->pending;
	q->link = &s->pending;
	if (q->next)
		q->next->link = &q->next;
	s->pending = q;
	MHD_suspend_connection(q->connection);
}

void http_request_let_go(struct http_request *q)
{
	*q->link = q->next;
	if (q->next)
		q->next->link = q->link;
	q->link = NULL;
	MHD_resume_connection(q->connection);
	http_turn_soon(q->server); /* without threads nothing else makes libmicrohttpd look again */
}

/* ---- the body ---- */

bool http_request_too_long(const struct http_request *q)
{
	const char *length = http_header(q, "Content-Length");

	return length && strtoull(length, NULL, 10) > q->server->body_max;
}

void http_body_to(struct http_request *q, const struct http_sink *sink, void *arg)
{
	q->sink = sink;
	q->sink_arg = arg;
}

void http_sink_resume(struct http_request *q)
{
	if (q->link)
		http_request_let_go(q);
}

/* What the sink does not take now libmicrohttpd offers again once the connection turns. */
static enum MHD_Result give_sink(struct http_request *q, const char *data, size_t *n)
{
	size_t took = q->sink->take(q->sink_arg, (struct bytes){ (const uint8_t *)data, *n });

	*n -= took;
	if (*n)
		http_request_hold(q);
	return MHD_YES;
}

static enum MHD_Result keep(struct http_request *q, const char *data, size_t n)
{
	size_t size = q->body_size;

	if (q->body_len + n > q->server->body_max) {
		q->discarded += n; /* no answer is possible before the body has ended, but it must end */
		return q->discarded > DISCARD_FACTOR * q->server->body_max + 65536 ? MHD_NO : MHD_YES;
	}
	while (size < q->body_len + n)
		size = size ? 2 * size : 4096;
	if (size != q->body_size) {
		uint8_t *more = realloc(q->body, size);

		if (!more)
			return MHD_NO;
		q->body = more;
		q->body_size = size;
	}
	memcpy(q->body + q->body_len, data, n);
	q->body_len += n;
	return MHD_YES;
}

enum MHD_Result http_request_take(struct http_request *q, const char *data, size_t *n)
{
	enum MHD_Result ok;

	if (q->sink)
		return give_sink(q, data, n);
	ok = keep(q, data, *n);
	*n = 0;
	return ok;
}

/* ---- what a handler asks ---- */

const struct http_route *http_route_of(const struct http_request *q)
{
	return q->route;
}

const char *http_method(const struct http_request *q)
{
	return q->method;
}

const char *http_rest(const struct http_request *q)
{
	return q->rest;
}

const char *http_query(const struct http_request *q, const char *key)
{
	return q->connection ? MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, key) : NULL;
}

const char *http_header(const struct http_request *q, const char *name)
{
	return q->connection ? MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name) : NULL;
}

struct bytes http_body(const struct http_request *q)
{
	return (struct bytes){ q->body, q->body_len };
}

/* ---- its reply ---- */

void http_reply_header(struct http_request *q, const char *name, const char *value)
{
	if (q->header_count == HTTP_HEADERS_MAX)
		return;
	q->headers[q->header_count].name = strdup(name);
	q->headers[q->header_count++].value = strdup(value);
}

/* The response is there: queued by on_access, now or once the connection turns again. */
static void give(struct http_request *q, int status, const char *content_type, struct MHD_Response *response)
{
	q->status = status;
	q->response = response;
	if (!q->server)
		return http_request_free(q);
	if (!response) {
		q->response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
		q->status = 500;
	}
	MHD_add_response_header(q->response, "Cache-Control", "no-store");
	if (content_type)
		MHD_add_response_header(q->response, "Content-Type", content_type);
	for (size_t i = 0; i < q->header_count; i++)
		if (q->headers[i].name && q->headers[i].value)
			MHD_add_response_header(q->response, q->headers[i].name, q->headers[i].value);
	if (q->link)
		http_request_let_go(q);
}

void http_reply(struct http_request *q, int status, const char *content_type, const char *text, size_t len)
{
	give(q, status, content_type, MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY));
}

struct stream { /* it may outlive the request */
	const struct http_source *source;
	void *arg;
};

static ssize_t on_fill(void *stream, uint64_t at, char *out, size_t size)
{
	const struct stream *t = stream;
	ssize_t n = t->source->fill(t->arg, out, size);

	(void)at;
	return n > 0 ? n : n ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
}

static void on_filled(void *stream)
{
	struct stream *t = stream;

	t->source->free(t->arg);
	free(t);
}

void http_reply_stream(struct http_request *q, int status, const char *content_type, const struct http_source *source, void *arg)
{
	struct stream *t = malloc(sizeof *t);
	struct MHD_Response *response;

	if (!t) {
		source->free(arg);
		return give(q, 500, NULL, NULL);
	}
	*t = (struct stream){ source, arg };
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, on_fill, t, on_filled);
	if (!response)
		on_filled(t);
	give(q, status, content_type, response);
}

void http_reply_json(struct http_request *q, int status, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);

	json_decref(body);
	give(q, text ? status : 500, "application/json",
	     text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL);
}

void http_problem_at(struct http_request *q, int status, const char *field, const char *pointer, const char *detail)
{
	const char *title = MHD_get_reason_phrase_for((unsigned)status);
	json_t *body = json_pack("{s:s, s:s, s:i, s:s, s:s*, s:s*}", "type", "about:blank", "title", title, "status", status, "detail", detail,
				 "field", field, "pointer", pointer);
	char *text;

	if (!body) /* the detail quotes what is no UTF-8 */
		body = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title", title, "status", status, "detail",
				 "it holds what is no UTF-8");
	text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	give(q, status, "application/problem+json",
	     text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL);
}

void http_problem(struct http_request *q, int status, const char *field, const char *fmt, ...)
{
	char detail[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof detail, fmt, args);
	va_end(args);
	http_problem_at(q, status, field, NULL, detail);
}
