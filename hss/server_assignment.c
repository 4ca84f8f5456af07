// SPDX-License-Identifier: Apache-2.0
/* An S-CSCF takes a user, keeps one, or gives one back. [TS 29.228 6.1.2.1; restoration: TS 23.380 4]
 *
 *   identities ─▶ type fits? ─▶ by type ─┬─ registration, re-registration ─▶ name, registered, restoration kept ─▶ User-Data
 *                                        ├─ unregistered user ─────────────▶ name, unregistered ────────────────▶ User-Data
 *                                        ├─ no assignment, restoration ────▶ User-Data, what was kept
 *                                        ├─ de-registration ───────────────▶ not registered or unregistered, name cleared or not
 *                                        └─ authentication failed ─────────▶ name cleared if nothing else needs it
 */
#include "hss/assignment_answer.h"
#include "hss/restoration.h"
#include "hss/termination.h"
#include <string.h>

enum { SETS_MAX = 64 };

static const struct cx_sar *sar_of(const struct run *r)
{
	return r->question;
}

static struct cx_saa *saa_of(struct run *r)
{
	return &r->answer.saa;
}

/* ---- what the types have in common ---- */

static bool is_assigned_to(const struct impu *u, const char *server)
{
	return u->scscf_name && !strcmp(u->scscf_name, server);
}

/* Another S-CSCF serves, and nobody said that it is dead. 1 go on, 0 refused. */
static int check_server(struct run *r, const struct impu *u)
{
	if (!u->scscf_name || is_assigned_to(u, sar_of(r)->server_name) || u->reassignment_pending)
		return 1;
	saa_of(r)->server_name = u->scscf_name;
	return refuse(r, RESULT_ERROR_IDENTITY_ALREADY_REGISTERED, "another S-CSCF serves the subscription");
}

/* For those types that only the serving S-CSCF may use. */
static int check_own(struct run *r, const struct impu *u)
{
	if (is_assigned_to(u, sar_of(r)->server_name))
		return 1;
	/* Nobody assigned: an S-CSCF asks for somebody who is not registered, which is no failure to explain. */
	return refuse(r, RESULT_UNABLE_TO_COMPLY, u->scscf_name ? "the S-CSCF is not the one assigned" : NULL);
}

static int take_server(struct run *r, const struct impu *u)
{
	const struct assignment a = { .name = sar_of(r)->server_name, .host = r->origin_host ? r->origin_host : u->scscf_host,
				      .features = cx_features_of(sar_of(r)->features, sar_of(r)->feature_count) };
	int err = store_assign(r->store, u, &a);

	if (!err && a.host)
		err = terminate_at_former(r->store, &r->pool, u, a.host);
	if (err < 0)
		return err;
	r->pushes = err;
	return 0;
}

/* The name goes with the last thing that needs it. */
static int release_server(struct run *r, const struct impu *u)
{
	int in_use = store_subscription_in_use(r->store, u->subscription);

	return in_use ? (in_use < 0 ? in_use : 0) : store_assign(r->store, u, &(struct assignment){ .name = NULL });
}

/* ---- REGISTRATION, RE_REGISTRATION ---- */

/* A contact more, of which the S-CSCF knows no registration though we do: it lost its memory. 1: so it is. */
static int lost_memory(struct run *r, const struct private_identity *p, const struct impu *u)
{
	struct registration_row row;
	int err;

	if (sar_of(r)->assignment != CX_ASSIGN_REGISTRATION || !sar_of(r)->multiple_registration)
		return 0;
	err = store_registration(r->store, &r->pool, u->set, p->id, &row);
	if (err)
		return err == -ENOENT ? 0 : err;
	return row.restoration != NULL;
}

static int remind(struct run *r, const struct private_identity *p, const struct impu *u)
{
	int err = take_server(r, u);

	if (!err)
		err = give_restoration(r, u);
	if (!err)
		err = give_user_data(r, p, u);
	return err ? err : refuse(r, RESULT_ERROR_IN_ASSIGNMENT_TYPE, "registered already; the S-CSCF gets what it forgot");
}

