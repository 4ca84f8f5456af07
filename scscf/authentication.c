// SPDX-License-Identifier: Apache-2.0
/* A REGISTER is challenged, checked, or passes because the P-CSCF vouches for it. [TS 24.229 5.4.1.2.1-5.4.1.2.3]
 *
 *   REGISTER ─▶ decision ─┬─ challenge ─▶ MAR ─▶ vector stored ─▶ 401
 *                         ├─ check ─┬─ right ──────────────────────▶ registration_authenticated
 *                         │         └─ wrong ─▶ MAR ─▶ 401, after attempts_max SAR AUTHENTICATION_FAILURE ─▶ 403
 *                         ├─ AUTS ─▶ MAR with RAND || AUTS ─▶ 401
 *                         └─ protected refresh ────────────────────▶ registration_authenticated
 */
#include "scscf/registration.h"
#include "common/err.h"
#include "common/log.h"
#include "scscf/cdr.h"
#include "scscf/vector.h"
#include <openssl/rand.h>
#include <sofia-sip/base64.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void challenge(struct request *r);
static void check(struct request *r, struct challenge *c);
static void resynchronise(struct request *r, const struct challenge *c);
static void on_vectors(struct request *r, const struct cx_maa *maa, int err);

static struct registration *state(struct request *r)
{
	return request_state(r, sizeof(struct registration));
}

/* ---- step 2: what the Authorization means ---- */

static struct challenge *challenge_of(struct request *r)
{
	const struct registration *g = state(r);
	const char *nonce = g->credentials.nonce;

	return nonce && *nonce ? vector_find(scscf_of(r)->vectors, g->impi, nonce) : NULL;
}

/* A refresh of a contact that is bound here; a query by a user who has one. */
static bool is_registered(struct request *r)
{
	const struct registration *g = state(r);
	const struct user *u = user_find(scscf_of(r)->users, g->impu);

	if (!u)
		return false;
	return g->wish.count ? binding_known(&u->bindings, &g->wish) : binding_count_of(&u->bindings, g->impi) > 0;
}

void authentication_begin(struct request *r)
{
	struct registration *g = state(r);
	struct challenge *c = challenge_of(r);
	struct authentication a = {
		.protection = g->protection, .challenge = c, .registered = is_registered(r),
		.has_response = g->credentials.response && *g->credentials.response,
		.has_auts = g->credentials.auts && *g->credentials.auts,
		.trust_auth_done = scscf_of(r)->options->registration.trust_auth_done,
	};

	switch (challenge_decide(&a)) {
	case DECISION_STALE:
		g->stale = true;
		return challenge(r);
	case DECISION_CHALLENGE:
		return challenge(r);
	case DECISION_RESYNCHRONISE:
		return resynchronise(r, c);
	case DECISION_CHECK:
		return check(r, c);
	case DECISION_PASS:
		return registration_authenticated(r);
	}
}

/* ---- the response decides ---- */

/* The digest-uri is of the home network: the I-CSCF has put our own name into the Request-URI since the UE computed it
 * [TS 24.229 5.3.1.2]. Another one is a bad request [RFC 7616 3.4.6]. */
static bool uri_is_ours(struct request *r)
{
	const struct registration *g = state(r);
	const struct scscf_options *o = scscf_of(r)->options;
	url_t *u = g->credentials.uri ? url_hdup(request_home(r), URL_STRING_MAKE(g->credentials.uri)->us_url) : NULL;

	if (!u || !u->url_host || (u->url_type != url_sip && u->url_type != url_sips))
		return false;
	return !strcasecmp(u->url_host, o->base.domain) || !strcasecmp(u->url_host, o->server_name + 4);
}

/* Authentication-Info of SIP Digest proves that we know the password, too [RFC 7616 3.5, TS 24.229 5.4.1.2.2A]. */
static void add_authentication_info(struct request *r, const char *ha1)
{
	const struct digest_credentials *d = &state(r)->credentials;
	char rspauth[DIGEST_HEX_MAX];
	int algorithm = digest_algorithm_parse(d->algorithm);

	if (!d->qop || algorithm < 0)
		return;
	if (digest_response((enum digest_algorithm)algorithm, ha1, d, "", (struct bytes){ NULL, 0 }, rspauth))
		return;
	header_add_text(request_reply(r), home_format(request_home(r), "Authentication-Info: qop=%s, rspauth=\"%s\", cnonce=\"%s\", nc=%s",
						     d->qop, rspauth, d->cnonce, d->nc));
}

