// SPDX-License-Identifier: Apache-2.0
/* Implicit registration sets by public identity: profile and contacts, kept on disk, with a timer for the next contact that
 * runs out. SIP thread only, but for users_load before it starts. [TS 24.229 5.4.1] */
#pragma once
#include "common/ims/profile.h"
#include "scscf/binding.h"
#include "scscf/scscf.h"

struct user {
	struct users *owner;
	char *key;                   /* first identity of the set: its name in local state */
	struct subscription *profile;
	uint8_t *xml;                /* the profile as the HSS sent it */
	size_t xml_len;
	char *hss;                   /* Diameter identity to ask next time; NULL: any */
	struct bindings bindings;
	size_t counted;              /* of them in the gauge */
	struct sip_timer *timer;
	struct user_entry *entries;  /* one per identity of the set */
	size_t entry_count;
	struct user *next, *prev;
	bool has_wildcards;          /* among its identities */
	struct user *next_wild, *prev_wild;
};

struct users *users_new(struct scscf *s);
struct scscf *users_scscf(const struct users *t);
void users_free(struct users *t);
/* Reads local state; before the SIP thread runs. 0 or -errno. */
int users_load(struct users *t);
/* Timers of what was read; on the SIP thread. */
void users_start_timers(struct users *t);

struct user *user_find(const struct users *t, const char *impu); /* canonical; NULL: not registered here */
/* The same, or whose wildcarded identity it matches [TS 23.003 13.4A, 13.5]. */
struct user *user_serving(const struct users *t, const char *impu);
/* The set of this profile, new or with its profile replaced, contacts kept. `xml` is copied. 0 or -EBADMSG with *why, -ENOMEM. */
int user_put(struct users *t, struct bytes xml, const char *hss, struct user **out, const char **why);
/* Contacts or profile changed: written to local state, timer set anew, gauge told. */
void user_changed(struct user *u);
void user_remove(struct user *u);    /* from memory and local state */
struct user *users_first(const struct users *t); /* then ->next: for imsctl, RTR */

const struct public_identity *user_identity(const struct user *u, const char *impu);
/* The first not barred identity of the scheme ("sip:", "tel:"), the given one if it has it; NULL: none. */
const char *user_identity_of_scheme(const struct user *u, const char *impu, const char *scheme);
