// SPDX-License-Identifier: Apache-2.0
/* The REST door: HTTPS with a bearer token [RFC 6750]. Behind it a file a resource, rest_*.c.
 *
 *   request ─▶ route ─▶ token, role ─▶ reads: answered at once from a reading connection
 *                                 └──▶ changes: writer ─▶ on the disk ─▶ back to the loop's thread ─▶ answered (change.c)
 */
#include "hss/rest/provisioning.h"
#include "common/log.h"
#include "hss/rest/rest.h"
#include "hss/rest/tokens.h"
#include <string.h>

enum { NAME_MAX_OCTETS = 400 }; /* two names with what is between them */

/* ---- who comes ---- */

/* The role that the request's token gives; ROLE_NONE after replying 401. */
static enum role authenticate(struct provisioning *d, struct http_request *q)
{
	const char *why = NULL;
	enum role role = tokens_role(d->hss->tokens, http_header(q, "Authorization"), &d->caller, &why);

	if (role)
		return role;
	http_reply_header(q, "WWW-Authenticate", "Bearer");
	http_problem(q, 401, NULL, "%s", why);
	return ROLE_NONE;
}

bool rest_allowed(struct provisioning *d, struct http_request *q, const char *resource)
{
	if (access_allowed(d->role, http_method(q), resource))
		return true;
	http_reply_header(q, "WWW-Authenticate", "Bearer error=\"insufficient_scope\""); /* [RFC 6750 3.1] */
	http_problem(q, 403, NULL, "the token's role is %s; this needs %s", role_name(d->role),
		     role_name(access_needed(http_method(q), resource)));
	return false;
}

bool rest_name_is_good(const char *name)
{
	json_t *v = json_string(name);
	bool good = v && *name && strlen(name) <= NAME_MAX_OCTETS;

	json_decref(v); /* it was UTF-8 */
	for (const char *p = name; good && *p; p++)
		good = (unsigned char)*p >= 0x20 && *p != 0x7f;
	return good;
}

/* ---- reading ---- */

void rest_reply_unread(struct http_request *q)
{
	http_problem(q, 503, NULL, "the store cannot be read now");
}

struct store *rest_begin(struct provisioning *d, struct http_request *q, struct obstack *pool)
{
	struct store *s = hss_reader(d->hss);

	if (!s || store_begin(s)) {
		rest_reply_unread(q);
		return NULL;
	}
	obstack_init(pool);
	return s;
}

void rest_end(struct store *s, struct obstack *pool)
{
	store_rollback(s);
	obstack_free(pool, NULL);
}

/* ---- routes ---- */

static const struct rest_resource *const resources[] = {
	&rest_subscribers,
	&rest_identities,
	&rest_profiles,
	&rest_criteria,
	&rest_charging,
	&rest_default_charging,
	&rest_clouds,
	&rest_scscf,
	&rest_slf,
	&rest_imports,
	&rest_openapi,
	&rest_registrations,
	&rest_keys,
	&rest_application_servers,
	&rest_activations,
	&rest_backup,
};

enum { ROUTES_MAX = 128 };

static struct {
	struct http_route http[ROUTES_MAX];
	const struct rest_route *rest[ROUTES_MAX];
	const struct rest_resource *resource[ROUTES_MAX];
	size_t count;
} routes;

/* The route of a request, for its handler. */
static const struct rest_route *enter(struct provisioning *d, struct http_request *q)
{
	size_t i = (size_t)(http_route_of(q) - routes.http);

	d->route = routes.rest[i];
	d->of = routes.resource[i]->of;
	return d->route;
}

/* Who changes what is in the log. */
static bool let_in(struct provisioning *d, struct http_request *q)
{
	const char *method = http_method(q);
	bool allowed;

	d->role = authenticate(d, q);
	if (!d->role)
		return false;
	if (*http_rest(q) && !rest_name_is_good(http_rest(q))) {
		http_problem(q, 400, NULL, "a name in the address is UTF-8, without control characters, of %d octets at most", NAME_MAX_OCTETS);
		return false;
	}
	allowed = rest_allowed(d, q, d->route->path);
	if (!allowed || access_needed(method, d->route->path) > ROLE_READER)
		log_event(allowed ? LOG_INFO : LOG_WARN, "hss.rest", "method=%s path=%s name=\"%s\" token=%s role=%s%s", method, d->route->path,
			  http_rest(q), d->caller, role_name(d->role), allowed ? "" : " refused=403");
	return allowed;
}

static void on_request(struct http_request *q, void *context)
{
	struct provisioning *d = context;
	const struct rest_route *r = enter(d, q);

	if (let_in(d, q))
		r->handler(q, d);
}

/* A body that is taken as it comes is somebody's from the start. */
static void on_headers(struct http_request *q, void *context)
{
	struct provisioning *d = context;
	const struct rest_resource *r = routes.resource[http_route_of(q) - routes.http];

	enter(d, q);
	if (r->will_stream && r->will_stream(q) && let_in(d, q))
		r->stream(q, d);
}

static void list_routes(void)
{
	routes.count = 0;
	for (size_t i = 0; i < ARRAY_LEN(resources); i++)
		for (size_t k = 0; k < resources[i]->count && routes.count < ROUTES_MAX; k++) {
			const struct rest_route *r = &resources[i]->routes[k];

			routes.http[routes.count] = (struct http_route){ r->method, r->path, on_request };
			routes.resource[routes.count] = resources[i];
			routes.rest[routes.count++] = r;
		}
}

json_t *rest_routes(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < routes.count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "method", routes.http[i].method, "path", routes.http[i].path));
	return list;
}

/* ---- the door ---- */

static struct provisioning door;

int provisioning_load(struct hss *h)
{
	if (!h->options->rest.certificate)
		return 0; /* there will be no door */
	h->tokens = tokens_load(h->options);
	return h->tokens ? 0 : -EINVAL;
}

int provisioning_start(struct hss *h, struct loop *l)
{
	const struct hss_options *o = h->options;
	struct http_options http = { .address = o->rest.address, .certificate = o->rest.certificate, .tls_minimum = o->base.tls.minimum,
				     .body_max = (size_t)o->rest.body_mb << 20, .on_headers = on_headers };
	int err;

	if (!o->rest.certificate) {
		log_event(LOG_WARN, "hss.rest", "no tls.certificate: nothing is provisioned over REST");
		return 0;
	}
	door = (struct provisioning){ .hss = h, .loop = l };
	list_routes();
	err = http_listen(l, &http, routes.http, routes.count, &door, &door.server);
	if (err)
		log_event(LOG_ERROR, "hss.rest", "address=%s error=\"%s\"", o->rest.address, strerror(-err));
	return err;
}

void provisioning_stop(struct hss *h)
{
	http_free(door.server);
	door.server = NULL;
	tokens_free(h->tokens);
	h->tokens = NULL;
}

void provisioning_reload(struct hss *h)
{
	struct tokens *t = h->tokens ? tokens_load(h->options) : NULL;

	if (!t) /* the old ones stand, and the log says why */
		return;
	tokens_free(h->tokens);
	h->tokens = t;
	log_event(LOG_INFO, "hss.rest", "event=reload tokens_file=%s", h->options->rest.tokens_file);
}
