// SPDX-License-Identifier: Apache-2.0
/* The parts of a subscriber object: subscriber.c, subscriber_credentials.c, subscriber_identities.c, subscriber_rest.c. */
#pragma once
#include "hss/rest/subscriber.h"

struct subscriber {                  /* one that is being written */
	struct hss *hss;
	struct store *store;
	struct obstack *pool;
	struct problem *problem;
	enum role role;              /* the caller's */
	const char *impi;
	int64_t id, subscription;
};

/* A member's text: 1 and *out, 0 when it is absent or null, -EINVAL with the problem set. `where` is the object's own name. */
int member_text(const struct subscriber *u, const json_t *object, const char *where, const char *key, const char **out);
bool text_is_clean(const json_t *v);
bool is_impi(const char *s);
int member_bool(const struct subscriber *u, const json_t *object, const char *where, const char *key, bool *out);
int member_integer(const struct subscriber *u, const json_t *object, const char *where, const char *key, int64_t least, int64_t most,
		   int64_t *out);
/* Nothing but `keys`, NULL-terminated. 0, or -EINVAL with the problem set. */
int members_known(const struct subscriber *u, const json_t *object, const char *where, const char *const *keys);

const char *identity_kind_name(enum identity_kind kind);
json_t *identity_show(const struct shown_identity *i);
/* "registered", "unregistered" (but served), "not registered". */
const char *identity_state(struct store *s, const struct impu *u);

/* Under the master key, in the pool. data NULL: OpenSSL failed. */
struct bytes seal_into(struct subscriber *u, const char *place, struct bytes plain);
/* 1 and the octets of the hex digits, 0 absent, -EINVAL with the problem set. *len: at most on entry, how many on return. */
int member_octets(const struct subscriber *u, const json_t *object, const char *where, const char *key, uint8_t *out, size_t *len);

/* Each: 0 or -errno with the problem set. */
int put_credentials(struct subscriber *u, const json_t *credentials);
int put_sealed(struct subscriber *u, const json_t *credentials, enum scheme scheme);
int aka_read_algorithm(const struct subscriber *u, const json_t *credentials, enum aka_algorithm *out);
int aka_read_tuak_numbers(const struct subscriber *u, const json_t *credentials, struct aka_row *row);
int aka_read_counters(const struct subscriber *u, const json_t *credentials, struct aka_row *row);
/* Adds the sealed secrets to credentials as GET shows them. 0 or -errno of the store. subscriber_sealed.c */
int credentials_seal_show(struct store *s, struct obstack *pool, const char *impi, json_t *credentials);
int put_aka(struct subscriber *u, const json_t *credentials);
int put_identities(struct subscriber *u, const json_t *identities, const char *default_profile);
/* One public identity of u->subscription, linked to nobody yet. */
int put_identity(struct subscriber *u, const json_t *object, const char *where, int rank, const char *default_profile, int64_t *id);
int put_capabilities(struct subscriber *u, const json_t *capabilities);
int put_networks(struct subscriber *u, const json_t *networks);
int put_charging(struct subscriber *u, const json_t *charging);
int read_charging(const struct subscriber *u, const json_t *charging, const char *where, struct cx_charging *out);
int put_privileged_sender(struct subscriber *u, const json_t *part);
int put_reference_location(struct subscriber *u, const json_t *part);
int put_cloud(struct subscriber *u, const json_t *cloud);
int put_one_cloud(struct subscriber *u, const json_t *object, const char *where);
json_t *charging_show(const struct cx_charging *c);     /* {} for none */
/* With its services. 0 with a new *out, -ENOENT, -errno. */
int cloud_show(struct store *s, struct obstack *pool, int64_t private_identity, const char *provider, json_t **out);
