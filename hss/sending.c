// SPDX-License-Identifier: Apache-2.0
/* What a row of pending_push says, now that it is sent; and whether it still is to be said. [TS 29.228 6.1.3.1, 6.2.2.1]
 *
 *   RTR ─▶ registered there again since? ─ yes ─▶ of no use
 *   PPR ─▶ that S-CSCF serves the set? ─── no ──▶ of no use
 */
#include "hss/sending.h"
#include "hss/key/credential.h"
#include "hss/identity.h"
#include "hss/termination.h"
#include <stdlib.h>
#include <string.h>

/* ---- RTR ---- */

/* Later than the RTR was written this identity came to that S-CSCF again. 1, 0 or -errno. */
static int is_back(struct store *s, struct obstack *pool, const char *host, const char *impi, const char *impu)
{
	struct registration_row row;
	struct private_identity p;
	struct impu u;
	int err = store_private(s, pool, impi, &p);

	if (!err)
		err = store_impu(s, pool, impu, &u);
	if (err)
		return err == -ENOENT ? 0 : err;
	if (!serving_host(&u) || strcmp(serving_host(&u), host))
		return 0;
	if (u.unregistered)
		return 1;
	err = store_registration(s, pool, u.set, p.id, &row);
	return err == -ENOENT ? 0 : err ? err : 1;
}

/* Those that are back stay out of it. */
static int leave_out_returned(struct store *s, struct obstack *pool, const char *host, struct cx_strings *impis, const char *impu)
{
	size_t n = 0;

	for (size_t i = 0; i < impis->count; i++) {
		int back = is_back(s, pool, host, impis->item[i], impu);

		if (back < 0)
			return back;
		if (!back)
			impis->item[n++] = impis->item[i];
	}
	impis->count = n;
	return 0;
}

static void remember_kept(struct sending *p, const struct cx_rta *rta)
{
	for (size_t i = 0; i < rta->emergency_count; i++) {
		p->kept[i][0] = strdup(rta->emergency[i].private_identity);
		p->kept[i][1] = strdup(rta->emergency[i].public_identity);
		p->kept_count++;
	}
}

static void on_rta(void *sending, const struct cx_rta *answer, int err)
{
	if (!err)
		remember_kept(sending, answer);
	pusher_on_answer(sending, err ? RESULT_UNABLE_TO_DELIVER : answer->result, err);
}

static int send_rtr(struct sending *p, struct store *s, struct obstack *pool, const struct pending_push *row, struct cx *cx)
{
	struct cx_rtr rtr = { .private_identity = row->private_identity, .destination_host = p->host };
	struct cx_strings *associated = &rtr.associated_identities;
	const char *server = NULL;
	int err = push_rtr_parse(row->request, pool, &rtr, &server), back;

	if (err || !rtr.public_identities.count)
		return err == -EBADMSG ? 0 : err;
	back = is_back(s, pool, p->host, row->private_identity, rtr.public_identities.item[0]);
	if (back >= 0)
		err = leave_out_returned(s, pool, p->host, associated, rtr.public_identities.item[0]);
	if (back < 0 || err)
		return back < 0 ? back : err;
	if (back && !associated->count)
		return 0;
	if (back)
		rtr.private_identity = associated->item[0];
	p->server = server ? strdup(server) : NULL;
	rtr.feature_count = cx_features_put(rtr.features, OWN_FEATURES);
	cx_push_rtr(cx, &rtr, on_rta, p);
	return 1;
}

/* ---- PPR ---- */

static void on_ppa(void *sending, const struct cx_ppa *answer, int err)
{
	pusher_on_answer(sending, err ? RESULT_UNABLE_TO_DELIVER : answer->result, err);
}

static int read_digest(struct sending *p, struct store *s, struct obstack *pool, const char *impi, struct cx_ppr *ppr)
{
	struct private_identity i;
	int err = store_private(s, pool, impi, &i);

	if (!err)
		err = credential_digest_item(p->hss->keys, s, pool, &i, &ppr->item);
	ppr->has_item = !err;
	return err;
}

static int send_ppr(struct sending *p, struct store *s, struct obstack *pool, const struct pending_push *row, struct cx *cx)
{
	struct cx_ppr ppr = { .private_identity = NULL };
	struct push_served now;
	int err = push_look_at_set(s, pool, row->set, &now);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (!now.in_use || !now.host || strcmp(now.host, p->host))
		return 0;
	ppr.destination_host = p->host;
	ppr.feature_count = cx_features_put(ppr.features, OWN_FEATURES);
	if (*row->private_identity) {
		ppr.private_identity = row->private_identity;
		err = read_digest(p, s, pool, row->private_identity, &ppr);
		if (err)
			return err == -ENOENT ? 0 : err;
	} else {
		ppr.private_identity = now.impi;
		ppr.user_data = now.user_data;
		ppr.charging = now.charging;
		free(p->impi);
		p->impi = strdup(now.impi);
	}
	cx_push_ppr(cx, &ppr, on_ppa, p);
	return 1;
}

/* ---- either ---- */

int sending_send(struct sending *p, struct store *s, struct obstack *pool, const struct pending_push *row, struct cx *cx)
{
	return p->is_rtr ? send_rtr(p, s, pool, row, cx) : send_ppr(p, s, pool, row, cx);
}

static int keep(struct sending *p, struct store *s, struct obstack *pool)
{
	struct cx_pair pairs[CX_LIST_MAX];

	for (size_t i = 0; i < p->kept_count; i++)
		pairs[i] = (struct cx_pair){ p->kept[i][0], p->kept[i][1] };
	return terminate_not(s, pool, pairs, p->kept_count, p->server, p->host);
}

int sending_after(struct sending *p, struct store *s)
{
	struct obstack pool;
	int err;

	if (p->kept_count) {
		obstack_init(&pool);
		err = keep(p, s, &pool);
		obstack_free(&pool, NULL);
		return err;
	}
	/* the S-CSCF has no room for this profile: another one is to be found [TS 29.228 6.1.3.1] */
	if (p->is_rtr || p->result != RESULT_ERROR_TOO_MUCH_DATA)
		return 0;
	obstack_init(&pool);
	err = terminate_set(s, &pool, p->set, &(struct termination){ .reason = CX_SERVER_CHANGE,
								     .info = "the profile is too large for the S-CSCF" });
	obstack_free(&pool, NULL);
	return err == -ENOENT ? 0 : err;
}

void sending_free(struct sending *p)
{
	for (size_t i = 0; i < p->kept_count; i++) {
		free(p->kept[i][0]);
		free(p->kept[i][1]);
	}
	free(p->server);
	free(p->host);
	free(p->impi);
	free(p);
}
