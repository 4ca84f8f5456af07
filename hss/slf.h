// SPDX-License-Identifier: Apache-2.0
/* The Subscription Locator Function: it tells who asks which HSS has a user. [TS 23.228 5.8.1, TS 29.228 6.4] */
#pragma once
#include "common/diameter/cx.h"
#include "common/diameter/sh.h"
#include "hss/store/store.h"

enum { SLF_NAME_MAX = 256, SLF_HOSTS_MAX = 4, SLF_HSS_MAX = 512 };

/* What the table of routes calls an identity, a wildcard or a domain. Fills `row` but for hss; row->name is in out[SLF_NAME_MAX],
 * row->prefix in prefix[SLF_NAME_MAX]. 0, or -EINVAL: it is none of them. */
int slf_name(const char *text, char *out, char *prefix, struct slf_row *row);
/* One Diameter identity ("hss1.ims.test") or URI ("aaas://hss1.ims.test:5868"). [RFC 6733 4.3.1] */
bool slf_host_valid(const char *host);

/* Which HSS has them, as its row says; either may be NULL. Most particular first: the identities, wildcards, their domains and those
 * above; of each the public identity's before the private one's. 0, -ENOENT: nobody's, -errno. */
int slf_find(struct store *s, struct obstack *pool, const char *public_identity, const char *private_identity, const char **hss);

/* Dx and Dh: every question is answered with the HSS that has the user, or that nobody has. Their `self` is the struct hss. */
struct hss;
struct cx_server slf_cx_server(struct hss *h);
struct sh_server slf_sh_server(struct hss *h);
