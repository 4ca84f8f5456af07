// SPDX-License-Identifier: Apache-2.0
/* Which handler a request goes to: the longest path that matches, then the method. */
#include "common/http_private.h"
#include <stdio.h>
#include <string.h>

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

void http_route_choose(struct http_request *q, const char *path)
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
