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

void push_on_rtr(void *scscf, struct cx_call *call, const struct cx_rtr *rtr)
{
	struct scscf *s = scscf;
	struct user *u = users_first(s->users), *after;
	size_t n = 0;

	for (; u; u = after) {
		after = u->next;
		if (!concerns(u, rtr))
			continue;
		take_off(u, rtr);
		n++;
	}
	log_event(LOG_INFO, "scscf.push", "impi=%s reason=%d sets=%zu deregistered by the HSS",
		  rtr->private_identity ? rtr->private_identity : "", (int)rtr->reason, n);
	cx_answer_rta(call, &(struct cx_rta){ .result = RESULT_SUCCESS });
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
		return RESULT_ERROR_NOT_SUPPORTED_USER_DATA;
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
	cx_answer_ppa(call, &(struct cx_ppa){ .result = replace_profile(scscf, ppr) });
}
