// SPDX-License-Identifier: Apache-2.0
/* What an S-CSCF is told when a user that it serves changes: RTR, PPR. [TS 29.228 6.1.3, 6.2.2]
 *
 *   a change ─▶ a row of pending_push in its transaction ─▶ on the disk ─▶ sent ─▶ answered ─▶ the row goes
 *                                                              └─ no answer: again later, at once when the peer is back
 *
 * So it is told whatever dies meanwhile. What a PPR says is read when it is sent; a newer one takes an older one's place. */
#pragma once
#include "common/diameter/cx.h"
#include "hss/store/store.h"
#include <jansson.h>

/* ---- written with the change: push.c, push_served.c ---- */

struct push_rtr {
	const char *host, *server;           /* the S-CSCF's Diameter identity, NULL: nobody is told; and its name */
	const char *impi;
	const struct cx_strings *impus;
	const struct cx_strings *associated; /* the other private identities that go with it; NULL: none */
	enum cx_deregistration_reason reason;
	const char *info;                    /* Reason-Info; NULL: none */
	bool reference_location;             /* RTR-Flags [TS 29.229 6.3.69] */
};
int push_rtr(struct store *s, const struct push_rtr *rtr);
/* The profile of a set and its charging functions; or, with `impi`, its SIP Digest credentials [TS 29.228 6.5.2.4]. */
int push_ppr(struct store *s, const char *host, int64_t set, const char *impi);

/* [{"command", "scscf", "impi"}]: what is to be told, at most `most` of it. */
int push_list_json(struct store *s, struct obstack *pool, size_t most, json_t **out);

/* The sets of a subscription that an S-CSCF serves, as they are before a change. */
enum { PUSH_SETS_MAX = 16 };
struct push_served {
	int64_t set;
	bool in_use;                         /* registered, or served unregistered */
	const char *host, *server, *impi;    /* impi: one that registered it, or may */
	struct bytes user_data;
	struct cx_charging charging;
	struct cx_strings impus, impis;      /* in the set; that registered it */
};
struct push_before {
	struct cx_capabilities capabilities;
	struct reference_location reference;
	size_t count;
	struct push_served sets[PUSH_SETS_MAX];
};
int push_look_at_set(struct store *s, struct obstack *pool, int64_t set, struct push_served *out);
int push_look(struct store *s, struct obstack *pool, int64_t subscription, struct push_before *b);
/* What became of them: those no longer served are taken off by RTR, those that look different told by PPR. */
int push_compare(struct store *s, struct obstack *pool, int64_t subscription, const struct push_before *b);

/* The rest of an RTR in its row and back; strings in the pool. -EBADMSG */
int push_rtr_parse(const char *request, struct obstack *pool, struct cx_rtr *out, const char **server);

/* ---- sent: pusher.c ---- */

struct hss;
struct pusher;
struct pusher *pusher_new(struct hss *h, const char *realm);
int pusher_start(struct pusher *p);       /* once the store is open and the node runs; 0 or -errno */
void pusher_stop(struct pusher *p);       /* sends no more; before the node stops */
void pusher_free(struct pusher *p);       /* after it has */
void pusher_wake(struct pusher *p);       /* a change is on the disk; from any thread; NULL is fine */
