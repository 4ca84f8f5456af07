// SPDX-License-Identifier: Apache-2.0
/* libmicrohttpd without threads of its own: its epoll descriptor and its timeout are watched by the main loop.
 *
 *   headers ─▶ route ─▶ body (bounded) ─▶ handler ─┬─ replies at once ───────────▶ queued
 *                                                  └─ not yet: suspend ─ reply ─▶ resume ─▶ queued
 *
 * A request belongs to libmicrohttpd until it completed; when the server goes first, to whoever owes its reply. */
#include "common/http.h"
#include "common/address.h"
#include "common/http_listen.h"
#include "common/log.h"
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADERS_MAX = 8, CONNECTIONS_MAX = 256, IDLE_S = 60, DISCARD_FACTOR = 8 };

struct http_server {
	struct MHD_Daemon *mhd;
	uv_poll_t poll;
	uv_timer_t timer;
	int handles;                     /* open ones of the two above */
	const struct http_route *routes;
	size_t route_count;
	void *context;
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
	struct { char *name, *value; } headers[HEADERS_MAX];
	size_t header_count;
	struct MHD_Response *response;   /* given, not queued yet */
	int status;
	bool asked;                      /* the handler has run */
};

/* ---- a request's life ---- */

static void request_free(struct http_request *q)
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

static struct http_request *request_new(struct http_server *s, struct MHD_Connection *c, const char *method)
{
	struct http_request *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	q->server = s;
	q->connection = c;
	q->method = strdup(method);
	if (q->method)
		return q;
	request_free(q);
	return NULL;
}

static void on_timeout(uv_timer_t *timer);

static void hold(struct http_request *q)
{
	struct http_server *s = q->server;

	q->next = s->pending;
	q->link = &s->pending;
	if (q->next)
		q->next->link = &q->next;
	s->pending = q;
	MHD_suspend_connection(q->connection);
}

static void let_go(struct http_request *q)
{
	*q->link = q->next;
	if (q->next)
		q->next->link = q->link;
	q->link = NULL;
	MHD_resume_connection(q->connection);
	uv_timer_start(&q->server->timer, on_timeout, 0, 0); /* without threads nothing else makes libmicrohttpd look again */
}

/* ---- routes ---- */

/* How many characters of `path` the route names; -1: it does not match. */
static long route_match(const struct http_route *route, const char *path)
{
	size_t n = strlen(route->path);

	if (n && route->path[n - 1] == '*')
		return strncmp(route->path, path, n - 1) ? -1 : (long)(n - 1);
	return strcmp(route->path, path) ? -1 : (long)n + 1; /* exact wins over "*" of the same length */
}

static bool method_fits(const char *route, const char *asked)
{
	return !strcmp(route, asked) || (!strcmp(asked, "HEAD") && !strcmp(route, "GET"));
}

/* Sets q->route, or answers 404 or 405. */
static void choose_route(struct http_request *q, const char *path)
{
	const struct http_server *s = q->server;
	long best = -1, best_with_method = -1;
	char allow[64] = "";

	for (size_t i = 0; i < s->route_count; i++) {
		long n = route_match(&s->routes[i], path);

		if (n > best)
			best = n;
		if (n < 0 || n <= best_with_method || !method_fits(s->routes[i].method, q->method))
			continue;
		best_with_method = n;
		q->route = &s->routes[i];
	}
	if (q->route && best_with_method == best) {
		size_t n = strlen(q->route->path);

		q->rest = strdup(q->route->path[n - 1] == '*' ? path + n - 1 : "");
		return;
	}
	q->route = NULL;
	if (best < 0) {
		http_problem(q, 404, NULL, "nothing is at %.200s", path);
		return;
	}
	for (size_t i = 0; i < s->route_count; i++)
		if (route_match(&s->routes[i], path) == best)
			snprintf(allow + strlen(allow), sizeof allow - strlen(allow), "%s%s", *allow ? ", " : "", s->routes[i].method);
	http_reply_header(q, "Allow", allow);
	http_problem(q, 405, NULL, "%.200s takes %s", path, allow);
}

/* ---- the body ---- */

static bool too_long(const struct http_request *q)
{
	const char *length = http_header(q, "Content-Length");

	return length && strtoull(length, NULL, 10) > q->server->body_max;
}

static enum MHD_Result take_body(struct http_request *q, const char *data, size_t n)
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

/* ---- what libmicrohttpd calls ---- */

static enum MHD_Result queue(struct http_request *q)
{
	enum MHD_Result ok = MHD_queue_response(q->connection, (unsigned)q->status, q->response);

	MHD_destroy_response(q->response);
	q->response = NULL;
	return ok;
}

static enum MHD_Result on_headers(struct http_server *s, struct MHD_Connection *c, const char *url, const char *method, void **state)
{
	struct http_request *q = request_new(s, c, method);

	if (!q)
		return MHD_NO;
	*state = q;
	if (too_long(q))
		http_problem(q, 413, NULL, "at most %zu bytes", s->body_max);
	else
		choose_route(q, url);
	if (q->route && !q->rest)
		return MHD_NO; /* out of memory */
	return q->response ? queue(q) : MHD_YES;
}

static enum MHD_Result on_access(void *server, struct MHD_Connection *c, const char *url, const char *method, const char *version,
				 const char *data, size_t *size, void **state)
{
	struct http_request *q = *state;

	(void)version;
	if (!q)
		return on_headers(server, c, url, method, state);
	if (*size) {
		enum MHD_Result ok = take_body(q, data, *size);

		*size = 0;
		return ok;
	}
	if (!q->asked) {
		q->asked = true;
		if (q->discarded)
			http_problem(q, 413, NULL, "at most %zu bytes", q->server->body_max);
		else
			q->route->handler(q, q->server->context);
	}
	if (q->response)
		return queue(q);
	hold(q);
	return MHD_YES;
}

