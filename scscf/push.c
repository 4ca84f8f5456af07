// SPDX-License-Identifier: Apache-2.0
/* The HSS takes a registration away, or sends a new profile. [TS 29.228 6.1.3, 6.2.1; TS 24.229 5.4.1.5, 5.4.1.7] */
#include "scscf/push.h"
#include "common/log.h"
#include "scscf/deregistration.h"

/* ---- RTR ---- */

static bool concerns(const struct user *u, const struct cx_rtr *rtr)
{
	for (size_t i = 0; i < rtr->public_identities.count; i++)
		if (user_identity(u, rtr->public_identities.item[i]))
			return true;
	return rtr->public_identities.count == 0 && rtr->private_identity && binding_count_of(&u->bindings, rtr->private_identity);
}

/* With Associated-Identities every private identity of the subscription goes [TS 29.228 6.1.3.1]. */
static void take_off(struct user *u, const struct cx_rtr *rtr)
{
	if (rtr->public_identities.count && !rtr->private_identity)
		return deregistration_by_hss(u, NULL);
	if (rtr->associated_identities.count)
		return deregistration_by_hss(u, NULL);
	deregistration_by_hss(u, rtr->private_identity);
}

/* The name goes, registrations do not: of who is served unregistered nothing is kept here [TS 29.228 6.1.3.1]. */
static bool takes_registrations(const struct cx_rtr *rtr)
{
	return rtr->reason != CX_REMOVE_SCSCF;
}

static size_t take_off_all(struct scscf *s, const struct cx_rtr *rtr)
{
	struct user *u = users_first(s->users), *after;
	size_t n = 0;

	for (; u; u = after) {
		after = u->next;
		if (!concerns(u, rtr))
			continue;
		take_off(u, rtr);
		n++;
	}
	return n;
}

void push_on_rtr(void *scscf, struct cx_call *call, const struct cx_rtr *rtr)
{
	struct cx_rta rta = { .result = RESULT_SUCCESS, .associated_identities = rtr->associated_identities };
	size_t n;

	if (rtr->feature_count)
		rta.feature_count = cx_features_put(rta.features, SCSCF_FEATURES);
	if (cx_features_lack(rtr->features, rtr->feature_count, SCSCF_FEATURES)) {
		rta.result = RESULT_ERROR_FEATURE_UNSUPPORTED;
		return cx_answer_rta(call, &rta);
	}
	n = takes_registrations(rtr) ? take_off_all(scscf, rtr) : 0;
	log_event(LOG_INFO, "scscf.push", "impi=%s reason=%d sets=%zu deregistered by the HSS",
		  rtr->private_identity ? rtr->private_identity : "", (int)rtr->reason, n);
	cx_answer_rta(call, &rta);
}

/* ---- PPR ---- */

static enum diameter_result replace_profile(struct scscf *s, const struct cx_ppr *ppr)
{
	struct subscription *p;
	const char *why;
	struct user *u = NULL;
	bool known = false;

	if (!ppr->user_data.len)
		return RESULT_SUCCESS;
	if (subscription_parse(ppr->user_data, &p, &why)) {
		log_event(LOG_WARN, "scscf.push", "impi=%s profile not read: %s", ppr->private_identity ? ppr->private_identity : "", why);
		return ppr->user_data.len > USER_DATA_MAX ? RESULT_ERROR_TOO_MUCH_DATA : RESULT_ERROR_NOT_SUPPORTED_USER_DATA;
	}
	for (size_t i = 0; i < p->identity_count; i++)
		known = known || user_find(s->users, p->identities[i].uri);
	subscription_free(p);
	if (!known) /* [TS 29.228 6.2.1.1] */
		return RESULT_ERROR_USER_UNKNOWN;
	if (user_put(s->users, ppr->user_data, ppr->origin_host, &u, &why))
		return RESULT_UNABLE_TO_COMPLY;
	user_changed(u);
	log_event(LOG_INFO, "scscf.push", "impu=%s profile replaced", u->key);
	return RESULT_SUCCESS;
}

void push_on_ppr(void *scscf, struct cx_call *call, const struct cx_ppr *ppr)
{
	struct cx_ppa ppa = { .result = RESULT_ERROR_FEATURE_UNSUPPORTED };

	if (ppr->feature_count)
		ppa.feature_count = cx_features_put(ppa.features, SCSCF_FEATURES);
	if (!cx_features_lack(ppr->features, ppr->feature_count, SCSCF_FEATURES))
		ppa.result = replace_profile(scscf, ppr);
	cx_answer_ppa(call, &ppa);
}