static int keep_registration(struct run *r, const struct private_identity *p, const struct impu *u)
{
	const char *text = sar_of(r)->has_restoration ? restoration_text(&sar_of(r)->restoration, &r->pool) : NULL;
	int err;

	if (sar_of(r)->has_restoration && !text)
		return refuse_for(r, RESULT_INVALID_AVP_VALUE, CX_AVP_SCSCF_RESTORATION_INFO, "restoration information that is no UTF-8");
	saa_of(r)->result = RESULT_SUCCESS;
	err = take_server(r, u);
	if (!err)
		err = store_set_unregistered(r->store, u, false);
	return err ? err : store_register(r->store, u->set, p->id, text);
}

static int on_registration(struct run *r, const struct private_identity *p, const struct impu *u)
{
	int err, go = check_server(r, u);

	if (go > 0)
		go = lost_memory(r, p, u);
	else
		return go;
	if (go)
		return go < 0 ? go : remind(r, p, u);
	err = keep_registration(r, p, u);
	return err || saa_of(r)->result != RESULT_SUCCESS ? err : give_user_data(r, p, u);
}

/* ---- UNREGISTERED_USER ---- */

static int on_unregistered(struct run *r, const struct private_identity *p, const struct impu *u)
{
	int registered, err = 0, go = check_server(r, u);

	if (go <= 0)
		return go;
	registered = store_registered(r->store, u->set);
	if (registered < 0)
		return registered;
	if (registered) /* the S-CSCF thinks the user is not, so it lost its memory */
		return remind(r, p, u);
	err = take_server(r, u);
	if (!err)
		err = store_set_unregistered(r->store, u, true);
	if (!err)
		err = give_user_data(r, p, u);
	saa_of(r)->result = RESULT_SUCCESS;
	return err;
}

/* ---- NO_ASSIGNMENT, RESTORATION ---- */

static int on_no_assignment(struct run *r, const struct private_identity *p, const struct impu *u)
{
	bool restores = sar_of(r)->assignment == CX_RESTORATION;
	int err = 0, go = restores ? check_server(r, u) : u->reassignment_pending ? 1 : check_own(r, u);

	if (go <= 0)
		return go;
	if (restores) /* the successor takes over [TS 23.380 4.4] */
		err = take_server(r, u);
	if (!err)
		err = give_restoration(r, u);
	if (!err)
		err = give_user_data(r, p, u);
	saa_of(r)->result = RESULT_SUCCESS;
	return err;
}

/* ---- de-registrations ---- */

static bool keeps_name(const struct run *r)
{
	return sar_of(r)->assignment == CX_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME ||
	       sar_of(r)->assignment == CX_USER_DEREGISTRATION_STORE_SERVER_NAME;
}

/* One set of the private identity, or of whoever registered it. */
static int deregister_set(struct run *r, int64_t private_identity, const struct impu *u)
{
	bool all = !sar_of(r)->private_identity; /* the S-CSCF names only the public ones */
	int err = store_deregister(r->store, u->set, all ? EVERYBODY : private_identity);
	int registered = err ? err : store_registered(r->store, u->set), keep;

	if (registered) /* with another private identity, still */
		return registered < 0 ? registered : 0;
	keep = keeps_name(r) ? store_set_has_unregistered_services(r->store, u->set) : 0; /* our decision: worth it with services only */
	if (keep < 0)
		return keep;
	if (keeps_name(r) && !keep)
		saa_of(r)->result = RESULT_SUCCESS_SERVER_NAME_NOT_STORED;
	err = store_set_unregistered(r->store, u, keep);
	return err || keep ? err : release_server(r, u);
}

/* All of them are looked at before the first changes. 1, 0 refused, -errno. */
static int find_named(struct run *r, struct impu *u)
{
	const struct cx_strings *named = &sar_of(r)->public_identities;
	struct private_identity p;
	int go = 1;

	for (size_t i = 0; go > 0 && i < named->count; i++) {
		if (sar_of(r)->private_identity)
			go = find_pair(r, sar_of(r)->private_identity, named->item[i], &p, &u[i]);
		else
			go = find_impu(r, named->item[i], &u[i]);
		if (go > 0)
			go = check_own(r, &u[i]);
	}
	return go;
}

static int deregister_named(struct run *r, const struct private_identity *p)
{
	size_t n = sar_of(r)->public_identities.count;
	struct impu u[CX_LIST_MAX];
	int err = 0, go = find_named(r, u);

	if (go <= 0)
		return go;
	for (size_t i = 0; !err && i < n; i++)
		if (!i || u[i].set != u[i - 1].set)
			err = deregister_set(r, p->id, &u[i]);
	return err;
}

