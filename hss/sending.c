// SPDX-License-Identifier: Apache-2.0
/* What a row of pending_push says, now that it is sent; and whether it still is to be said. [TS 29.228 6.1.3.1, 6.2.2.1]
 *
 *   RTR ─▶ registered there again since? ─ yes ─▶ of no use
 *   PPR ─▶ that S-CSCF serves the set? ─── no ──▶ of no use
 */
#include "hss/sending.h"
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

static void on_rta(void *sending, const struct cx_rta *answer, int err)
{
	pusher_on_answer(sending, err ? RESULT_UNABLE_TO_DELIVER : answer->result, err);
}

static int send_rtr(struct sending *p, struct store *s, struct obstack *pool, const struct pending_push *row, struct cx *cx)
{
	struct cx_rtr rtr = { .private_identity = row->private_identity, .destination_host = p->host };
	struct cx_strings *associated = &rtr.associated_identities;
	int err = push_rtr_parse(row->request, pool, &rtr), back;

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
	cx_push_rtr(cx, &rtr, on_rta, p);
	return 1;
}

/* ---- PPR ---- */

static void on_ppa(void *sending, const struct cx_ppa *answer, int err)
{
	pusher_on_answer(sending, err ? RESULT_UNABLE_TO_DELIVER : answer->result, err);
}

static int send_ppr(struct sending *p, struct store *s, struct obstack *pool, const struct pending_push *row, struct cx *cx)
{
	struct push_served now;
	int err = push_look_at_set(s, pool, row->set, &now);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (!now.in_use || !now.host || strcmp(now.host, p->host))
		return 0;
	free(p->impi);
	p->impi = strdup(now.impi);
	cx_push_ppr(cx, &(struct cx_ppr){ .private_identity = now.impi, .user_data = now.user_data, .charging = now.charging,
					  .destination_host = p->host }, on_ppa, p);
	return 1;
}

/* ---- either ---- */

int sending_send(struct sending *p, struct store *s, struct obstack *pool, const struct pending_push *row, struct cx *cx)
{
	return p->is_rtr ? send_rtr(p, s, pool, row, cx) : send_ppr(p, s, pool, row, cx);
}

int sending_after(struct sending *p, struct store *s)
{
	struct obstack pool;
	int err;

	/* the S-CSCF has no room for this profile: another one is to be found [TS 29.228 6.1.3.1] */
	if (p->is_rtr || p->result != RESULT_ERROR_TOO_MUCH_DATA)
		return 0;
	obstack_init(&pool);
	err = terminate_set(s, &pool, p->set, NULL, CX_SERVER_CHANGE, "the profile is too large for the S-CSCF");
	obstack_free(&pool, NULL);
	return err == -ENOENT ? 0 : err;
}

void sending_free(struct sending *p)
{
	free(p->host);
	free(p->impi);
	free(p);
}
