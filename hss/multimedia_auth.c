// SPDX-License-Identifier: Apache-2.0
/* Authentication data for an S-CSCF. [TS 29.228 6.3, 6.3.1]
 *
 *   identities ─▶ scheme ─┬─ SIP Digest ────────── an item for each algorithm, SHA-256 first ─┐
 *                         └─ Digest-AKAv1-MD5 ─┬─ AUTS: SQN set back in step [TS 33.102 6.3.5]│
 *                                              └─ vectors ──────────────────────────────────┴─▶ S-CSCF name kept ─▶ MAA
 */
#include "common/log.h"
#include "hss/key/credential.h"
#include "hss/identity.h"
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>

#define SCHEME_NAME_DIGEST "SIP Digest"        /* [TS 29.229 6.3.9] */
#define SCHEME_NAME_AKA "Digest-AKAv1-MD5"
#define SCHEME_NAME_UNKNOWN "Unknown"

enum { VECTORS_MAX = 5, RAND_LEN = 16, AUTN_LEN = 16, AUTS_LEN = 14 };

/* Of AMF: a vector with it is for EPS, and its CK and IK never leave the HSS; ours do. [TS 33.102 annex H, TS 33.401 6.1.2] */
enum { SEPARATION_BIT = 0x80 };

/* Step 3: the scheme asked for is the subscriber's, or left to us. 1, or 0 refused. */
static int check_scheme(struct run *r, const char *asked, enum scheme own)
{
	bool any = !asked || !strcasecmp(asked, SCHEME_NAME_UNKNOWN);

	if (own == SCHEME_DIGEST && (any || !strcasecmp(asked, SCHEME_NAME_DIGEST)))
		return 1;
	if (own == SCHEME_AKA && (any || !strcasecmp(asked, SCHEME_NAME_AKA)))
		return 1;
	if (own == SCHEME_NONE)
		return refuse(r, RESULT_ERROR_AUTH_SCHEME_NOT_SUPPORTED, "the subscriber has no credentials");
	return refuse(r, RESULT_ERROR_AUTH_SCHEME_NOT_SUPPORTED, own == SCHEME_AKA ?
		      "the subscriber is provisioned for AKA, the S-CSCF asked for another scheme" :
		      "the subscriber is provisioned for SIP Digest, the S-CSCF asked for another scheme");
}

/* A key that is not here may be in use since what was read: the writer reads anew. Else, and when the secret is somebody else's,
 * it is our fault, and nothing that a retry would mend. */
static int not_opened(struct run *r, int err)
{
	if (err != -EBADMSG && err != -ENOKEY)
		return err;
	if (err == -ENOKEY && !store_writes(r->store))
		return -EROFS;
	log_event(LOG_ERROR, r->procedure->name, "impi=%s the credentials do not open: %s", r->private_identity,
		  err == -ENOKEY ? "their master key is not here" : "they were changed or moved");
	return refuse(r, RESULT_UNABLE_TO_COMPLY, "the credentials do not open under the master key");
}

/* SIP-Item-Number counts from 1 [TS 29.229 6.3.14]. */
static struct cx_auth_item *next_item(struct run *r)
{
	return &r->answer.maa.items[r->answer.maa.item_count++];
}

/* ---- SIP Digest [TS 33.203 annex N] ---- */

static int add_digest(struct run *r, const struct private_identity *p, const struct digest_row *row)
{
	char hex[DIGEST_HEX_MAX];
	int err = credential_open_digest(r->hss->keys, p->impi, row, hex);

	if (err == -ENOKEY && store_writes(r->store) && !keyring_follow(r->hss->keys, r->store))
		err = credential_open_digest(r->hss->keys, p->impi, row, hex);
	if (!err)
		*next_item(r) = (struct cx_auth_item){
			.number = (uint32_t)r->answer.maa.item_count, .scheme = SCHEME_NAME_DIGEST, .realm = row->realm,
			.algorithm = row->algorithm, .qop = "auth", .ha1 = obstack_copy0(&r->pool, hex, (int)strlen(hex)) };
	explicit_bzero(hex, sizeof hex);
	return err;
}

/* Who takes one item finds the stronger algorithm inside it [TS 29.229 6.3.36]. */
static int add_alternate(struct run *r, const struct private_identity *p)
{
	struct cx_auth_item all;
	int err = credential_digest_item(r->hss->keys, r->store, &r->pool, p, &all);

	if (!err) {
		r->answer.maa.items[0].alternate_algorithm = all.alternate_algorithm;
		r->answer.maa.items[0].alternate_ha1 = all.alternate_ha1;
	}
	return err;
}