static int deregister_all(struct run *r, const struct private_identity *p)
{
	int64_t sets[SETS_MAX];
	int go = 1, err = 0, n = store_registered_sets(r->store, p->id, sets, SETS_MAX);
	struct impu u[SETS_MAX];

	if (n < 0)
		return n;
	for (int i = 0; go > 0 && i < n; i++) {
		err = store_impu_of_set(r->store, &r->pool, sets[i], &u[i]);
		go = err ? err : check_own(r, &u[i]);
	}
	for (int i = 0; go > 0 && !err && i < n; i++)
		err = deregister_set(r, p->id, &u[i]);
	return go > 0 ? err : go;
}

static int on_deregistration(struct run *r, const struct private_identity *p)
{
	saa_of(r)->result = RESULT_SUCCESS;
	return sar_of(r)->public_identities.count ? deregister_named(r, p) : deregister_all(r, p);
}

/* ---- AUTHENTICATION_FAILURE, AUTHENTICATION_TIMEOUT ---- */

static int on_authentication_failed(struct run *r, const struct impu *u)
{
	int go = check_own(r, u);

	if (go <= 0)
		return go;
	saa_of(r)->result = RESULT_SUCCESS;
	return release_server(r, u); /* who is registered or served stays so */
}

/* ---- the steps ---- */

static bool is_deregistration(enum cx_assignment a)
{
	return (a >= CX_TIMEOUT_DEREGISTRATION && a <= CX_ADMINISTRATIVE_DEREGISTRATION) || a == CX_DEREGISTRATION_TOO_MUCH_DATA;
}

/* Step 3: what a service identity cannot do, and what is not of Cx. */
static int check_type(struct run *r, const struct impu *u)
{
	enum cx_assignment a = sar_of(r)->assignment;
	bool registers = a == CX_ASSIGN_REGISTRATION || a == CX_RE_REGISTRATION || a == CX_AUTHENTICATION_FAILURE ||
			 a == CX_AUTHENTICATION_TIMEOUT || a == CX_USER_DEREGISTRATION || a == CX_USER_DEREGISTRATION_STORE_SERVER_NAME;

	if (a == CX_AAA_USER_DATA_REQUEST || a == CX_PGW_UPDATE)
		return refuse(r, RESULT_ERROR_IN_ASSIGNMENT_TYPE, "an assignment type of another interface");
	if (u && (is_psi(u) || u->wildcard) && registers)
		return refuse(r, RESULT_ERROR_IN_ASSIGNMENT_TYPE, "neither a public service identity nor a wildcarded one registers");
	return 1;
}

/* Steps 1, 2: who it is about. `u` stays empty when a de-registration names no public identity. 1, 0 refused, -errno. */
static int find_user(struct run *r, struct private_identity *p, struct impu *u, bool *has_impu)
{
	const struct cx_sar *sar = sar_of(r);
	int err;

	*has_impu = sar->public_identities.count > 0;
	if (sar->public_identities.count > 1 && !is_deregistration(sar->assignment))
		return refuse_for(r, RESULT_AVP_OCCURS_TOO_MANY_TIMES, CX_AVP_PUBLIC_IDENTITY, "one public identity is expected");
	if (!*has_impu && (!is_deregistration(sar->assignment) || !sar->private_identity))
		return refuse_for(r, RESULT_MISSING_AVP, CX_AVP_PUBLIC_IDENTITY, "no public identity");
	if (*has_impu && sar->private_identity)
		return find_pair(r, sar->private_identity, sar->public_identities.item[0], p, u);
	if (*has_impu) { /* one of those that may use it stands for all */
		int go = find_impu(r, sar->public_identities.item[0], u);

		err = go > 0 ? store_private_of_impu(r->store, &r->pool, u->id, &p->impi) : go;
		if (go <= 0)
			return go;
		if (!err)
			err = store_private(r->store, &r->pool, p->impi, p);
	} else {
		err = store_private(r->store, &r->pool, sar->private_identity, p);
	}
	if (err == -ENOENT)
		return refuse(r, RESULT_ERROR_USER_UNKNOWN, "the private identity is not provisioned");
	r->subscription = p->subscription;
	return err ? err : 1;
}

