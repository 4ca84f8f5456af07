// SPDX-License-Identifier: Apache-2.0
/* An AS writes data of a user; all of it or nothing. [TS 29.328 6.1.2.1; TS 29.329 6.1.3, 6.1.4]
 *
 *   features ─▶ may the AS write it? ─▶ the user ─▶ does it apply? ─▶ the document ─▶ nobody else writes it
 *        ─▶ sequence numbers fit ─▶ written, told to those who watch (notify.c) */
#include "hss/claim.h"
#include "hss/cloud_data.h"
#include "hss/sh_parse.h"
#include "hss/sh_user.h"
#include <string.h>

static const struct sh_pur *pur_of(const struct run *r)
{
	return r->question;
}

static bool asks_for(const struct run *r, uint32_t reference)
{
	for (size_t i = 0; i < pur_of(r)->references_count; i++)
		if (pur_of(r)->references[i] == reference)
			return true;
	return false;
}

/* ---- the document ---- */

static int not_recognized(struct run *r, const char *why)
{
	return refuse_sh(r, RESULT_ERROR_USER_DATA_NOT_RECOGNIZED, SH_AVP_USER_DATA, why);
}

/* It has what Data-Reference says, and nothing else. */
static int read_document(struct run *r, struct sh_updates *d)
{
	if (sh_parse(pur_of(r)->user_data, &r->pool, d))
		return not_recognized(r, d->why);
	if (asks_for(r, SH_REPOSITORY_DATA) != (d->repository_count > 0) || asks_for(r, SH_PSI_ACTIVATION) != d->has_psi ||
	    asks_for(r, SH_DSAI) != (d->dsai_count > 0))
		return not_recognized(r, "the document is about other data than Data-Reference");
	return 1;
}

/* [TS 29.328 6.2] of repository data the permission depends on what it is */
static int check_repository(struct run *r, const struct sh_updates *d)
{
	const size_t most = (size_t)r->hss->options->sh.repository_kb << 10;
	int go = 1;

	for (size_t i = 0; go > 0 && i < d->repository_count; i++) {
		bool cloud = !strcmp(d->repository[i].indication, SH_CLOUD_INDICATION);

		go = sh_check_permission(r, cloud ? SH_CLOUD_PROFILE : SH_REPOSITORY_DATA, SH_MAY_UPDATE);
		if (go > 0 && d->repository[i].len > most)
			go = refuse(r, RESULT_ERROR_TOO_MUCH_DATA, "more than sh.repository_kb");
	}
	return go;
}

/* [TS 29.328 6.1.2.1] nobody else updates it now */
static int claim_all(struct run *r, const struct impu *u, const struct sh_updates *d)
{
	int err = d->has_psi ? claim_take(r, u->uri, SH_PSI_ACTIVATION, "") : 0;

	for (size_t i = 0; !err && i < d->repository_count; i++)
		err = claim_take(r, u->uri, SH_REPOSITORY_DATA, d->repository[i].indication);
	for (size_t i = 0; !err && i < d->dsai_count; i++)
		err = claim_take(r, u->uri, SH_DSAI, d->dsai[i].tag);
	return err == -EBUSY ? refuse(r, RESULT_PRIOR_UPDATE_IN_PROGRESS, "another update of this data is under way") : err ? err : 1;
}

/* ---- repository data ---- */

/* [TS 29.328 7.6.1] 0 begins; each later one is the one before, modulo 65535, plus 1 */
static bool follows(int64_t number, const struct repository_row *stored)
{
	return stored ? number == stored->number % 65535 + 1 : number == 0;
}

static int out_of_sync(struct run *r, const struct sh_repository *update)
{
	struct sh_pua *pua = &r->answer.pua;

	pua->has_repository_id = true;
	pua->repository_id = (struct sh_repository_id){ update->indication, (uint32_t)update->number };
	return refuse(r, RESULT_ERROR_TRANSPARENT_DATA_OUT_OF_SYNC, "the sequence number does not follow the one stored");
}

static int write_cloud(struct run *r, const struct impu *u, const struct repository_row *row)
{
	struct problem problem = { 0 };
	int err;

	if (!store_writes(r->store))
		return -EROFS;
	err = cloud_data_put(r->store, &r->pool, u, row, &problem);
	if (err == -EINVAL && problem.status && problem.status < 500)
		return not_recognized(r, obstack_copy0(&r->pool, problem.detail, (int)strlen(problem.detail)));
	return err ? err : 1;
}

