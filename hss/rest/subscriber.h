// SPDX-License-Identifier: Apache-2.0
/* The subscriber object of the REST door:
 *
 *   {"impi", "subscription", "credentials": {"scheme": "digest", "password" | "ha1": {"MD5", "SHA-256"}, "realm"}
 *                                        or {"scheme": "aka", "k", "opc" | "op", "amf", "sqn"}
 *                                        or {"scheme": "aka", "algorithm": "tuak", "k", "topc" | "top", "iterations", "res_bits",
 *                                            "amf", "sqn"},                                        (write-only)
 *    "identities": [{"impu", "barred", "set", "profile", "display_name", "kind", "wildcard", "as"}], "profile",
 *    "capabilities": [1, 2] or {"mandatory", "optional", "servers"}, "visited_networks": [], "charging": {},
 *    "cloud": [{"provider", "user", "project", "domain", "role", "registration_guard", "second_factor", "services": {"compute": 3}}]}
 *
 * "profile" is the name of one, or the text of a ServiceProfile [TS 29.228 annex E] that becomes one named like the subscriber. */
#pragma once
#include "hss/rest/access.h"
#include "hss/hss.h"
#include "hss/rest/problem.h"
#include "hss/push.h"
#include <jansson.h>

/* What a change is made with, on the writer's thread. */
struct subscriber_writing {
	struct hss *hss;
	struct store *store;
	struct obstack *pool;
	struct problem *problem;
	enum role role;              /* the caller's */
};

/* It becomes the object, or is made; credentials, which nobody can read back, stay when they are left out, and go by null.
 * `impi` NULL: the object's. 0, or -errno with the problem set. *created: it was not there. */
int subscriber_put(const struct subscriber_writing *w, const char *impi, const json_t *object, bool *created);
/* After a change of what belongs to a subscription, which looked like `before` to its S-CSCF: what nobody holds any more goes, the
 * S-CSCF is told, and the revision is another. 0 or -errno. */
int subscriber_settle(const struct subscriber_writing *w, int64_t subscription, const struct push_before *before);
int subscriber_remove(const struct subscriber_writing *w, const char *impi);

/* As GET shows it; no secret. 0 and a new *out, or -errno. subscriber_show.c */
int subscriber_show(struct store *s, struct obstack *pool, const char *impi, json_t **out);
/* The credentials in it. NULL: the store's error, or no memory. */
json_t *subscriber_show_credentials(struct store *s, struct obstack *pool, const struct private_identity *p);