/* The P-CSCF is dead, and whoever serves the UE's access is to tell it. This HSS speaks with none of those [TS 23.380 5.4]. */
static int check_pcscf_restoration(struct run *r)
{
	enum cx_assignment a = sar_of(r)->assignment;

	if (!sar_of(r)->pcscf_restoration || (a != CX_UNREGISTERED_USER && a != CX_ADMINISTRATIVE_DEREGISTRATION))
		return 1;
	return refuse(r, RESULT_ERROR_SERVING_NODE_FEATURE_UNSUPPORTED, "no node that serves the user's access takes part in P-CSCF restoration");
}

/* [TS 29.228 table 6.1.2.1] these are about a registration of somebody */
static bool needs_private(enum cx_assignment a)
{
	return a == CX_ASSIGN_REGISTRATION || a == CX_RE_REGISTRATION || a == CX_AUTHENTICATION_FAILURE || a == CX_AUTHENTICATION_TIMEOUT;
}

static int by_type(struct run *r, const struct private_identity *p, const struct impu *u)
{
	switch (sar_of(r)->assignment) {
	case CX_ASSIGN_REGISTRATION:
	case CX_RE_REGISTRATION:
		return on_registration(r, p, u);
	case CX_UNREGISTERED_USER:
		return on_unregistered(r, p, u);
	case CX_NO_ASSIGNMENT:
	case CX_RESTORATION:
		return on_no_assignment(r, p, u);
	case CX_TIMEOUT_DEREGISTRATION:
	case CX_USER_DEREGISTRATION:
	case CX_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME:
	case CX_USER_DEREGISTRATION_STORE_SERVER_NAME:
	case CX_ADMINISTRATIVE_DEREGISTRATION:
	case CX_DEREGISTRATION_TOO_MUCH_DATA:
		return on_deregistration(r, p);
	case CX_AUTHENTICATION_FAILURE:
	case CX_AUTHENTICATION_TIMEOUT:
		return on_authentication_failed(r, u);
	case CX_AAA_USER_DATA_REQUEST:
	case CX_PGW_UPDATE:
		break; /* refused before */
	}
	return refuse(r, RESULT_INVALID_AVP_VALUE, "an assignment type that nobody defined");
}

static int steps(struct run *r)
{
	struct private_identity p = { 0 };
	struct impu u = { 0 };
	bool has_impu;
	int go;

	go = check_features(r, sar_of(r)->features, sar_of(r)->feature_count, saa_of(r)->features, &saa_of(r)->feature_count);
	if (go <= 0)
		return go;
	if (needs_private(sar_of(r)->assignment) && !sar_of(r)->private_identity)
		return refuse_for(r, RESULT_MISSING_AVP, CX_AVP_USER_NAME, "no private identity");
	go = find_user(r, &p, &u, &has_impu);
	if (go > 0)
		go = check_type(r, has_impu ? &u : NULL);
	if (go > 0)
		go = check_pcscf_restoration(r);
	if (go <= 0)
		return go;
	saa_of(r)->private_identity = p.impi;
	return by_type(r, &p, &u);
}

static void answer(struct run *r)
{
	cx_answer_saa(r->call, &r->answer.saa);
}

static enum diameter_result *result(struct run *r)
{
	return &r->answer.saa.result;
}

/* An S-CSCF asks for these when a registration begins or ends. */
static bool changes(const struct run *r)
{
	switch (sar_of(r)->assignment) {
	case CX_ASSIGN_REGISTRATION:
	case CX_UNREGISTERED_USER:
	case CX_TIMEOUT_DEREGISTRATION:
	case CX_USER_DEREGISTRATION:
	case CX_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME:
	case CX_USER_DEREGISTRATION_STORE_SERVER_NAME:
	case CX_ADMINISTRATIVE_DEREGISTRATION:
	case CX_DEREGISTRATION_TOO_MUCH_DATA:
		return true;
	case CX_RE_REGISTRATION:
	case CX_NO_ASSIGNMENT:
	case CX_RESTORATION:
	case CX_AUTHENTICATION_FAILURE:
	case CX_AUTHENTICATION_TIMEOUT:
	case CX_AAA_USER_DATA_REQUEST:
	case CX_PGW_UPDATE:
		break;
	}
	return false;
}

const struct procedure server_assignment = { .name = "hss.server_assignment", .steps = steps, .answer = answer, .result = result,
					     .changes = changes, .tells_what_is_written = true };

void on_sar(void *hss, struct cx_call *call, const struct cx_sar *sar)
{
	procedure_begin(hss, &server_assignment, call, sar, sar->public_identities.count ? sar->public_identities.item[0] : NULL,
			sar->private_identity);
}
