// SPDX-License-Identifier: Apache-2.0
/* Public and private user identities. [TS 23.003 13.3, 13.4; RFC 3261 19.1.4; RFC 3966] Pure. */
#pragma once
#include "common/base.h"
#include "common/sip/header.h"

/* Canonical form for comparison and Cx: scheme and host in lower case, user unescaped where it may be, no port 5060, no
 * parameters, tel numbers without visual separators; sip:+1555;user=phone@… becomes the SIP URI, not tel. NULL when neither
 * sip, sips nor tel. sips: becomes sip:. In `home`. */
const char *identity_canonical(struct su_home_s *home, const char *uri);
int identity_text(const char *uri, char *out, size_t size); /* the same into out; 0, or -EINVAL */
const char *identity_of_url(struct su_home_s *home, const url_t *url);
const char *identity_of_target(struct su_home_s *home, const struct sip_message *m); /* of the Request-URI */
const char *identity_of_to(struct su_home_s *home, const struct sip_message *m);

/* The IMPI: the Authorization's username, or derived from the To header when there is none [TS 24.229 5.3.1.2, TS 23.003 13.3]. */
const char *identity_private(struct su_home_s *home, const struct sip_message *m);

const char *identity_domain(const char *canonical); /* "ims.test" within it; NULL for tel */
