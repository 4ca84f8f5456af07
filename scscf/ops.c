// SPDX-License-Identifier: Apache-2.0
/* imsctl's questions. No table of the SIP thread is read from the HTTP thread: the question is posted there, and a copy as JSON
 * comes back. */
#include "scscf/ops.h"
#include "common/daemon.h"
#include "scscf/deregistration.h"
#include "scscf/dialog.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 1000 };

struct question {
	struct http_request *http;
	struct loop *loop;
	struct scscf *scscf;
	char *impu;                  /* NULL: all */
	json_t *answer;
	int status;
};

/* ---- the way there and back ---- */

static void reply(void *arg) /* main thread */
{
	struct question *q = arg;

	if (q->answer)
		http_reply_json(q->http, q->status, q->answer);
	else
		http_problem(q->http, q->status, "impu", "not registered here");
	free(q->impu);
	free(q);
}

static void back(struct question *q) /* SIP thread */
{
	if (loop_post(q->loop, reply, q))
		abort(); /* out of memory for one pointer */
}

static void ask(struct http_request *http, void *context, void (*on_sip_thread)(void *arg))
{
	struct daemon *d = context;
	const char *impu = http_query(http, "impu");
	struct question *q = calloc(1, sizeof *q);

	if (!q)
		return http_problem(http, 503, NULL, "out of memory");
	*q = (struct question){ .http = http, .loop = daemon_loop(d), .scscf = daemon_self(d), .impu = impu ? strdup(impu) : NULL, .status = 200 };
	if (sip_post(q->scscf->agent, on_sip_thread, q)) {
		free(q->impu);
		free(q);
		http_problem(http, 503, NULL, "out of memory");
	}
}

/* ---- registrations ---- */

static json_t *contact_of(const struct binding *b)
{
	uint64_t now_ms = clock_wall_ns() / 1000000;

	return json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:i, s:f, s:I}", "contact", b->contact, "uri", b->uri, "private_identity",
			 b->private_identity, "path", b->path, "instance", b->instance, "reg_id", (int)b->reg_id, "q", b->q / 1000.0,
			 "expires_s", (json_int_t)(b->expires_ms > now_ms ? (b->expires_ms - now_ms) / 1000 : 0));
}

static json_t *registration_of(const struct user *u)
{
	json_t *identities = json_array(), *contacts = json_array();

	for (size_t i = 0; i < u->profile->identity_count; i++)
		json_array_append_new(identities, json_pack("{s:s, s:b}", "impu", u->profile->identities[i].uri, "barred",
							    u->profile->identities[i].barred));
	for (const struct binding *b = u->bindings.first; b; b = b->next)
		json_array_append_new(contacts, contact_of(b));
	return json_pack("{s:s, s:s, s:o, s:o}", "impu", u->key, "private_identity", u->profile->private_identity, "identities", identities,
			 "contacts", contacts);
}

static void list_registrations(void *arg)
{
	struct question *q = arg;
	const struct user *u = q->impu ? user_find(q->scscf->users, q->impu) : users_first(q->scscf->users);

	if (q->impu && !u) {
		q->status = 404;
		return back(q);
	}
	q->answer = json_array();
	for (size_t n = 0; u && n < LIST_MAX; u = q->impu ? NULL : u->next, n++)
		json_array_append_new(q->answer, registration_of(u));
	back(q);
}

static void deregister(void *arg)
{
	struct question *q = arg;
	struct user *u = q->impu ? user_find(q->scscf->users, q->impu) : NULL;

	if (!u) {
		q->status = 404;
		return back(q);
	}
	q->answer = json_pack("{s:s, s:I}", "impu", q->impu, "contacts", (json_int_t)u->bindings.count);
	deregistration_by_operator(u);
	back(q);
}

/* ---- calls ---- */

static void list_call(void *context, const struct dialog *d)
{
	struct question *q = context;

	if (json_array_size(q->answer) < LIST_MAX)
		json_array_append_new(q->answer, json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:I}", "call_id", d->call_id, "case",
							   session_case_name(d->session_case), "icid", d->icid, "from", d->from, "to",
							   d->to, "start_ms", (json_int_t)d->start_ms));
}

static void list_calls(void *arg)
{
	struct question *q = arg;

	q->answer = json_array();
	dialogs_each(q->scscf->dialogs, list_call, q);
	back(q);
}

/* ---- the doors ---- */

static void get_registrations(struct http_request *http, void *context)
{
	ask(http, context, list_registrations);
}

static void post_deregister(struct http_request *http, void *context)
{
	ask(http, context, deregister);
}

static void get_calls(struct http_request *http, void *context)
{
	ask(http, context, list_calls);
}

const struct http_route ops_routes[OPS_ROUTE_COUNT] = {
	{ "GET", "/registrations", get_registrations },
	{ "POST", "/deregister", post_deregister },
	{ "GET", "/calls", get_calls },
};
