// SPDX-License-Identifier: Apache-2.0
/* Where is this user served? [TS 29.228 6.1.4.1] */
#include "hss/identity.h"

/* Step 2a, REGISTRATION_AND_CAPABILITIES: as in a UAR. */
static int give_capabilities(struct run *r, const struct impu *u)
{
	int err = store_capabilities(r->store, &r->pool, u->subscription, &r->answer.lia.capabilities);

	r->answer.lia.result = RESULT_SUCCESS;
	return err || !u->scscf_name ? err : store_reassignment_pending(r->store, u);
}

/* Step 3, not registered: somebody may serve the user all the same. */
static int answer_unregistered(struct run *r, const struct cx_lir *lir, const struct impu *u)
{
	struct cx_lia *lia = &r->answer.lia;
	int serves = lir->originating || is_psi(u) ? 1 : store_set_has_unregistered_services(r->store, u->set);

	if (serves < 0)
		return serves;
	if (!serves)
		return refuse(r, RESULT_ERROR_IDENTITY_NOT_REGISTERED, "not registered, and without services for that state");
	if (u->scscf_name) {
		lia->server_name = u->scscf_name;
		lia->result = RESULT_SUCCESS;
		return 0;
	}
	lia->result = RESULT_UNREGISTERED_SERVICE;
	return store_capabilities(r->store, &r->pool, u->subscription, &lia->capabilities);
}

/* Step 1: nobody finds a public service identity that an AS has switched off [TS 29.328 7.6.10]. */
static int check_active(struct run *r, const struct impu *u)
{
	int active = is_psi(u) ? store_psi_active(r->store, u->id) : 1;

	return active ? active : refuse(r, RESULT_ERROR_USER_UNKNOWN, "the public service identity is not active");
}

static int steps(struct run *r)
{
	const struct cx_lir *lir = r->question;
	struct cx_lia *lia = &r->answer.lia;
	struct impu u;
	int registered, go = check_features(r, lir->features, lir->feature_count, lia->features, &lia->feature_count);

	if (go > 0)
		go = find_impu(r, lir->public_identity, &u); /* step 1 */
	if (go > 0)
		go = check_active(r, &u);
	if (go <= 0)
		return go;
	lia->wildcard = u.wildcard;
	if (is_psi(&u) && u.as_name && !lir->originating) { /* step 2: direct routing */
		lia->server_name = u.as_name;
		lia->direct_routing = true;
		lia->result = RESULT_SUCCESS;
		return 0;
	}
	if (lir->capabilities_wanted)
		return give_capabilities(r, &u);
	registered = store_registered(r->store, u.set); /* step 3 */
	if (registered < 0)
		return registered;
	if ((!registered && !u.unregistered) || !u.scscf_name)
		return answer_unregistered(r, lir, &u);
	lia->server_name = u.scscf_name;
	lia->result = RESULT_SUCCESS;
	return 0;
}

static void answer(struct run *r)
{
	cx_answer_lia(r->call, &r->answer.lia);
}

static enum diameter_result *result(struct run *r)
{
	return &r->answer.lia.result;
}

const struct procedure location_info = { .name = "hss.location_info", .steps = steps, .answer = answer, .result = result };

void on_lir(void *hss, struct cx_call *call, const struct cx_lir *lir)
{
	procedure_begin(hss, &location_info, call, lir, lir->public_identity, NULL);
}
