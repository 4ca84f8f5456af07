// SPDX-License-Identifier: Apache-2.0
/* HTTP Digest in SIP [RFC 2617, RFC 7616, RFC 8760], AKAv1 [RFC 3310] and AKAv2 [RFC 4169, TS 33.203 annex]. Pure. */
#pragma once
#include "common/base.h"

enum digest_algorithm { DIGEST_MD5, DIGEST_SHA256, DIGEST_AKAV1_MD5, DIGEST_AKAV2_MD5, DIGEST_AKAV2_SHA256 };
#define DIGEST_HEX_MAX 65 /* SHA-256 in hex, with the NUL */

const char *digest_algorithm_name(enum digest_algorithm a);          /* "MD5", "SHA-256", "AKAv1-MD5" ... */
int digest_algorithm_parse(const char *name);                        /* the enum, or -EINVAL; NULL or "" is MD5 */

/* What a UE sent in Authorization, unquoted. Missing fields are NULL. */
struct digest_credentials {
	const char *username, *realm, *nonce, *uri, *response, *algorithm, *cnonce, *nc, *qop, *opaque, *auts;
};

/* HA1 of a password: H(username:realm:password). hex[DIGEST_HEX_MAX]. 0 or -EIO. */
int digest_ha1(enum digest_algorithm a, const char *username, const char *realm, struct bytes password, char *hex);

/* The response the UE must have given; `ha1` from above (for AKA: digest_ha1 with RES, or its AKAv2 transform, as password).
 * qop NULL, "auth" or "auth-int" (then `body` counts). hex[DIGEST_HEX_MAX]. */
int digest_response(enum digest_algorithm a, const char *ha1, const struct digest_credentials *c, const char *method,
		    struct bytes body, char *hex);

/* The password of AKAv2: base64(PRF(RES||IK||CK, "http-digest-akav2-password")) [RFC 4169 3]. out[64]. */
int digest_akav2_password(enum digest_algorithm a, struct bytes res, struct bytes ik, struct bytes ck, char *out);

/* Compares in constant time, without regard to case. */
bool digest_equal(const char *a, const char *b);
