// SPDX-License-Identifier: Apache-2.0
/* What a REGISTER's Authorization means: challenge, check, or let it pass. [TS 24.229 5.4.1.2, RFC 7616, RFC 3310] Pure. */
#pragma once
#include "common/crypto/digest.h"

/* integrity-protected, as the P-CSCF set it [TS 24.229 7.2A.2] */
enum protection {
	PROTECTION_NONE,             /* absent, "no", "tls-pending", "ip-assoc-pending" */
	PROTECTION_AKA,              /* "yes", "tls-connected" */
	PROTECTION_DIGEST,           /* "tls-yes", "ip-assoc-yes" */
	PROTECTION_DONE,             /* "auth-done" */
};
enum protection protection_parse(const char *value); /* NULL, unknown: NONE */

enum scheme { SCHEME_DIGEST, SCHEME_AKA };

/* What the HSS gave for one challenge, and what became of it. */
struct challenge {
	enum scheme scheme;
	char nonce[96];
	char realm[128];
	char ha1_md5[DIGEST_HEX_MAX], ha1_sha256[DIGEST_HEX_MAX]; /* "" without */
	uint8_t res[16], ck[16], ik[16];
	uint32_t res_len;
	uint32_t count;              /* highest nonce-count seen */
	uint32_t failures;           /* wrong answers of this private identity in a row */
	bool used;                   /* answered rightly once */
	uint64_t expires_ms;         /* since 1970 */
};

struct authentication {              /* what is known when a REGISTER arrives */
	enum protection protection;
	bool has_response, has_auts;
	bool registered;             /* its contact is bound, or it asks for no contact and has one */
	bool trust_auth_done;
	const struct challenge *challenge; /* of its nonce, NULL: unknown or too old */
};

enum decision {
	DECISION_CHALLENGE,          /* 401 */
	DECISION_STALE,              /* 401 with stale=true */
	DECISION_RESYNCHRONISE,      /* MAR with AUTS, then 401 */
	DECISION_CHECK,              /* the response decides */
	DECISION_PASS,               /* protected: needs no new challenge */
};
enum decision challenge_decide(const struct authentication *a);

enum verdict {
	VERDICT_RIGHT,
	VERDICT_WRONG,
	VERDICT_REPLAYED,            /* right, but its nonce-count was seen: 401 with stale=true */
};
/* Checks a response; for a right one *ha1 (DIGEST_HEX_MAX) is what rspauth is made of, and *count the nonce-count. */
enum verdict challenge_check(const struct challenge *c, const struct digest_credentials *d, const char *method, struct bytes body,
			     char *ha1, uint32_t *count);