static void accept(struct request *r, struct challenge *c, const char *ha1, uint32_t count)
{
	c->count = count;
	c->failures = 0;
	if (!c->used)
		c->expires_ms = clock_wall_ns() / 1000000 + scscf_of(r)->options->registration.nonce_s * UINT64_C(1000);
	c->used = true;
	vector_changed(scscf_of(r)->vectors, c);
	if (c->scheme == SCHEME_DIGEST)
		add_authentication_info(r, ha1);
	registration_authenticated(r);
}

static void on_failure_told(struct request *r, const struct cx_saa *saa, int err)
{
	const struct registration *g = state(r);

	(void)saa;
	(void)err; /* whatever the HSS says: the user is refused */
	cdr_registration(r, g->impu, g->impi, 403);
	request_answer(r, 403, "wrong password or key for %s, %u times", g->impi, g->failures);
}

/* Too many wrong answers: the HSS frees the assignment it made for this attempt [TS 24.229 5.4.1.2.3]. */
static void refuse(struct request *r)
{
	const struct registration *g = state(r);

	if (user_find(scscf_of(r)->users, g->impu)) /* who is registered stays so: somebody else may be guessing */
		return on_failure_told(r, NULL, 0);
	cx_ask_sar(scscf_of(r)->cx, r,
		   &(struct cx_sar){ .private_identity = g->impi, .public_identities = { { g->impu }, 1 },
				     .server_name = scscf_of(r)->options->server_name, .assignment = CX_AUTHENTICATION_FAILURE,
				     .trace_id = request_trace_id(r) },
		   on_failure_told);
	request_wait(r);
}

static void wrong(struct request *r, struct challenge *c)
{
	struct registration *g = state(r);

	g->failures = c->failures + 1;
	log_event(LOG_WARN, "scscf.authentication", "impu=%s impi=%s trace=%s wrong response, attempt %u", g->impu, g->impi,
		  request_trace_id(r), g->failures);
	vector_drop(scscf_of(r)->vectors, c); /* a nonce is good for one wrong guess */
	if (g->failures >= scscf_of(r)->options->registration.attempts_max)
		return refuse(r);
	challenge(r);
}

static void check(struct request *r, struct challenge *c)
{
	struct registration *g = state(r);
	const sip_t *sip = request_peek(r)->sip;
	const sip_payload_t *body = sip->sip_payload;
	char ha1[DIGEST_HEX_MAX];
	uint32_t count;

	if (!uri_is_ours(r))
		return request_answer(r, 400, "digest uri is not of the home network");
	switch (challenge_check(c, &g->credentials, sip->sip_request->rq_method_name,
				body ? (struct bytes){ (const uint8_t *)body->pl_data, body->pl_len } : (struct bytes){ NULL, 0 }, ha1, &count)) {
	case VERDICT_RIGHT:
		return accept(r, c, ha1, count);
	case VERDICT_REPLAYED:
		g->stale = true;
		return challenge(r);
	case VERDICT_WRONG:
		return wrong(r, c);
	}
}

/* ---- a challenge ---- */

/* [TS 33.102 6.3.5] the HSS checks MAC-S and moves its SQN */
static void resynchronise(struct request *r, const struct challenge *c)
{
	struct registration *g = state(r);
	uint8_t *both = su_zalloc(request_home(r), 64);
	isize_t auts;

	if (!both)
		return request_answer(r, 500, "out of memory");
	if (base64_d((char *)both, 32, c->nonce) != 32)
		return request_answer(r, 400, "nonce is not RAND and AUTN");
	auts = base64_d((char *)both + 16, 48, g->credentials.auts);
	if (auts != 14)
		return request_answer(r, 400, "AUTS is not 14 octets");
	g->resynchronisation = (struct bytes){ both, 30 };
	challenge(r);
}

/* Of SIP Digest an item for each algorithm, of AKA one vector. */
static void challenge(struct request *r)
{
	struct registration *g = state(r);
	bool resync = g->resynchronisation.len > 0;

	cx_ask_mar(scscf_of(r)->cx, r,
		   &(struct cx_mar){ .private_identity = g->impi, .public_identity = g->impu,
				     .server_name = scscf_of(r)->options->server_name, .items_wanted = resync ? 1 : 2,
				     .item = { .scheme = resync ? "Digest-AKAv1-MD5" : "Unknown", .authorization = g->resynchronisation },
				     .trace_id = request_trace_id(r) },
		   on_vectors);
	request_wait(r);
}