/* As many items as were asked for [TS 29.229 6.3.8]: the strongest algorithm first; MD5, which every S-CSCF knows, for who takes one
 * [TS 33.203 N.2.1.1]. */
static int give_digests(struct run *r, const struct cx_mar *mar, const struct private_identity *p)
{
	struct digest_row rows[2];
	int n = store_digests(r->store, &r->pool, p->id, rows, ARRAY_LEN(rows)), err = 0;

	for (int i = n > 1 && mar->items_wanted < 2; !err && i < n; i++)
		err = add_digest(r, p, &rows[i]);
	if (!err && n > 1 && mar->items_wanted < 2)
		err = add_alternate(r, p);
	if (err)
		return not_opened(r, err);
	return n ? n : refuse(r, RESULT_ERROR_AUTH_SCHEME_NOT_SUPPORTED, "the subscriber has no password");
}

/* ---- AKA ---- */

static int open_aka(struct run *r, const struct private_identity *p, const struct aka_row *row, struct aka *secrets)
{
	int err = credential_open_aka(r->hss->keys, p->impi, row, secrets);

	if (err == -ENOKEY && store_writes(r->store) && !keyring_follow(r->hss->keys, r->store))
		err = credential_open_aka(r->hss->keys, p->impi, row, secrets);
	return err;
}

/* Step 4: the USIM refused our SQN and tells its own. 1, 0 refused, -errno. */
static int resynchronise(struct run *r, const struct cx_mar *mar, const struct private_identity *p, const struct aka *secrets,
			 struct aka_row *row)
{
	struct bytes given = mar->item.authorization; /* RAND || AUTS */
	uint8_t sqn_ms[6];
	int err;

	if (!given.len)
		return 1;
	if (given.len != RAND_LEN + AUTS_LEN)
		return refuse_for(r, RESULT_INVALID_AVP_VALUE, CX_AVP_SIP_AUTH_DATA_ITEM, "RAND and AUTS have a wrong length");
	if (aka_auts(secrets, given.data, given.data + RAND_LEN, sqn_ms))
		return refuse(r, RESULT_UNABLE_TO_COMPLY, "AUTS does not verify: K, OPc or TOPc differ from the USIM's");
	err = sequences_advance(r->hss->sequences, r->store, p->id, row, seq_of_sqn(sqn_ms));
	r->reserves = p->id;
	if (err == -ERANGE)
		return refuse(r, RESULT_UNABLE_TO_COMPLY, "the USIM's sequence number leaves none above it");
	if (!err)
		err = store_aka(r->store, &r->pool, p->id, row);
	return err ? err : 1;
}

static int add_vector(struct run *r, const struct aka *secrets, const struct aka_row *row, uint64_t seq)
{
	const uint8_t amf[2] = { (uint8_t)(row->amf >> 8 & ~SEPARATION_BIT), (uint8_t)row->amf };
	struct aka_vector *v = obstack_alloc(&r->pool, sizeof *v);
	uint8_t random[RAND_LEN], sqn[6];

	sqn_of_seq(seq, sqn);
	if (RAND_bytes(random, sizeof random) != 1 || aka_vector(secrets, random, sqn, amf, v))
		return -EIO;
	*next_item(r) = (struct cx_auth_item){
		.number = (uint32_t)r->answer.maa.item_count, .scheme = SCHEME_NAME_AKA,
		.authenticate = { v->rand, RAND_LEN + AUTN_LEN }, /* RAND and AUTN lie side by side */
		.authorization = { v->xres, v->xres_len }, .ck = { v->ck, sizeof v->ck }, .ik = { v->ik, sizeof v->ik } };
	return 0;
}
_Static_assert(offsetof(struct aka_vector, autn) == RAND_LEN, "RAND || AUTN is one string");

static int add_vectors(struct run *r, const struct private_identity *p, const struct aka *secrets, const struct aka_row *row,
		       unsigned n)
{
	uint64_t first;
	int err = sequences_take(r->hss->sequences, r->store, p->id, row, n, &first);

	r->reserves = p->id;
	if (err == -ERANGE) /* a wrap around would make the USIM take old ones [TS 33.102 C.2.1] */
		return refuse(r, RESULT_UNABLE_TO_COMPLY, "the sequence numbers of the subscriber are used up");
	for (unsigned i = 0; !err && i < n; i++)
		err = add_vector(r, secrets, row, first + i);
	return err ? err : 1;
}