static void on_completed(void *server, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	struct http_request *q = *state;

	(void)c;
	(void)why;
	*state = NULL;
	if (!q)
		return;
	q->connection = NULL;
	if (server && q->server && (!q->asked || q->status))
		request_free(q);
	else
		q->server = NULL; /* its reply is still owed */
}

static enum MHD_Result on_accept(void *server, const struct sockaddr *from, socklen_t len)
{
	const struct http_server *s = server;

	(void)len;
	if (!s->allow)
		return MHD_YES;
	for (char **cidr = s->allow; *cidr; cidr++)
		if (cidr_contains(*cidr, from))
			return MHD_YES;
	return MHD_NO;
}

/* ---- the loop ---- */

static void turn(struct http_server *s);

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	turn(poll->data);
}

static void on_timeout(uv_timer_t *timer)
{
	turn(timer->data);
}

static void turn(struct http_server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(s->mhd);
	if (MHD_get_timeout(s->mhd, &ms) == MHD_YES)
		uv_timer_start(&s->timer, on_timeout, ms, 0);
	else
		uv_timer_stop(&s->timer);
}

static int watch(struct http_server *s, struct loop *l)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	int err = uv_timer_init(loop_uv(l), &s->timer);

	if (err)
		return err;
	s->handles++;
	s->timer.data = s;
	err = info ? uv_poll_init(loop_uv(l), &s->poll, info->listen_fd) : -EINVAL;
	if (err)
		return err;
	s->handles++;
	s->poll.data = s;
	return uv_poll_start(&s->poll, UV_READABLE, on_readable);
}

/* ---- a server's life ---- */

static char **copy_list(const char *const *list)
{
	size_t n = 0;
	char **copy;

	while (list[n])
		n++;
	copy = calloc(n + 1, sizeof *copy);
	for (size_t i = 0; copy && i < n; i++)
		copy[i] = strdup(list[i]);
	return copy;
}

static void server_free(struct http_server *s)
{
	for (char **cidr = s->allow; cidr && *cidr; cidr++)
		free(*cidr);
	free(s->allow);
	free(s);
}

static void on_handle_closed(uv_handle_t *h)
{
	struct http_server *s = h->data;

	if (--s->handles == 0)
		server_free(s);
}

static int start(struct http_server *s, const struct http_options *o, int fd)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (o->certificate ? MHD_USE_TLS : 0);
	struct http_tls tls = { 0 };
	struct MHD_OptionItem no_tls[] = { { MHD_OPTION_END, 0, NULL } };
	int err = o->certificate ? http_tls_load(o->certificate, o->tls_minimum, &tls) : 0;

	if (err)
		return err;
	s->mhd = MHD_start_daemon(flags, 0, on_accept, s, on_access, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
				  on_completed, s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
				  (unsigned)IDLE_S, MHD_OPTION_ARRAY, o->certificate ? tls.items : no_tls, MHD_OPTION_END);
	http_tls_forget(&tls);
	return s->mhd ? 0 : -EINVAL;
}

int http_listen(struct loop *l, const struct http_options *o, const struct http_route *routes, size_t n, void *context,
		struct http_server **out)
{
	struct http_server *s = calloc(1, sizeof *s);
	int fd, err;

	if (!s)
		return -ENOMEM;
	*s = (struct http_server){ .routes = routes, .route_count = n, .context = context, .body_max = o->body_max };
	s->allow = o->allow ? copy_list(o->allow) : NULL;
	fd = http_bind(o->address);
	if (fd < 0) {
		server_free(s);
		return fd;
	}
	err = start(s, o, fd);
	if (err) {
		close(fd);
		server_free(s);
		return err;
	}
	err = watch(s, l);
	if (err) {
		http_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void http_free(struct http_server *s)
{
	if (!s)
		return;
	if (s->handles == 2)
		uv_poll_stop(&s->poll);
	while (s->pending) {
		struct http_request *q = s->pending;

		let_go(q);
		q->server = NULL;
	}
	MHD_stop_daemon(s->mhd);
	switch (s->handles) { /* watch() may have come half way */
	case 2:
		uv_close((uv_handle_t *)&s->poll, on_handle_closed);
		/* fall through */
	case 1:
		uv_close((uv_handle_t *)&s->timer, on_handle_closed);
		break;
	default:
		server_free(s);
	}
}

/* ---- what a handler asks ---- */

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
	if (q->header_count == HEADERS_MAX)
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
		return request_free(q);
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
		let_go(q);
}

void http_reply(struct http_request *q, int status, const char *content_type, const char *text, size_t len)
{
	give(q, status, content_type, MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY));
}

void http_reply_json(struct http_request *q, int status, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);

	json_decref(body);
	give(q, text ? status : 500, "application/json",
	     text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL);
}

void http_problem(struct http_request *q, int status, const char *field, const char *fmt, ...)
{
	char detail[512], *text;
	va_list args;
	json_t *body;

	va_start(args, fmt);
	vsnprintf(detail, sizeof detail, fmt, args);
	va_end(args);
	body = json_pack("{s:s, s:s, s:i, s:s, s:s*}", "type", "about:blank", "title", MHD_get_reason_phrase_for((unsigned)status), "status", status,
			 "detail", detail, "field", field);
	if (!body) /* the detail quotes what is no UTF-8 */
		body = json_pack("{s:s, s:i}", "type", "about:blank", "status", status);
	text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	give(q, status, "application/problem+json",
	     text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL);
}
