// SPDX-License-Identifier: Apache-2.0
/* An AS wants to be told of changes, or no more. [TS 29.328 6.1.3.1; TS 29.329 6.1.5, 6.1.6]
 *
 *   features ─▶ may the AS watch it? ─▶ the user ─▶ does it apply? ─▶ access keys ─┬─ subscribe: it is there? ─▶ kept, and shown
 *                                                                                  └─ unsubscribe ────────────▶ forgotten */
#include "hss/notify.h"
#include "hss/sh_data.h"
#include "hss/sh_user.h"
#include <string.h>

enum { ITEMS_MAX = 64 };

struct items {                       /* all that the SNR is about */
	struct sh_item item[ITEMS_MAX];
	size_t count;
};

static const struct sh_snr *snr_of(const struct run *r)
{
	return r->question;
}

/* ---- access keys ---- */

static int add(struct run *r, struct items *all, uint32_t reference, const char *server_name, const char *name, uint32_t set)
{
	if (all->count == ITEMS_MAX)
		return refuse(r, RESULT_UNABLE_TO_COMPLY, "more than one question may be about");
	all->item[all->count++] = (struct sh_item){ reference, server_name, name, set };
	return 1;
}

static int add_names(struct run *r, struct items *all, uint32_t reference, const char *server_name, const struct cx_strings *names)
{
	int go = 1;

	for (size_t i = 0; go > 0 && i < names->count; i++)
		go = add(r, all, reference, server_name, names->item[i], 0);
	return go;
}

static int add_repository(struct run *r, struct items *all)
{
	if (!snr_of(r)->service_indications.count)
		return refuse_sh(r, RESULT_MISSING_AVP, SH_AVP_SERVICE_INDICATION, "repository data without Service-Indication");
	return add_names(r, all, SH_REPOSITORY_DATA, "", &snr_of(r)->service_indications);
}

static int add_of_server(struct run *r, struct items *all, uint32_t reference)
{
	const struct sh_snr *q = snr_of(r);

	if (!q->server_name)
		return refuse_sh(r, RESULT_MISSING_AVP, SH_AVP_SERVER_NAME, "filter criteria or DSAI without Server-Name");
	if (reference == SH_DSAI && q->dsai_tags.count)
		return add_names(r, all, reference, q->server_name, &q->dsai_tags);
	return add(r, all, reference, q->server_name, "", 0);
}

static int add_sets(struct run *r, struct items *all)
{
	const struct sh_snr *q = snr_of(r);
	int go = q->identity_sets_count ? 1 : add(r, all, SH_IMS_PUBLIC_IDENTITY, "", "", SH_ALL_IDENTITIES);

	for (size_t i = 0; go > 0 && i < q->identity_sets_count; i++) {
		if (q->identity_sets[i] > SH_ALIAS_IDENTITIES)
			return refuse_sh(r, RESULT_INVALID_AVP_VALUE, SH_AVP_IDENTITY_SET, "an identity set that nobody knows");
		go = add(r, all, SH_IMS_PUBLIC_IDENTITY, "", "", q->identity_sets[i]);
	}
	return go;
}

static int add_reference(struct run *r, struct items *all, uint32_t reference)
{
	switch (reference) {
	case SH_REPOSITORY_DATA:
		return add_repository(r, all);
	case SH_INITIAL_FILTER_CRITERIA:
	case SH_DSAI:
		return add_of_server(r, all, reference);
	case SH_IMS_PUBLIC_IDENTITY:
		return add_sets(r, all);
	}
	return add(r, all, reference, "", "", 0);
}

static int find_items(struct run *r, struct items *all)
{
	const struct sh_snr *q = snr_of(r);
	int go = 1;

	all->count = 0;
	for (size_t i = 0; go > 0 && i < q->references_count; i++)
		go = add_reference(r, all, q->references[i]);
	return go;
}

/* ---- subscribe ---- */