static int write_repository(struct run *r, const struct impu *u, const struct sh_repository *update)
{
	const struct repository_row row = { update->number, update->data };
	bool cloud = !strcmp(update->indication, SH_CLOUD_INDICATION);
	struct repository_row stored = { 0, NULL };
	int err = cloud ? cloud_data_show(r->store, &r->pool, u, &stored)
			: store_repository(r->store, &r->pool, u->id, update->indication, &stored);

	if (err && err != -ENOENT)
		return err;
	if (!follows(update->number, err ? NULL : &stored) || (err && !update->data))
		return out_of_sync(r, update);
	if (!update->data)
		r->gone_number = update->number;
	if (cloud)
		return write_cloud(r, u, &row);
	err = store_repository_put(r->store, u->id, update->indication, &row);
	return err ? err : 1;
}

/* ---- DSAI ---- */

struct looking {
	const char *tag, *host, *server_name;
	size_t count;
	bool own;
};

/* The host of sip:user@host:port;parameters */
static bool is_of_host(const char *uri, const char *host)
{
	const char *at = strchr(uri, '@'), *from = at ? at + 1 : strchr(uri, ':') ? strchr(uri, ':') + 1 : uri;

	return strcspn(from, ":;?") == strlen(host) && !strncasecmp(from, host, strlen(host));
}

static void look_for_tag(void *context, const char *server_name, const char *tag, bool active)
{
	struct looking *l = context;
	bool own = is_of_host(server_name, l->host);

	(void)active;
	if (strcmp(tag, l->tag) || (l->own && !own))
		return;
	l->own = own;
	l->server_name = server_name;
	l->count++;
}

/* A PUR has no Server-Name: it is the tag of the AS that asks, or the only one of this name. */
static int write_dsai(struct run *r, const struct impu *u, const struct sh_dsai *update)
{
	struct looking l = { .tag = update->tag, .host = r->origin_host };
	int err = store_each_dsai_of(r->store, &r->pool, u->id, look_for_tag, &l);

	if (!err && (!l.count || (l.count > 1 && !l.own)))
		return refuse(r, RESULT_ERROR_DSAI_NOT_AVAILABLE, "no such DSAI tag");
	if (!err)
		err = store_dsai_put(r->store, u->id, l.server_name, update->tag, update->active);
	return err ? err : 1;
}

/* What the S-CSCF is to route by may be another profile then [TS 29.328 7.14, TS 29.228 6.2.2]. */
static int write_dsais(struct run *r, const struct impu *u, const struct sh_updates *d)
{
	struct push_before *before = obstack_alloc(&r->pool, sizeof *before);
	int go = 1, err = d->dsai_count && store_writes(r->store) ? push_look(r->store, &r->pool, u->subscription, before) : 0;

	for (size_t i = 0; !err && go > 0 && i < d->dsai_count; i++)
		go = write_dsai(r, u, &d->dsai[i]);
	if (!err && go > 0 && d->dsai_count)
		err = push_compare(r->store, &r->pool, u->subscription, before);
	r->pushes = d->dsai_count > 0;
	return err ? err : go;
}

/* ---- the steps ---- */

static int write_all(struct run *r, const struct impu *u, const struct sh_updates *d)
{
	int err, go = 1;

	for (size_t i = 0; go > 0 && i < d->repository_count; i++)
		go = write_repository(r, u, &d->repository[i]);
	if (go > 0)
		go = write_dsais(r, u, d);
	if (go > 0 && d->has_psi) {
		err = store_psi_activate(r->store, u->id, d->psi_active);
		go = err ? err : 1;
	}
	if (go > 0)
		r->answer.pua.result = RESULT_SUCCESS;
	return go > 0 ? 0 : go < 0 || !store_writes(r->store) ? go : -ECANCELED;
}

static int steps(struct run *r)
{
	const struct sh_pur *q = pur_of(r);
	const struct sh_asked asked = { &q->user, q->private_identity, q->references, q->references_count, NULL, SH_MAY_UPDATE };
	struct sh_updates *d = obstack_alloc(&r->pool, sizeof *d);
	struct impu u;
	int go = sh_features(r, q->features, q->feature_count, r->answer.pua.features, &r->answer.pua.feature_count);

	if (go > 0)
		go = sh_check(r, &asked, &u);
	if (go > 0)
		sh_wildcards(&u, &r->answer.pua.wildcarded_psi, &r->answer.pua.wildcarded_impu);
	if (go > 0)
		go = read_document(r, d);
	if (go > 0)
		go = check_repository(r, d);
	if (go > 0)
		go = claim_all(r, &u, d);
	return go > 0 ? write_all(r, &u, d) : go;
}

static void answer(struct run *r)
{
	sh_answer_pua(r->sh_call, &r->answer.pua);
}

static enum diameter_result *result(struct run *r)
{
	return &r->answer.pua.result;
}

const struct procedure profile_update = { .name = "hss.profile_update", .steps = steps, .answer = answer, .result = result, .tells_what_is_written = true };

void on_pur(void *hss, struct sh_call *call, const struct sh_pur *pur)
{
	procedure_begin_sh(hss, &profile_update, call, pur, pur->user.public_identity, pur->private_identity);
}
