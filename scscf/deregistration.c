// SPDX-License-Identifier: Apache-2.0
/* Contacts that go without a REGISTER: they ran out, the operator or the HSS took them. [TS 24.229 5.4.1.4, 5.4.1.5]
 *
 *   timer    ─▶ contacts gone ─▶ SAR TIMEOUT_DEREGISTRATION for a private identity with none left
 *   operator ─▶ contacts gone ─▶ SAR ADMINISTRATIVE_DEREGISTRATION
 *   RTR      ─▶ contacts gone [TS 29.228 6.1.3]
 *
 * Left out until reg-event is served: the NOTIFY that tells the UE [5.4.2.1.2], the release of its dialogs [5.4.5.1.2]. */
#include "scscf/deregistration.h"
#include "common/log.h"
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 6, RETRY_MS = 500 };  /* half a second, doubled: 16 s in all */

struct deregistration {
	const char *impu, *impi, *hss;
	enum cx_assignment why;
	unsigned attempt;
};

static void tell_hss(struct request *r);

/* A new registration was faster: the HSS is not to hear of the old one's end any more. */
static bool is_back(struct request *r, const struct deregistration *d)
{
	const struct user *u = user_find(scscf_of(r)->users, d->impu);

	return u && binding_count_of(&u->bindings, d->impi);
}

static void try_again(void *request)
{
	struct request *r = request;

	if (is_back(r, request_state(r, sizeof(struct deregistration))))
		return request_answer(r, 200, NULL);
	tell_hss(r);
}

/* step 2: nothing depends on the answer any more. An HSS that is not there yet, as at our start after a death, is told later. */
static void on_told(struct request *r, const struct cx_saa *saa, int err)
{
	struct deregistration *d = request_state(r, sizeof *d);

	if (err && d->attempt < ATTEMPTS && sip_timer_set(request_agent(r), (uint64_t)RETRY_MS << d->attempt++, try_again, r))
		return request_wait(r);
	if (err)
		return request_answer(r, 504, "HSS not told that %s is gone: %s", d->impu, strerror(-err));
	if (!result_success(saa->result))
		return request_answer(r, 500, "HSS not told that %s is gone: %s", d->impu, result_name(saa->result));
	request_answer(r, 200, NULL);
}

/* step 1 */
static void tell_hss(struct request *r)
{
	const struct deregistration *d = request_state(r, sizeof *d);

	cx_ask_sar(scscf_of(r)->cx, r,
		   &(struct cx_sar){ .private_identity = d->impi, .public_identities = { { d->impu }, 1 },
				     .server_name = scscf_of(r)->options->server_name, .assignment = d->why,
				     .destination_host = d->hss, .trace_id = request_trace_id(r) },
		   on_told);
	request_wait(r);
}

static void begin(struct scscf *s, const char *impu, const char *impi, const char *hss, enum cx_assignment why)
{
	struct request *r = request_begin(s->agent, &scscf_deregistration, impu);
	struct deregistration *d = r ? request_state(r, sizeof *d) : NULL;

	if (!d) {
		log_event(LOG_ERROR, "scscf.deregistration", "impu=%s HSS not told: out of memory", impu);
		return;
	}
	*d = (struct deregistration){ .impu = su_strdup(request_home(r), impu), .impi = su_strdup(request_home(r), impi),
				      .hss = hss ? su_strdup(request_home(r), hss) : NULL, .why = why };
	tell_hss(r);
}

struct gone {                        /* private identities that had contacts */
	char *impi[16];
	size_t count;
};

static void remember(struct gone *g, const char *impi)
{
	for (size_t i = 0; i < g->count; i++)
		if (!strcmp(g->impi[i], impi))
			return;
	if (g->count < ARRAY_LEN(g->impi) && (g->impi[g->count] = strdup(impi)))
		g->count++;
}

static struct gone owners_of(const struct bindings *have)
{
	struct gone g = { .count = 0 };

	for (const struct binding *b = have->first; b; b = b->next)
		remember(&g, b->private_identity);
	return g;
}

static void tell_of_those_without(struct user *u, struct gone *g, enum cx_assignment why)
{
	struct scscf *s = users_scscf(u->owner);

	for (size_t i = 0; i < g->count; i++) {
		if (!binding_count_of(&u->bindings, g->impi[i])) {
			log_event(LOG_INFO, "scscf.deregistration", "impu=%s impi=%s %s", u->key, g->impi[i],
				  why == CX_TIMEOUT_DEREGISTRATION ? "ran out" : "taken off");
			if (why != CX_NO_ASSIGNMENT)
				begin(s, u->key, g->impi[i], u->hss, why);
		}
		free(g->impi[i]);
	}
	if (u->bindings.count)
		user_changed(u);
	else
		user_remove(u);
}

void deregistration_of_expired(struct user *u)
{
	struct gone before = owners_of(&u->bindings);
	uint64_t next_ms;

	binding_expire(&u->bindings, clock_wall_ns() / 1000000, &next_ms);
	tell_of_those_without(u, &before, CX_TIMEOUT_DEREGISTRATION);
}

void deregistration_by_operator(struct user *u)
{
	struct gone before = owners_of(&u->bindings);

	binding_remove_of(&u->bindings, NULL);
	tell_of_those_without(u, &before, CX_ADMINISTRATIVE_DEREGISTRATION);
}

void deregistration_by_hss(struct user *u, const char *private_identity)
{
	struct gone before = owners_of(&u->bindings);

	binding_remove_of(&u->bindings, private_identity);
	tell_of_those_without(u, &before, CX_NO_ASSIGNMENT);
}

const struct procedure scscf_deregistration = { .name = "scscf.deregistration" };
