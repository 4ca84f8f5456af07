// SPDX-License-Identifier: Apache-2.0
/* DELETE /v1/registrations/IMPU?reason=R&impi=I&info=T: the operator ends a registration. [TS 29.228 6.1.3]
 *
 *   permanent-termination  the default: the S-CSCF takes the user off
 *   server-change          the user is to register anew, at an S-CSCF that is chosen anew
 *   remove-s-cscf          a user who is served though not registered is served by no S-CSCF any more */
#include "hss/identity.h"
#include "hss/rest/rest.h"
#include "hss/termination.h"
#include <string.h>

static const struct { const char *name; enum cx_deregistration_reason reason; } reasons[] = {
	{ "permanent-termination", CX_PERMANENT_TERMINATION }, { "server-change", CX_SERVER_CHANGE }, { "remove-s-cscf", CX_REMOVE_SCSCF },
};

static int read_reason(struct change *c, enum cx_deregistration_reason *out)
{
	const char *name = http_query(c->request, "reason");

	*out = CX_PERMANENT_TERMINATION;
	if (!name)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (!strcmp(reasons[i].name, name)) {
			*out = reasons[i].reason;
			return 0;
		}
	return problem_set(&c->problem, 400, "reason", "permanent-termination, server-change or remove-s-cscf is expected");
}

static int find(struct change *c, struct store *s, struct impu *u)
{
	char uri[IMPU_MAX];
	int err = impu_canonical(c->name, uri) ? -ENOENT : store_impu(s, &c->pool, uri, u);

	return err == -ENOENT ? problem_set(&c->problem, 404, NULL, "no public identity %s", c->name) : err;
}

/* REMOVE_S-CSCF is said of who is not registered [TS 29.228 6.1.3.1]. */
static int check_state(struct change *c, struct store *s, const struct impu *u, enum cx_deregistration_reason reason)
{
	int registered = store_registered(s, u->set);

	if (registered < 0)
		return registered;
	if (!registered && !u->unregistered)
		return problem_set(&c->problem, 409, NULL, "%s is not registered", c->name);
	if (registered && reason == CX_REMOVE_SCSCF)
		return problem_set(&c->problem, 409, "reason", "%s is registered; remove-s-cscf is for who is not", c->name);
	return 0;
}

static int make_delete(struct change *c, struct store *s)
{
	const char *impi = http_query(c->request, "impi"), *info = http_query(c->request, "info");
	enum cx_deregistration_reason reason;
	struct impu u;
	int err = read_reason(c, &reason);

	if (!err)
		err = find(c, s, &u);
	if (!err)
		err = check_state(c, s, &u, reason);
	if (!err)
		err = terminate_set(s, &c->pool, u.set, &(struct termination){ .impi = impi, .reason = reason,
									      .info = info && *info ? info : "by the operator" });
	if (err == -ENOENT)
		return problem_set(&c->problem, 404, "impi", "%s has not registered %s", impi, c->name);
	return err ? problem_of_store(&c->problem, err) : 0;
}

static void reply_delete(struct change *c)
{
	if (!c->dry_run)
		return change_reply_done(c);
	http_reply_json(c->request, 200, json_pack("{s:b, s:i, s:O}", "dry_run", 1, "status", 204, "pushes", c->pushes));
	change_free(c);
}

static void on_delete(struct http_request *q, struct provisioning *d)
{
	struct change *c = change_new(d, q, make_delete, reply_delete);

	if (c)
		change_submit(c);
}

static const struct rest_route routes[] = {
	{ "DELETE", "/v1/registrations/*", on_delete },
};

REST_RESOURCE(rest_registrations, routes);
