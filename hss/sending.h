// SPDX-License-Identifier: Apache-2.0
/* One row of pending_push on its way to its S-CSCF. Only for pusher.c and sending.c. */
#pragma once
#include "hss/hss.h"

struct sending {
	struct write_job job;                /* first: takes the row away */
	struct sending *next;                /* of those under way */
	struct pusher *pusher;
	struct hss *hss;
	struct target *target;               /* hss/waiting.h */
	int64_t id, revision, set;
	char *host, *impi;
	char *server, *kept[CX_LIST_MAX][2]; /* of an RTR: the S-CSCF's name; pairs it keeps registered for an emergency */
	size_t kept_count;
	bool is_rtr, ended;                  /* ended: not counted any more */
	enum diameter_result result;         /* 0: not sent, for it is of no use any more */
};

/* 1: sent, and pusher_on_answer() follows; 0: of no use any more; -errno of the store. */
int sending_send(struct sending *p, struct store *s, struct obstack *pool, const struct pending_push *row, struct cx *cx);
/* What the answer asks for, in the transaction that takes the row away. 0 or -errno. */
int sending_after(struct sending *p, struct store *s);
void sending_free(struct sending *p);

void pusher_on_answer(struct sending *p, enum diameter_result result, int err);