/* What is watched is there [TS 29.328 6.1.3.1]. */
static int show(struct run *r, const struct impu *u, const struct items *all, struct bytes *out)
{
	const struct sh_snr *q = snr_of(r);
	struct sh_document *d = sh_document_new(r->store, &r->pool, &(struct sh_document_options){ .named_sets = q->identity_sets_count > 1 });
	int added = 0, done;
	size_t i = 0;

	for (; added >= 0 && i < all->count; i++) {
		added = sh_document_add(d, u, &all->item[i]);
		if (!added && (all->item[i].reference == SH_REPOSITORY_DATA || all->item[i].reference == SH_DSAI))
			break;
	}
	done = sh_document_end(d, out);
	if (added < 0 || done)
		return added < 0 ? added : done;
	if (q->send_data && out->len > SH_DATA_MAX)
		return refuse(r, RESULT_ERROR_TOO_MUCH_DATA, "more than a message carries");
	if (i == all->count)
		return 1;
	if (all->item[i].reference == SH_DSAI)
		return refuse_sh(r, RESULT_ERROR_DSAI_NOT_AVAILABLE, SH_AVP_DSAI_TAG, "no such DSAI tag");
	return refuse_sh(r, RESULT_ERROR_SUBS_DATA_ABSENT, SH_AVP_SERVICE_INDICATION, "no such repository data");
}

static struct watch watch_of(const struct run *r, const struct impu *u, const struct sh_item *item)
{
	const struct sh_snr *q = snr_of(r);

	return (struct watch){
		.impu = u->id, .uri = u->uri, .host = r->origin_host, .realm = sh_call_origin_realm(r->sh_call), .reference = item->reference,
		.server_name = item->server_name, .name = item->name, .identity_set = item->identity_set, .msisdn = q->user.msisdn,
		.expiry = q->expiry, .one_time = q->one_time,
		.together = sh_feature_asked(q->features, q->feature_count, SH_NOTIF_EFF) };
}

static int subscribe(struct run *r, const struct impu *u, const struct items *all)
{
	struct sh_sna *sna = &r->answer.sna;
	struct bytes xml = { NULL, 0 };
	int err = 0, go;

	if (snr_of(r)->expiry && snr_of(r)->expiry <= (int64_t)(clock_wall_ns() / 1000000000u))
		return refuse_sh(r, RESULT_INVALID_AVP_VALUE, SH_AVP_EXPIRY_TIME, "the time is over already");
	go = show(r, u, all, &xml);
	if (go <= 0)
		return go;
	for (size_t i = 0; !err && i < all->count; i++) {
		struct watch w = watch_of(r, u, &all->item[i]);

		err = notify_show(r->store, &r->pool, &w);
		if (!err)
			err = store_watch_put(r->store, &w);
	}
	if (!err)
		err = store_watches_sweep(r->store);
	sna->expiry = snr_of(r)->expiry;
	if (snr_of(r)->send_data)
		sna->user_data = xml;
	sna->result = RESULT_SUCCESS;
	return err;
}

static int unsubscribe(struct run *r, const struct impu *u, const struct items *all)
{
	int err = 0;

	for (size_t i = 0; !err && i < all->count; i++) {
		const struct watch w = watch_of(r, u, &all->item[i]);

		err = store_watch_end(r->store, &w);
	}
	r->answer.sna.result = RESULT_SUCCESS;
	return err;
}

/* ---- the steps ---- */

static int steps(struct run *r)
{
	const struct sh_snr *q = snr_of(r);
	const struct sh_asked asked = { &q->user, q->private_identity, q->references, q->references_count, &q->service_indications,
					SH_MAY_SUBSCRIBE };
	struct items *all = obstack_alloc(&r->pool, sizeof *all);
	struct impu u;
	int go = sh_features(r, q->features, q->feature_count, r->answer.sna.features, &r->answer.sna.feature_count);

	if (go > 0)
		go = sh_check(r, &asked, &u);
	if (go > 0)
		sh_wildcards(&u, &r->answer.sna.wildcarded_psi, &r->answer.sna.wildcarded_impu);
	if (go > 0)
		go = find_items(r, all);
	if (go <= 0)
		return go;
	return q->subscription == SH_SUBSCRIBE ? subscribe(r, &u, all) : unsubscribe(r, &u, all);
}

static void answer(struct run *r)
{
	sh_answer_sna(r->sh_call, &r->answer.sna);
}

static enum diameter_result *result(struct run *r)
{
	return &r->answer.sna.result;
}

const struct procedure subscribe_notifications = { .name = "hss.subscribe_notifications", .steps = steps, .answer = answer, .result = result, .tells_what_is_written = true };

void on_snr(void *hss, struct sh_call *call, const struct sh_snr *snr)
{
	procedure_begin_sh(hss, &subscribe_notifications, call, snr, snr->user.public_identity, snr->private_identity);
}
