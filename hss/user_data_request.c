// SPDX-License-Identifier: Apache-2.0
/* An AS reads data of a user. [TS 29.328 6.1.1.1; TS 29.329 6.1.1, 6.1.2]
 *
 *   features ─▶ may the AS read it? ─▶ the user ─▶ does it apply? ─▶ access keys ─▶ what there is, in one document */
#include "hss/sh_data.h"
#include "hss/sh_user.h"
#include <string.h>

static const struct sh_udr *udr_of(const struct run *r)
{
	return r->question;
}

static bool asks_for(const struct sh_udr *q, uint32_t reference)
{
	for (size_t i = 0; i < q->references_count; i++)
		if (q->references[i] == reference)
			return true;
	return false;
}

/* What goes with the reference in table 7.6.1. */
static int check_keys(struct run *r)
{
	const struct sh_udr *q = udr_of(r);

	if (asks_for(q, SH_REPOSITORY_DATA) && !q->service_indications.count)
		return refuse_sh(r, RESULT_MISSING_AVP, SH_AVP_SERVICE_INDICATION, "repository data without Service-Indication");
	if ((asks_for(q, SH_INITIAL_FILTER_CRITERIA) || asks_for(q, SH_DSAI)) && !q->server_name)
		return refuse_sh(r, RESULT_MISSING_AVP, SH_AVP_SERVER_NAME, "filter criteria or DSAI without Server-Name");
	if ((asks_for(q, SH_USER_STATE) || asks_for(q, SH_LOCATION_INFORMATION)) && !q->has_requested_domain)
		return refuse_sh(r, RESULT_MISSING_AVP, SH_AVP_REQUESTED_DOMAIN, "the state of no domain");
	for (size_t i = 0; i < q->references_count; i++) /* no MAP, no S6a: the nodes that know are not asked */
		if (sh_reference_find(q->references[i])->elsewhere)
			return refuse_sh(r, RESULT_USER_DATA_NOT_AVAILABLE, SH_AVP_DATA_REFERENCE, "an MSC, SGSN or MME would know");
	return 1;
}

/* ---- the document ---- */

static int add_named(struct sh_document *d, const struct impu *u, struct sh_item item, const struct cx_strings *names)
{
	int added = 0, all = 0;

	for (size_t i = 0; added >= 0 && i < names->count; i++) {
		item.name = names->item[i];
		added = sh_document_add(d, u, &item);
		all += added > 0;
	}
	return added < 0 ? added : all;
}

static int add_sets(struct sh_document *d, const struct impu *u, struct sh_item item, const struct sh_udr *q)
{
	int added = 0;

	if (!q->identity_sets_count)
		return sh_document_add(d, u, &item); /* all */
	for (size_t i = 0; added >= 0 && i < q->identity_sets_count; i++) {
		item.identity_set = q->identity_sets[i];
		added = sh_document_add(d, u, &item);
	}
	return added;
}

/* [TS 29.328 6.1.1.1] a tag that was asked for by name is there */
static int add_dsai(struct run *r, struct sh_document *d, const struct impu *u, const struct sh_item *item)
{
	const struct cx_strings *tags = &udr_of(r)->dsai_tags;
	int added = tags->count ? add_named(d, u, *item, tags) : sh_document_add(d, u, item);

	if (added >= 0 && (size_t)added < tags->count)
		return refuse_sh(r, RESULT_ERROR_DSAI_NOT_AVAILABLE, SH_AVP_DSAI_TAG, "no such DSAI tag");
	return added < 0 ? added : 1;
}

static int add_reference(struct run *r, struct sh_document *d, const struct impu *u, uint32_t reference)
{
	const struct sh_udr *q = udr_of(r);
	const struct sh_item item = { .reference = reference, .server_name = q->server_name, .name = "",
				      .identity_set = reference == SH_USER_STATE ? q->requested_domain : SH_ALL_IDENTITIES };
	int added;

	if (reference == SH_DSAI)
		return add_dsai(r, d, u, &item);
	if (reference == SH_REPOSITORY_DATA)
		added = add_named(d, u, item, &q->service_indications);
	else if (reference == SH_IMS_PUBLIC_IDENTITY)
		added = add_sets(d, u, item, q);
	else
		added = sh_document_add(d, u, &item);
	return added < 0 ? added : 1;
}

static bool seen_before(const struct sh_udr *q, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (q->references[k] == q->references[i])
			return true;
	return false;
}

/* [TS 29.328 table 6.1.1.2] what does not exist is not there: success all the same */
static int give_data(struct run *r, const struct impu *u)
{
	const struct sh_udr *q = udr_of(r);
	struct sh_document *d = sh_document_new(r->store, &r->pool, &(struct sh_document_options){ .named_sets = q->identity_sets_count > 1 });
	struct bytes xml;
	int go = 1, err;

	for (size_t i = 0; go > 0 && i < q->references_count; i++)
		if (!seen_before(q, i))
			go = add_reference(r, d, u, q->references[i]);
	err = sh_document_end(d, &xml);
	if (go <= 0 || err)
		return go < 0 ? go : err;
	if (xml.len > SH_DATA_MAX)
		return refuse(r, RESULT_ERROR_TOO_MUCH_DATA, "more than a message carries");
	r->answer.uda.user_data = xml;
	r->answer.uda.result = RESULT_SUCCESS;
	return 0;
}

/* ---- the steps ---- */

static bool sets_are_known(const struct sh_udr *q)
{
	for (size_t i = 0; i < q->identity_sets_count; i++)
		if (q->identity_sets[i] > SH_ALIAS_IDENTITIES)
			return false;
	return true;
}

static int steps(struct run *r)
{
	const struct sh_udr *q = udr_of(r);
	const struct sh_asked asked = { &q->user, q->private_identity, q->references, q->references_count, &q->service_indications, SH_MAY_PULL };
	struct impu u;
	int go = sh_features(r, q->features, q->feature_count, r->answer.uda.features, &r->answer.uda.feature_count);

	if (go > 0 && !sets_are_known(q))
		return refuse_sh(r, RESULT_INVALID_AVP_VALUE, SH_AVP_IDENTITY_SET, "an identity set that nobody knows");
	if (go > 0)
		go = sh_check(r, &asked, &u);
	if (go > 0)
		sh_wildcards(&u, &r->answer.uda.wildcarded_psi, &r->answer.uda.wildcarded_impu);
	if (go > 0)
		go = check_keys(r);
	return go > 0 ? give_data(r, &u) : go;
}

static void answer(struct run *r)
{
	sh_answer_uda(r->sh_call, &r->answer.uda);
}

static enum diameter_result *result(struct run *r)
{
	return &r->answer.uda.result;
}

const struct procedure user_data_request = { .name = "hss.user_data_request", .steps = steps, .answer = answer, .result = result };

void on_udr(void *hss, struct sh_call *call, const struct sh_udr *udr)
{
	procedure_begin_sh(hss, &user_data_request, call, udr, udr->user.public_identity, udr->private_identity);
}