/* Who does not know the scheme cannot have asked for several vectors. */
static unsigned vectors_wanted(const struct cx_mar *mar)
{
	if (mar->items_wanted < 1 || !mar->item.scheme || !strcasecmp(mar->item.scheme, SCHEME_NAME_UNKNOWN))
		return 1;
	return mar->items_wanted > VECTORS_MAX ? VECTORS_MAX : mar->items_wanted;
}

static int give_vectors(struct run *r, const struct cx_mar *mar, const struct private_identity *p)
{
	unsigned n = vectors_wanted(mar);
	struct aka secrets;
	struct aka_row row;
	int go = store_aka(r->store, &r->pool, p->id, &row);

	if (go == -ENOENT)
		return refuse(r, RESULT_ERROR_AUTH_SCHEME_NOT_SUPPORTED, "the subscriber has no AKA key");
	if (!go)
		go = open_aka(r, p, &row, &secrets);
	if (go)
		return not_opened(r, go);
	go = resynchronise(r, mar, p, &secrets, &row);
	if (go > 0)
		go = add_vectors(r, p, &secrets, &row, n);
	explicit_bzero(&secrets, sizeof secrets);
	return go;
}

/* ---- the steps ---- */

/* Step 4: only the S-CSCF that has the vectors knows a RAND of ours. */
static int check_resynchronising_server(struct run *r, const struct cx_mar *mar, const struct impu *u)
{
	if (!mar->item.authorization.len || !u->scscf_name || !strcmp(u->scscf_name, mar->server_name))
		return 1;
	return refuse(r, RESULT_UNABLE_TO_COMPLY, "a resynchronisation from an S-CSCF that is not assigned");
}

/* Another S-CSCF than the one where something is registered [TS 29.228 8.1.1]: that one is remembered until the other has
 * authenticated and registers. */
static int former_host(struct run *r, const struct impu *u, const char **out)
{
	const char *former = serving_host(u);
	int in_use = former && r->origin_host && strcmp(former, r->origin_host) ? store_subscription_in_use(r->store, u->subscription) : 0;

	*out = in_use > 0 ? former : NULL;
	return in_use < 0 ? in_use : 0;
}

/* Steps 5, 6: whatever the state, the S-CSCF that authenticates is the one to ask from now on. Its name is what says
 * "authentication pending" [TS 29.228 6.1.1.1] as long as nothing is registered. */
static int keep_server(struct run *r, const struct cx_mar *mar, const struct impu *u)
{
	struct assignment a = { .name = mar->server_name, .host = r->origin_host, .features = u->scscf_features };
	int err;

	if (u->scscf_name && !strcmp(u->scscf_name, mar->server_name))
		return 0;
	err = former_host(r, u, &a.former_host);
	return err ? err : store_assign(r->store, u, &a);
}

static int steps(struct run *r)
{
	const struct cx_mar *mar = r->question;
	struct private_identity p;
	struct impu u;
	int err, go = check_features(r, mar->features, mar->feature_count, r->answer.maa.features, &r->answer.maa.feature_count);

	if (go > 0)
		go = find_pair(r, mar->private_identity, mar->public_identity, &p, &u); /* steps 1, 2 */
	if (go > 0)
		go = check_registers(r, &u);
	if (go > 0)
		go = check_scheme(r, mar->item.scheme, p.scheme);
	if (go > 0)
		go = check_resynchronising_server(r, mar, &u);
	if (go <= 0)
		return go;
	err = keep_server(r, mar, &u); /* before a sequence number is spent: on a reading connection this may end the run */
	if (err)
		return err;
	go = p.scheme == SCHEME_DIGEST ? give_digests(r, mar, &p) : give_vectors(r, mar, &p);
	if (go <= 0)
		return go;
	r->answer.maa.result = RESULT_SUCCESS;
	r->answer.maa.private_identity = p.impi;
	r->answer.maa.public_identity = u.uri;
	return 0;
}

static void answer(struct run *r)
{
	r->answer.maa.items_given = (uint32_t)r->answer.maa.item_count;
	cx_answer_maa(r->call, &r->answer.maa);
}

static enum diameter_result *result(struct run *r)
{
	return &r->answer.maa.result;
}

const struct procedure multimedia_auth = { .name = "hss.multimedia_auth", .steps = steps, .answer = answer, .result = result, .tells_what_is_written = true };

void on_mar(void *hss, struct cx_call *call, const struct cx_mar *mar)
{
	procedure_begin(hss, &multimedia_auth, call, mar, mar->public_identity, mar->private_identity);
}
