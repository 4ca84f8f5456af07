// SPDX-License-Identifier: Apache-2.0
/* May this user register here, and which S-CSCF serves? [TS 29.228 6.1.1.1]
 *
 *   identities ─▶ barring ─▶ roaming ─▶ S-CSCF assigned? ─┬─ yes ─▶ its name, SUBSEQUENT_REGISTRATION
 *                                                         └─ no ──▶ capabilities, FIRST_REGISTRATION
 */
#include "hss/identity.h"

/* Step 3: a barred identity may register only with others of its set that are not. 1 allowed, 0 refused, -errno. */
static int check_barring(struct run *r, const struct cx_uar *uar, const struct impu *u)
{
	int allowed;

	if (uar->emergency || !u->barred)
		return 1;
	allowed = store_set_has_unbarred(r->store, u->set);
	return allowed ? allowed : refuse(r, RESULT_AUTHORIZATION_REJECTED, "the public identity is barred, and all of its set are");
}

/* Step 4: a de-registration may come from anywhere. */
static int check_roaming(struct run *r, const struct cx_uar *uar, const struct impu *u)
{
	int allowed;

	if (uar->emergency || uar->authorization == CX_DEREGISTRATION)
		return 1;
	allowed = store_roams(r->store, u->subscription, uar->visited_network);
	return allowed ? allowed : refuse(r, RESULT_ERROR_ROAMING_NOT_ALLOWED, "the subscription may not roam in the visited network");
}

/* Step 4, REGISTRATION_AND_CAPABILITIES: the S-CSCF that serves is dead for the I-CSCF, and another may take over
 * [TS 23.380 4.3.2]. */
static int give_capabilities(struct run *r, const struct impu *u)
{
	int err = store_capabilities(r->store, &r->pool, u->subscription, &r->answer.uaa.capabilities);

	r->answer.uaa.result = RESULT_SUCCESS;
	return err || !u->scscf_name ? err : store_reassignment_pending(r->store, u);
}

/* Step 5, DE_REGISTRATION: of an identity that is registered, or served though it is not. */
static int answer_deregistration(struct run *r, const struct impu *u)
{
	int registered = store_registered(r->store, u->set);

	if (registered < 0)
		return registered;
	if ((!registered && !u->unregistered) || !u->scscf_name)
		return refuse(r, RESULT_ERROR_IDENTITY_NOT_REGISTERED, "not registered, so nothing is to be de-registered");
	r->answer.uaa.server_name = u->scscf_name;
	r->answer.uaa.result = RESULT_SUCCESS;
	return 0;
}

/* Step 5: a name that is stored is that of the S-CSCF which serves an identity of the subscription, registered or not, or
 * which is authenticating one. */
static int answer_by_state(struct run *r, const struct cx_uar *uar, const struct impu *u)
{
	struct cx_uaa *uaa = &r->answer.uaa;

	if (uar->authorization == CX_DEREGISTRATION)
		return answer_deregistration(r, u);
	uaa->server_name = u->scscf_name;
	uaa->result = u->scscf_name ? RESULT_SUBSEQUENT_REGISTRATION : RESULT_FIRST_REGISTRATION;
	return u->scscf_name ? 0 : store_capabilities(r->store, &r->pool, u->subscription, &uaa->capabilities);
}

static int steps(struct run *r)
{
	const struct cx_uar *uar = r->question;
	struct private_identity p;
	struct impu u;
	int go = check_features(r, uar->features, uar->feature_count, r->answer.uaa.features, &r->answer.uaa.feature_count);

	if (go > 0)
		go = find_pair(r, uar->private_identity, uar->public_identity, &p, &u);
	if (go > 0)
		go = check_registers(r, &u); /* step 1: a distinct public user identity */
	if (go > 0)
		go = check_barring(r, uar, &u);
	if (go > 0)
		go = check_roaming(r, uar, &u);
	if (go <= 0)
		return go;
	if (uar->authorization == CX_REGISTRATION_AND_CAPABILITIES)
		return give_capabilities(r, &u);
	return answer_by_state(r, uar, &u);
}

static void answer(struct run *r)
{
	cx_answer_uaa(r->call, &r->answer.uaa);
}

static enum diameter_result *result(struct run *r)
{
	return &r->answer.uaa.result;
}

const struct procedure user_authorization = { .name = "hss.user_authorization", .steps = steps, .answer = answer, .result = result };

void on_uar(void *hss, struct cx_call *call, const struct cx_uar *uar)
{
	procedure_begin(hss, &user_authorization, call, uar, uar->public_identity, uar->private_identity);
}
