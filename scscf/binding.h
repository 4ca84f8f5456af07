// SPDX-License-Identifier: Apache-2.0
/* Contacts of a registration set and the rules by which a REGISTER changes them. [RFC 3261 10.3, RFC 5626 6, TS 24.229 5.4.1]
 * Pure: no table, no timer, no message. */
#pragma once
#include "common/base.h"

struct binding {
	struct binding *next;
	char *uri;                   /* where requests go */
	char *key;                   /* the URI for comparison */
	char *contact;               /* header value with its parameters, without expires */
	char *instance;              /* +sip.instance; NULL: none */
	uint32_t reg_id;             /* 0: none */
	unsigned q;                  /* thousandths; 1000 when not given */
	char *path;                  /* Route towards it; NULL: none */
	char *private_identity;
	char *call_id;
	uint32_t cseq;
	uint64_t expires_ms;         /* since 1970 */
	uint64_t registered_ms;
};

struct bindings {
	struct binding *first;
	size_t count;
};

struct contact_wish {                /* one Contact of a REGISTER; borrowed */
	const char *uri, *key, *contact, *instance;
	uint32_t reg_id;
	unsigned q;
	int64_t expires_s;           /* its own parameter; -1: none */
};

struct register_wish {               /* what a REGISTER asks for; borrowed */
	const struct contact_wish *contacts;
	size_t count;
	bool star;
	int64_t expires_s;           /* Expires header; -1: none */
	const char *private_identity, *call_id, *path;
	uint32_t cseq;
	uint64_t now_ms;
};

struct binding_bounds {
	unsigned min_s, default_s, max_s, contacts_max;
};

/* 0, or the status to refuse it with: 400 a wrong `*` or a repeated Contact, 403 too many contacts, 423 too brief, 500 an older CSeq. */
int binding_check(const struct bindings *have, const struct register_wish *w, const struct binding_bounds *b);
/* How many contacts of w's private identity there will be; of others too in *all. */
size_t binding_count_after(const struct bindings *have, const struct register_wish *w, const struct binding_bounds *b, size_t *all);
/* After binding_check said 0. 0 or -ENOMEM with some contacts of the wish applied. */
int binding_apply(struct bindings *have, const struct register_wish *w, const struct binding_bounds *b);
/* Whether the REGISTER adds or refreshes nothing. */
bool binding_only_removes(const struct register_wish *w);
/* The contact of this wish that is there already. */
bool binding_known(const struct bindings *have, const struct register_wish *w);

size_t binding_count_of(const struct bindings *have, const char *private_identity);
/* Takes off those that ran out; how many. The earliest time that another one will is in *next_ms, 0 for none. */
size_t binding_expire(struct bindings *have, uint64_t now_ms, uint64_t *next_ms);
size_t binding_remove_of(struct bindings *have, const char *private_identity); /* NULL: all */
/* A contact from elsewhere: local state, restoration information. Takes it; one with the same key stays. */
void binding_add(struct bindings *have, struct binding *b);
void binding_free(struct binding *b);
void bindings_clear(struct bindings *have);
