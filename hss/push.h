// SPDX-License-Identifier: Apache-2.0
/* What an S-CSCF is told when provisioning changes a user it serves: RTR, PPR. [TS 29.228 6.1.3, 6.2.2] */
#pragma once
#include "common/diameter/cx.h"
#include "hss/store.h"
#include <jansson.h>

struct hss;
struct push;

/* Collected while the change is made, sent once it is on the disk. */
struct push_list {
	struct push *first;
};
void push_drop(struct push_list *l);
json_t *push_list_json(const struct push_list *l);   /* [{"command", "scscf", "impi"}]: what would be sent */
/* Drops what was added after `mark`, which is what push_last() said then. */
struct push *push_last(const struct push_list *l);
void push_drop_after(struct push_list *l, struct push *mark);

/* To the S-CSCF `host`; NULL: nobody is told. 0 or -ENOMEM. */
int push_rtr(struct push_list *l, const char *host, const char *impi, const struct cx_strings *impus, const struct cx_strings *associated);
int push_ppr(struct push_list *l, const char *host, const char *impi, struct bytes user_data, const struct cx_charging *c);

/* The sets of a subscription that an S-CSCF serves, as they are before a change. */
enum { PUSH_SETS_MAX = 16 };
struct push_before {
	size_t count;
	struct push_served {
		int64_t set;
		const char *host, *impi;
		struct bytes user_data;
		struct cx_charging charging;
		struct cx_strings impus, impis;  /* in the set; that registered it */
	} sets[PUSH_SETS_MAX];
};
int push_look(struct store *s, struct obstack *pool, int64_t subscription, struct push_before *b);
/* What became of them: those no longer served are taken off by RTR, those that look different told by PPR. */
int push_compare(struct store *s, struct obstack *pool, int64_t subscription, const struct push_before *b, struct push_list *l);
/* Every served set that has the profile is told by PPR. */
int push_profile(struct store *s, struct obstack *pool, int64_t profile, struct push_list *l);

struct pusher;
struct pusher *pusher_new(struct diameter_node *n, const char *realm);
void pusher_free(struct pusher *p);       /* after the node has stopped */
void pusher_send(struct pusher *p, struct push_list *l);  /* takes what is in the list */
