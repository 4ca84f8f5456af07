// SPDX-License-Identifier: Apache-2.0
/* imsctl's question. No table of the SIP thread is read from the HTTP thread: the question is posted there, and a copy as JSON
 * comes back. */
#include "pcscf/ops.h"
#include "common/daemon.h"
#include "pcscf/binding.h"
#include "pcscf/pcscf.h"
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 1000 };

struct question {
	struct http_request *http;
	struct loop *loop;
	struct pcscf *pcscf;
	char *impu;                  /* NULL: all */
	json_t *answer;
};

/* ---- the way there and back ---- */

static void reply(void *arg) /* main thread */
{
	struct question *q = arg;

	if (json_array_size(q->answer) || !q->impu) {
		http_reply_json(q->http, 200, q->answer);
	} else {
		json_decref(q->answer);
		http_problem(q->http, 404, "impu", "not registered through this P-CSCF");
	}
	free(q->impu);
	free(q);
}

static void ask(struct http_request *http, void *context, void (*on_sip_thread)(void *arg))
{
	struct daemon *d = context;
	const char *impu = http_query(http, "impu");
	struct question *q = calloc(1, sizeof *q);

	if (!q)
		return http_problem(http, 503, NULL, "out of memory");
	*q = (struct question){ .http = http, .loop = daemon_loop(d), .pcscf = daemon_self(d), .impu = impu ? strdup(impu) : NULL };
	if (sip_post(q->pcscf->agent, on_sip_thread, q)) {
		free(q->impu);
		free(q);
		http_problem(http, 503, NULL, "out of memory");
	}
}

/* ---- registrations ---- */

static json_t *registration_of(struct sip_agent *a, struct binding *b)
{
	const struct flow *f = binding_flow(a, b);
	const struct binding_data *d = &b->data;
	uint64_t now_ms = clock_wall_ns() / 1000000;
	json_t *identities = json_array();

	for (unsigned i = 0; i < d->identity_count; i++)
		json_array_append_new(identities, json_string(d->identities[i]));
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:b, s:s, s:I}", "impu", d->public_identity, "private_identity", d->private_identity,
			 "identities", identities, "contacts", d->contacts, "flow", d->flow_name, "alive", f && flow_alive(f),
			 "service_route", d->service_route,
			 "expires_s", (json_int_t)(d->expires_ms > now_ms ? (d->expires_ms - now_ms) / 1000 : 0));
}

static struct binding *next_of(const struct question *q, struct binding *b)
{
	return q->impu ? binding_next(q->pcscf->bindings, q->impu, b) : b->next;
}

static void list_registrations(void *arg) /* SIP thread */
{
	struct question *q = arg;
	struct bindings *t = q->pcscf->bindings;
	struct binding *b = q->impu ? binding_first(t, q->impu) : bindings_first(t);

	q->answer = json_array();
	for (size_t n = 0; b && n < LIST_MAX; b = next_of(q, b), n++)
		json_array_append_new(q->answer, registration_of(q->pcscf->agent, b));
	if (loop_post(q->loop, reply, q))
		abort(); /* out of memory for one pointer */
}

static void get_registrations(struct http_request *http, void *context)
{
	ask(http, context, list_registrations);
}

const struct http_route ops_routes[OPS_ROUTE_COUNT] = {
	{ "GET", "/registrations", get_registrations },
};
