// SPDX-License-Identifier: Apache-2.0
/* What an SAA carries. [TS 29.228 table 6.1.2.2, 6.6] */
#include "hss/assignment_answer.h"
#include "hss/restoration.h"
#include "hss/user_data.h"
#include <string.h>

static int give_profile(struct run *r, const struct impu *u)
{
	const struct cx_sar *sar = r->question;
	struct cx_saa *saa = &r->answer.saa;

	return user_data(r->store, &r->pool, &(struct user_data_wish){
		.private_identity = saa->private_identity, .set = u->set, .subscription = u->subscription,
		.features = cx_features_of(sar->features, sar->feature_count) }, &saa->user_data);
}

static void add_once(struct cx_strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->item[i], text))
			return;
	if (list->count < CX_LIST_MAX)
		list->item[list->count++] = text;
}

/* Who has registered the identity, who does it now included; for an S-CSCF that restores [TS 29.229 6.3.50]. */
static int give_registered(struct run *r, const struct private_identity *p, const struct impu *u)
{
	const struct cx_sar *sar = r->question;
	struct cx_strings *list = &r->answer.saa.associated_registered;
	struct registration_row rows[CX_LIST_MAX];
	int n;

	if (!(cx_features_of(sar->features, sar->feature_count) & CX_IMS_RESTORATION))
		return 0;
	n = store_registrations(r->store, &r->pool, u->set, rows, ARRAY_LEN(rows));
	for (int i = 0; i < n; i++)
		add_once(list, rows[i].impi);
	if (sar->assignment == CX_ASSIGN_REGISTRATION || sar->assignment == CX_RE_REGISTRATION)
		add_once(list, p->impi);
	return n < 0 ? n : 0;
}

static int give_loose_route(struct run *r, const struct impu *u)
{
	int needed = store_set_needs_loose_route(r->store, u->set);

	r->answer.saa.loose_route = needed > 0;
	return needed < 0 ? needed : 0;
}

int give_user_data(struct run *r, const struct private_identity *p, const struct impu *u)
{
	const struct cx_sar *sar = r->question;
	struct cx_saa *saa = &r->answer.saa;
	int err = sar->user_data_available ? 0 : give_profile(r, u);

	if (!err)
		err = store_charging(r->store, &r->pool, u->subscription, &saa->charging);
	if (!err)
		err = store_privates_of(r->store, &r->pool, u->subscription, &saa->associated_identities);
	if (saa->associated_identities.count == 1)
		saa->associated_identities.count = 0; /* only when there are several */
	if (!err)
		err = give_registered(r, p, u);
	if (!err)
		err = give_loose_route(r, u);
	saa->privileged_sender = p->privileged_sender;
	saa->wildcard = u->wildcard;
	return err;
}

int give_restoration(struct run *r, const struct impu *u)
{
	struct registration_row rows[CX_LIST_MAX];
	struct cx_saa *saa = &r->answer.saa;
	int n = store_registrations(r->store, &r->pool, u->set, rows, ARRAY_LEN(rows));

	for (int i = 0; i < n; i++)
		if (rows[i].restoration &&
		    !restoration_parse(rows[i].restoration, rows[i].impi, &r->pool, &saa->restorations[saa->restoration_count]))
			saa->restoration_count++;
	return n < 0 ? n : 0;
}
