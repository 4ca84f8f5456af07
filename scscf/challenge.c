// SPDX-License-Identifier: Apache-2.0
/* The decisions of authentication. [TS 24.229 5.4.1.2.1-5.4.1.2.3] */
#include "scscf/challenge.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum protection protection_parse(const char *value)
{
	static const struct { const char *word; enum protection is; } words[] = {
		{ "yes", PROTECTION_AKA }, { "tls-connected", PROTECTION_AKA }, { "tls-yes", PROTECTION_DIGEST },
		{ "ip-assoc-yes", PROTECTION_DIGEST }, { "auth-done", PROTECTION_DONE },
	};

	for (size_t i = 0; value && i < ARRAY_LEN(words); i++)
		if (!strcasecmp(value, words[i].word))
			return words[i].is;
	return PROTECTION_NONE;
}

/* A refresh over what the P-CSCF vouches for goes unchallenged [TS 24.229 5.4.1.2.2, 5.4.1.2.2B-E]. */
static bool passes(const struct authentication *a)
{
	switch (a->protection) {
	case PROTECTION_AKA:
	case PROTECTION_DIGEST:
		return a->registered;
	case PROTECTION_DONE:
		return a->trust_auth_done;
	case PROTECTION_NONE:
		return false;
	}
	return false;
}

enum decision challenge_decide(const struct authentication *a)
{
	if (a->has_auts)
		return a->challenge && a->challenge->scheme == SCHEME_AKA ? DECISION_RESYNCHRONISE : DECISION_CHALLENGE;
	/* a RES is good for one answer: the same one over and over is how an ISIM fills its refreshes */
	if (a->has_response && a->challenge && !(a->challenge->scheme == SCHEME_AKA && a->challenge->used))
		return DECISION_CHECK;
	if (passes(a))
		return DECISION_PASS;
	return a->has_response && !a->challenge ? DECISION_STALE : DECISION_CHALLENGE;
}

static const char *ha1_of(const struct challenge *c, enum digest_algorithm algorithm, const struct digest_credentials *d, char *made)
{
	if (c->scheme == SCHEME_DIGEST)
		return algorithm == DIGEST_MD5 ? c->ha1_md5 : algorithm == DIGEST_SHA256 ? c->ha1_sha256 : "";
	if (algorithm != DIGEST_AKAV1_MD5)
		return "";
	if (digest_ha1(DIGEST_AKAV1_MD5, d->username, c->realm, (struct bytes){ c->res, c->res_len }, made))
		return "";
	return made;
}

static bool is_fresh(const struct challenge *c, const struct digest_credentials *d, uint32_t *count)
{
	*count = d->qop && d->nc ? (uint32_t)strtoul(d->nc, NULL, 16) : 1;
	return *count > c->count;
}

enum verdict challenge_check(const struct challenge *c, const struct digest_credentials *d, const char *method, struct bytes body,
			     char *ha1, uint32_t *count)
{
	int algorithm = digest_algorithm_parse(d->algorithm);
	char made[DIGEST_HEX_MAX] = "", expected[DIGEST_HEX_MAX];
	const char *known;

	if (algorithm < 0 || !d->username || !d->realm || !d->uri || !d->response || strcmp(d->realm, c->realm))
		return VERDICT_WRONG;
	if (d->qop && (!d->nc || !d->cnonce))
		return VERDICT_WRONG;
	known = ha1_of(c, (enum digest_algorithm)algorithm, d, made);
	if (!*known || digest_response((enum digest_algorithm)algorithm, known, d, method, body, expected))
		return VERDICT_WRONG;
	if (!digest_equal(expected, d->response))
		return VERDICT_WRONG;
	if (!is_fresh(c, d, count))
		return VERDICT_REPLAYED;
	memcpy(ha1, known, strlen(known) + 1);
	return VERDICT_RIGHT;
}
