// SPDX-License-Identifier: Apache-2.0
/* Registered users: the flow each is reached by, and what the S-CSCF said of them at registration. [TS 24.229 5.2.2, 5.2.6.1]
 * SIP thread only. Every change is in the local state when the call returns, so that a killed P-CSCF knows them again. */
#pragma once
#include "common/base.h"
#include "common/keep.h"
#include "common/sip/agent.h"
#include "pcscf/index.h"

enum { BINDING_IDENTITIES_MAX = 32 };

struct binding_data {                /* strings are borrowed, or those of the binding; no line breaks in them */
	uint64_t id;                 /* in the Path; never 0 */
	uint64_t expires_ms;         /* since 1970 */
	bool outbound;               /* the UE keeps several flows: a dead one is said by 430 [RFC 5626 5.3] */
	const char *flow_name;
	const char *private_identity;
	const char *public_identity; /* of the To header */
	const char *contacts;        /* canonical, separated by blanks */
	const char *service_route;   /* header value; "" for none */
	const char *identities[BINDING_IDENTITIES_MAX]; /* P-Associated-URI, canonical; the first is the default one */
	unsigned identity_count;
};

struct binding {
	struct binding_data data;
	char *record;                /* where the strings lie, and what local state holds */
	struct flow *flow;           /* NULL: not looked for since the start */
	struct index_node *words;    /* by flow, by each identity, and by the public one where that is barred */
	unsigned word_count;
	struct binding *prev, *next; /* all */
};

struct bindings;

/* `keep` NULL: none. NULL: out of memory. */
struct bindings *bindings_new(struct keep *keep);
void bindings_free(struct bindings *t);
int bindings_load(struct bindings *t);                                     /* from keep; 0 or -errno */
size_t bindings_count(const struct bindings *t);
size_t bindings_expire(struct bindings *t, uint64_t now_ms);               /* removes those that ran out; how many */

uint64_t binding_new_id(void);
struct binding *binding_by_id(const struct bindings *t, uint64_t id);      /* NULL: gone or run out */
struct binding *binding_by_contact(const struct bindings *t, const char *impu, const char *contact);
struct binding *binding_first(const struct bindings *t, const char *word); /* under a flow's name, or an identity */
struct binding *binding_next(const struct bindings *t, const char *word, const struct binding *b);
struct binding *bindings_first(const struct bindings *t);                  /* all: then ->next */

/* Adds it, or puts it in place of the one with this id. The flow is shared. 0 and *out; -EINVAL or -ENOMEM and
 * there is none; another error is that of local state: *out is there, but not for after a death. */
int binding_store(struct bindings *t, const struct binding_data *d, struct flow *flow, struct binding **out);
int binding_move(struct bindings *t, struct binding *b, struct flow *flow); /* the UE has another flow now; as binding_store */
void binding_remove(struct bindings *t, struct binding *b);

bool binding_has_identity(const struct binding *b, const char *identity);
bool binding_has_contact(const struct binding *b, const char *contact);
struct flow *binding_flow(struct sip_agent *a, struct binding *b);         /* borrowed; NULL: there is none any more */
