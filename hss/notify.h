// SPDX-License-Identifier: Apache-2.0
/* Application servers are told what changed of what they watch: Sh-Notif. [TS 29.328 6.1.4]
 *
 *   a change ─▶ is what is watched as the AS knows it? no ─▶ a row of pending_notice, in the same transaction ─▶ on the disk
 *        ─▶ PNR ─┬─ acknowledged ───────────────▶ the row goes
 *                ├─ NO_SUBSCRIPTION_TO_DATA ────▶ the row and the subscription go
 *                └─ no answer, busy ────────────▶ again later, in order, for as long as sh.notify_for_s */
#pragma once
#include "hss/procedure.h"

/* ---- in the change's transaction: notify.c ---- */

struct notify_change {
	const char *by;              /* the AS that made it, which is not told; NULL: none */
	int64_t gone_number;         /* of repository data that it removed */
};
/* What is watched of the subscription is told if it is not as the AS knows it. 0 or -errno. */
int notify_changed(struct store *s, struct obstack *pool, int64_t subscription, const struct notify_change *c);
/* The same for all that the operator changed (store_changed_note). */
int notify_operator(struct store *s, struct obstack *pool);
/* What the AS knows from now on, who subscribes to it now. */
int notify_show(struct store *s, struct obstack *pool, struct watch *w);

/* A procedure's change on the writer's connection, with what it leads to. */
int notify_around(struct run *r, struct store *s, int (*change)(struct run *r));

/* ---- sending: notifier.c ---- */

struct notifier;
struct notifier *notifier_new(struct hss *h);  /* before the node starts */
int notifier_start(struct notifier *n);        /* after: what an earlier process left is sent, too; 0 or -errno */
void notifier_stop(struct notifier *n);        /* before the writer ends */
void notifier_free(struct notifier *n);        /* after the node has stopped */
void notifier_on_commit(void *notifier);       /* for writer_on_commit */
void notifier_due(void);                       /* by notify.c: the transaction has something to send */