static bool fill_digest(struct challenge *c, const struct cx_maa *maa)
{
	uint8_t random[18];

	if (RAND_bytes(random, sizeof random) != 1)
		return false;
	c->scheme = SCHEME_DIGEST;
	base64_e(c->nonce, sizeof c->nonce, random, sizeof random);
	for (size_t i = 0; i < maa->item_count; i++) {
		const struct cx_auth_item *item = &maa->items[i];
		int algorithm = digest_algorithm_parse(item->algorithm);
		char *ha1 = algorithm == DIGEST_MD5 ? c->ha1_md5 : algorithm == DIGEST_SHA256 ? c->ha1_sha256 : NULL;

		if (!ha1 || !item->ha1 || strlen(item->ha1) >= DIGEST_HEX_MAX)
			continue;
		snprintf(ha1, DIGEST_HEX_MAX, "%s", item->ha1);
		if (item->realm)
			snprintf(c->realm, sizeof c->realm, "%s", item->realm);
	}
	return *c->ha1_md5 || *c->ha1_sha256;
}

static bool fill_aka(struct challenge *c, const struct cx_auth_item *item)
{
	if (item->authenticate.len != 32 || item->ck.len != 16 || item->ik.len != 16)
		return false;
	if (!item->authorization.len || item->authorization.len > sizeof c->res)
		return false;
	c->scheme = SCHEME_AKA;
	base64_e(c->nonce, sizeof c->nonce, (void *)(uintptr_t)item->authenticate.data, 32);
	memcpy(c->res, item->authorization.data, item->authorization.len);
	c->res_len = (uint32_t)item->authorization.len;
	memcpy(c->ck, item->ck.data, 16);
	memcpy(c->ik, item->ik.data, 16);
	return true;
}

static bool fill(struct request *r, struct challenge *c, const struct cx_maa *maa)
{
	const struct scscf_options *o = scscf_of(r)->options;

	*c = (struct challenge){ .failures = state(r)->failures,
				 .expires_ms = clock_wall_ns() / 1000000 + o->registration.await_auth_s * UINT64_C(1000) };
	snprintf(c->realm, sizeof c->realm, "%s", o->base.domain);
	if (!maa->item_count)
		return false;
	return maa->items[0].authenticate.len ? fill_aka(c, &maa->items[0]) : fill_digest(c, maa);
}

static void add_digest_challenge(struct request *r, const struct challenge *c, const char *algorithm)
{
	header_add_text(request_reply(r), home_format(request_home(r), "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", algorithm=%s, "
						     "qop=\"auth\"%s", c->realm, c->nonce, algorithm, state(r)->stale ? ", stale=true" : ""));
}

static const char *hex(su_home_t *home, const uint8_t key[16])
{
	char *text = su_zalloc(home, 33);

	for (int i = 0; text && i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", key[i]);
	return text;
}

/* ik and ck are for the P-CSCF, which takes them off [TS 24.229 5.4.1.2.1 step 5, 5.2.2] */
static void add_aka_challenge(struct request *r, const struct challenge *c)
{
	header_add_text(request_reply(r), home_format(request_home(r), "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", "
						     "algorithm=AKAv1-MD5, qop=\"auth\", ik=\"%s\", ck=\"%s\"", c->realm, c->nonce,
						     hex(request_home(r), c->ik), hex(request_home(r), c->ck)));
}

/* step 3: the HSS's vector is stored before the UE can answer it, then the 401 leaves */
static void on_vectors(struct request *r, const struct cx_maa *maa, int err)
{
	const struct registration *g = state(r);
	struct challenge c;
	int status;

	if (err)
		return request_answer(r, err_sip_unanswered(err, true), "HSS not reached: %s", strerror(-err));
	status = err_sip_status(maa->result, true);
	if (status)
		return request_answer(r, status, "HSS gives no vector for %s: %s", g->impi, result_name(maa->result));
	if (!fill(r, &c, maa))
		return request_answer(r, 500, "no usable vector for %s", g->impi);
	err = vector_add(scscf_of(r)->vectors, g->impi, &c);
	if (err)
		return request_answer(r, 500, "challenge not kept: %s", strerror(-err));
	if (c.scheme == SCHEME_AKA) {
		add_aka_challenge(r, &c);
	} else {
		/* the stronger one first [RFC 8760 2.3] */
		if (*c.ha1_sha256)
			add_digest_challenge(r, &c, "SHA-256");
		if (*c.ha1_md5)
			add_digest_challenge(r, &c, "MD5");
	}
	explicit_bzero(&c, sizeof c);
	if (g->failures)
		return request_answer(r, 401, "wrong password or key for %s", g->impi);
	request_answer(r, 401, NULL);
}
