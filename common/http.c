// SPDX-License-Identifier: Apache-2.0
/* libmicrohttpd without threads of its own: its epoll descriptor and its timeout are watched by the main loop.
 *
 *   headers ─▶ route ─▶ body (bounded) ─▶ handler ─┬─ replies at once ───────────▶ queued
 *                                                  └─ not yet: suspend ─ reply ─▶ resume ─▶ queued
 *
 * A request belongs to libmicrohttpd until it completed; when the server goes first, to whoever owes its reply. */
#include "common/http_private.h"
#include "common/address.h"
#include "common/http_listen.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, IDLE_S = 60 };

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
	struct http_request *q = http_request_new(s, c, method);

	if (!q)
		return MHD_NO;
	*state = q;
	http_route_choose(q, url);
	if (q->route && !q->rest)
		return MHD_NO; /* out of memory */
	if (q->route && s->on_headers)
		s->on_headers(q, s->context);
	if (!q->response && !q->sink && http_request_too_long(q))
		http_problem(q, 413, NULL, "at most %zu bytes", s->body_max);
	return q->response ? queue(q) : MHD_YES;
}

static enum MHD_Result on_access(void *server, struct MHD_Connection *c, const char *url, const char *method, const char *version,
				 const char *data, size_t *size, void **state)
{
	struct http_request *q = *state;

	(void)version;
	if (!q)
		return on_headers(server, c, url, method, state);
	if (*size)
		return http_request_take(q, data, size);
	if (!q->asked) {
		q->asked = true;
		if (q->sink)
			q->sink->end(q->sink_arg);
		else if (q->discarded)
			http_problem(q, 413, NULL, "at most %zu bytes", q->server->body_max);
		else
			q->route->handler(q, q->server->context);
	}
	if (q->response)
		return queue(q);
	http_request_hold(q);
	return MHD_YES;
}

static void on_completed(void *server, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	struct http_request *q = *state;

	(void)server;
	(void)c;
	(void)why;
	*state = NULL;
	if (!q)
		return;
	q->connection = NULL;
	if (q->sink && !q->asked) {
		q->sink->lost(q->sink_arg);
		http_request_free(q);
		return;
	}
	if (q->server && (!q->asked || q->status))
		http_request_free(q);
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

void http_turn_soon(struct http_server *s)
{
	uv_timer_start(&s->timer, on_timeout, 0, 0);
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
	*s = (struct http_server){ .routes = routes, .route_count = n, .context = context, .body_max = o->body_max,
				    .on_headers = o->on_headers };
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

		http_request_let_go(q);
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
