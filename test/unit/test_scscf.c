// SPDX-License-Identifier: Apache-2.0
/* The procedures of the S-CSCF against a scripted HSS. [TS 24.229 5.4.1, 5.4.3] */
// with: scscf/authentication.c
// with: scscf/binding.c
// with: scscf/cdr.c
// with: scscf/challenge.c
// with: scscf/deregistration.c
// with: scscf/dialog.c
// with: scscf/in_dialog.c
// with: scscf/originating.c
// with: scscf/other.c
// with: scscf/pack.c
// with: scscf/push.c
// with: scscf/register_wish.c
// with: scscf/registration.c
// with: scscf/restoration.c
// with: scscf/session.c
// with: scscf/state.c
// with: scscf/terminating.c
// with: scscf/user.c
// with: scscf/vector.c
// with: test/unit/fake_engine.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/crypto/digest.h"
#include "scscf/cdr.h"
#include "scscf/deregistration.h"
#include "scscf/dialog.h"
#include "scscf/state.h"
#include "scscf/push.h"
#include "scscf/user.h"
#include "test/unit/fake_engine.h"
#include <sofia-sip/sip_header.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD(_method, _uri, _who) \
	_method " " _uri " SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:" _who "@ims.test>;tag=1\r\n"
#define REGISTER(_cseq, _more) \
	HEAD("REGISTER", "sip:scscf.ims.test", "alice") "To: <sip:alice@ims.test>\r\nCall-ID: c1\r\nCSeq: " _cseq " REGISTER\r\n" \
	"Path: <sip:t@pcscf;lr>\r\nRequire: path\r\n" _more "\r\n"
#define INVITE(_uri, _more) HEAD("INVITE", _uri, "alice") "To: <" _uri ">\r\nCall-ID: i1\r\nCSeq: 1 INVITE\r\n" _more "\r\n"
#define CONTACT "Contact: <sip:alice@10.0.0.1:5070>;expires=600;q=0.5\r\n"

static const char profile[] =
	"<IMSSubscription><PrivateID>alice@ims.test</PrivateID><ServiceProfile><PublicIdentity><BarringIndication>1</BarringIndication>"
	"<Identity>sip:secret@ims.test</Identity></PublicIdentity><PublicIdentity><Identity>sip:alice@ims.test</Identity></PublicIdentity>"
	"<PublicIdentity><Identity>tel:+15550001</Identity></PublicIdentity></ServiceProfile></IMSSubscription>";

static struct scscf_options options = {
	.base = { .domain = "ims.test" }, .sip = { .name = "scscf.ims.test" }, .mw = { .transport = "tcp", .icscf = "icscf.ims.test" },
	.server_name = "sip:scscf.ims.test", .state_mb = 16, .dialog_max_s = 86400,
	.registration = { .min_s = 60, .default_s = 600, .max_s = 3600, .await_auth_s = 240, .nonce_s = 300, .attempts_max = 2, .contacts_max = 4 },
};
static struct scscf scscf;
static char directory[64];

static int open_state(void)
{
	scscf = (struct scscf){ .options = &options, .cdr = -1 };
	return state_open(&scscf);
}

static int setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof directory, "/tmp/minims-scscf-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	free(options.base.state);
	options.base.state = strdup(directory);
	free(options.token_key);
	options.token_key = malloc(128);
	snprintf(options.token_key, 128, "%s/token.key", directory);
	fake_reset(&scscf);
	return open_state();
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	state_close(&scscf);
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command);
}

static struct request *begin(const struct procedure *p, const char *text)
{
	struct request *r = fake_request(text);

	p->on_request(r);
	return r;
}

/* ---- the HSS's side ---- */

static void give_vectors(void)
{
	static char md5[DIGEST_HEX_MAX], sha256[DIGEST_HEX_MAX];
	struct bytes password = { (const uint8_t *)"alice", 5 };

	digest_ha1(DIGEST_MD5, "alice@ims.test", "ims.test", password, md5);
	digest_ha1(DIGEST_SHA256, "alice@ims.test", "ims.test", password, sha256);
	assert_int_equal(fake.asked, ASKED_MAR);
	fake_answer_maa(&(struct cx_maa){ .result = RESULT_SUCCESS, .item_count = 2, .items = {
		{ .scheme = "SIP Digest", .realm = "ims.test", .algorithm = "MD5", .ha1 = md5 },
		{ .scheme = "SIP Digest", .realm = "ims.test", .algorithm = "SHA-256", .ha1 = sha256 } } }, 0);
}

static void assign(void)
{
	assert_int_equal(fake.asked, ASKED_SAR);
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_SUCCESS, .user_data = { (const uint8_t *)profile, sizeof profile - 1 } }, 0);
}

/* ---- the UE's side ---- */

static void challenged_nonce(char nonce[96])
{
	const char *at = strstr(fake.reply, "nonce=\"");

	assert_non_null(at);
	sscanf(at, "nonce=\"%95[^\"]", nonce);
}

static char *authorization(const char *nonce, const char *password, const char *nc, const char *uri, const char *protection)
{
	struct digest_credentials d = { .username = "alice@ims.test", .realm = "ims.test", .nonce = nonce, .uri = uri, .cnonce = "x",
					.nc = nc, .qop = "auth" };
	char ha1[DIGEST_HEX_MAX], response[DIGEST_HEX_MAX];
	static char line[1024];

	digest_ha1(DIGEST_SHA256, d.username, d.realm, (struct bytes){ (const uint8_t *)password, strlen(password) }, ha1);
	digest_response(DIGEST_SHA256, ha1, &d, "REGISTER", (struct bytes){ NULL, 0 }, response);
	snprintf(line, sizeof line, "Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "
		 "algorithm=SHA-256, qop=auth, nc=%s, cnonce=\"x\"%s%s\r\n", d.username, d.realm, nonce, uri, response, nc,
		 protection ? ", integrity-protected=" : "", protection ? protection : "");
	return line;
}

static void register_with(const char *cseq, const char *authorization_line, const char *contact)
{
	char text[4096];

	snprintf(text, sizeof text, HEAD("REGISTER", "sip:scscf.ims.test", "alice") "To: <sip:alice@ims.test>\r\nCall-ID: c1\r\nCSeq: %s REGISTER\r\n"
		 "Path: <sip:t@pcscf;lr>\r\nRequire: path\r\n%s%s\r\n", cseq, contact, authorization_line);
	begin(&scscf_registration, text);
}

static void register_alice(char nonce[96])
{
	register_with("1", "", CONTACT);
	give_vectors();
	assert_int_equal(fake.status, 401);
	challenged_nonce(nonce);
	register_with("2", authorization(nonce, "alice", "00000001", "sip:ims.test", NULL), CONTACT);
	assert_int_equal(fake.sar.assignment, CX_ASSIGN_REGISTRATION);
	assign();
	assert_int_equal(fake.status, 200);
}

/* ---- registration ---- */

static void test_registration_challenges_sha256_first_then_stores_and_answers(void **state)
{
	char nonce[96];

	(void)state;
	register_with("1", "", CONTACT);
	give_vectors();
	assert_true(strstr(fake.reply, "algorithm=SHA-256") < strstr(fake.reply, "algorithm=MD5"));
	challenged_nonce(nonce);
	register_with("2", authorization(nonce, "alice", "00000001", "sip:ims.test", NULL), CONTACT);
	assert_int_equal(fake.sar.assignment, CX_ASSIGN_REGISTRATION);
	assert_true(fake.sar.has_restoration && fake.sar.restoration.count == 1);
	assert_string_equal(fake.sar.restoration.contacts[0].path, "<sip:t@pcscf;lr>");
	assert_null(user_find(scscf.users, "sip:alice@ims.test")); /* not before the HSS has agreed */
	assign();
	assert_int_equal(fake.status, 200);
	assert_non_null(strstr(fake.reply, "P-Associated-URI: <sip:alice@ims.test>, <tel:+15550001>"));
	assert_null(strstr(fake.reply, "secret"));
	assert_non_null(strstr(fake.reply, "Service-Route: <sip:service-route-O@scscf;lr;orig>"));
	assert_non_null(strstr(fake.reply, "Path: <sip:t@pcscf;lr>"));
	assert_non_null(strstr(fake.reply, "Contact: <sip:alice@10.0.0.1:5070>;q=0.5;expires=600"));
	assert_non_null(strstr(fake.reply, "rspauth="));
	assert_int_equal(user_find(scscf.users, "tel:+15550001")->bindings.count, 1);
	assert_int_equal(metric_read(scscf.bindings_gauge), 1);
}

static void test_a_wrong_password_is_challenged_again_then_refused(void **state)
{
	char nonce[96], second[96];

	(void)state;
	register_with("1", "", CONTACT);
	give_vectors();
	challenged_nonce(nonce);
	register_with("2", authorization(nonce, "guess", "00000001", "sip:ims.test", NULL), CONTACT);
	give_vectors();
	assert_int_equal(fake.status, 401);
	challenged_nonce(second);
	assert_string_not_equal(nonce, second);
	register_with("3", authorization(second, "guess", "00000001", "sip:ims.test", NULL), CONTACT);
	assert_int_equal(fake.asked, ASKED_SAR);
	assert_int_equal(fake.sar.assignment, CX_AUTHENTICATION_FAILURE);
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_SUCCESS }, 0);
	assert_int_equal(fake.status, 403);
}

static void test_a_replayed_nonce_count_is_stale_and_a_foreign_uri_is_400(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	register_with("3", authorization(nonce, "alice", "00000001", "sip:ims.test", NULL), CONTACT);
	give_vectors();
	assert_int_equal(fake.status, 401);
	assert_non_null(strstr(fake.reply, "stale=true"));
	challenged_nonce(nonce);
	register_with("4", authorization(nonce, "alice", "00000001", "sip:else.test", NULL), CONTACT);
	assert_int_equal(fake.status, 400);
}

static void test_a_protected_refresh_goes_unchallenged_and_an_unprotected_one_does_not(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	register_with("3", "Authorization: Digest username=\"alice@ims.test\", realm=\"ims.test\", nonce=\"\", uri=\"sip:ims.test\", response=\"\", "
		      "integrity-protected=\"ip-assoc-yes\"\r\n", CONTACT);
	assert_int_equal(fake.asked, ASKED_SAR);
	assert_int_equal(fake.sar.assignment, CX_RE_REGISTRATION);
	assert_true(fake.sar.user_data_available);
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_SUCCESS }, 0);
	assert_int_equal(fake.status, 200);
	register_with("4", "", CONTACT);
	assert_int_equal(fake.asked, ASKED_MAR);
}

static void test_rules_are_423_420_404_and_silence_of_the_hss_is_no_hang(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	register_with("3", authorization(nonce, "alice", "00000002", "sip:ims.test", NULL), "Contact: <sip:alice@10.0.0.1:5070>;expires=5\r\n");
	assert_int_equal(fake.status, 423);
	assert_non_null(strstr(fake.reply, "Min-Expires: 60"));
	register_with("4", "Require: warp\r\n", CONTACT);
	assert_int_equal(fake.status, 420);
	assert_non_null(strstr(fake.reply, "Unsupported: warp"));
	register_with("5", "", CONTACT);
	fake_answer_maa(NULL, -ETIMEDOUT);
	assert_true(fake.status == 480 || fake.status == 504);
	begin(&scscf_stranger, REGISTER("1", CONTACT));
	assert_int_equal(fake.status, 403);
}

static void test_fetching_tells_the_contacts_and_deregistration_takes_them(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	register_with("3", authorization(nonce, "alice", "00000002", "sip:ims.test", NULL), "");
	assert_int_equal(fake.status, 200);
	assert_non_null(strstr(fake.reply, "Contact: <sip:alice@10.0.0.1:5070>"));
	register_with("4", authorization(nonce, "alice", "00000003", "sip:ims.test", NULL), "Contact: *\r\nExpires: 0\r\n");
	assert_int_equal(fake.sar.assignment, CX_USER_DEREGISTRATION);
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_SUCCESS }, 0);
	assert_int_equal(fake.status, 200);
	assert_null(user_find(scscf.users, "sip:alice@ims.test"));
	assert_int_equal(metric_read(scscf.bindings_gauge), 0);
}

static void test_contacts_and_challenges_survive_a_death(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	state_close(&scscf);
	assert_int_equal(open_state(), 0);
	assert_int_equal(user_find(scscf.users, "tel:+15550001")->bindings.count, 1);
	state_start_timers(&scscf);
	register_with("3", authorization(nonce, "alice", "00000001", "sip:ims.test", NULL), CONTACT); /* replayed: remembered */
	assert_int_equal(fake.asked, ASKED_MAR);
	register_with("3", authorization(nonce, "alice", "00000002", "sip:ims.test", NULL), CONTACT);
	assert_int_equal(fake.sar.assignment, CX_RE_REGISTRATION);
}

static void test_a_contact_that_runs_out_is_told_to_the_hss(void **state)
{
	char nonce[96];
	struct user *u;

	(void)state;
	register_alice(nonce);
	u = user_find(scscf.users, "sip:alice@ims.test");
	assert_in_range(fake.timer_ms, 599000, 600001);
	u->bindings.first->expires_ms = 1;
	deregistration_of_expired(u);
	assert_int_equal(fake.sar.assignment, CX_TIMEOUT_DEREGISTRATION);
	assert_null(user_find(scscf.users, "sip:alice@ims.test"));
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_SUCCESS }, 0);
	assert_int_equal(fake.end, STEP_ANSWER);
}

static void test_the_hss_takes_a_user_off_or_gives_a_new_profile(void **state)
{
	static const char changed[] = "<IMSSubscription><PrivateID>alice@ims.test</PrivateID><ServiceProfile><PublicIdentity>"
				      "<Identity>sip:alice@ims.test</Identity></PublicIdentity></ServiceProfile></IMSSubscription>";
	char nonce[96];

	(void)state;
	register_alice(nonce);
	push_on_ppr(&scscf, NULL, &(struct cx_ppr){ .user_data = { (const uint8_t *)changed, sizeof changed - 1 } });
	assert_int_equal(fake.answered, RESULT_SUCCESS);
	assert_null(user_find(scscf.users, "tel:+15550001"));
	assert_int_equal(user_find(scscf.users, "sip:alice@ims.test")->bindings.count, 1);
	push_on_rtr(&scscf, NULL, &(struct cx_rtr){ .private_identity = "alice@ims.test", .public_identities = { { "sip:alice@ims.test" }, 1 } });
	assert_int_equal(fake.answered, RESULT_SUCCESS);
	assert_null(user_find(scscf.users, "sip:alice@ims.test"));
}

/* [TS 29.229 7.2.1] */
static void test_what_the_hss_demands_and_nobody_knows_is_refused(void **state)
{
	const struct cx_features demand = { .required = true, .vendor = 10415, .list_id = 1, .list = CX_SHARED_IFC };
	char nonce[96];

	(void)state;
	register_alice(nonce);
	assert_int_equal(cx_features_of(fake.sar.features, fake.sar.feature_count), CX_ALIAS_INDICATION | CX_IMS_RESTORATION);
	push_on_ppr(&scscf, NULL, &(struct cx_ppr){ .features = { demand }, .feature_count = 1 });
	assert_int_equal(fake.answered, RESULT_ERROR_FEATURE_UNSUPPORTED);
	push_on_rtr(&scscf, NULL, &(struct cx_rtr){ .private_identity = "alice@ims.test", .features = { demand }, .feature_count = 1 });
	assert_int_equal(fake.answered, RESULT_ERROR_FEATURE_UNSUPPORTED);
	assert_non_null(user_find(scscf.users, "sip:alice@ims.test"));
}

/* [TS 29.228 6.1.3.1] REMOVE_S-CSCF ends no registration; the other reasons do. */
static void test_a_registration_ends_by_each_reason_but_the_removal_of_the_name(void **state)
{
	struct cx_rtr rtr = { .private_identity = "alice@ims.test", .public_identities = { { "sip:alice@ims.test" }, 1 }, .reason = CX_REMOVE_SCSCF };
	char nonce[96];

	(void)state;
	register_alice(nonce);
	push_on_rtr(&scscf, NULL, &rtr);
	assert_int_equal(fake.answered, RESULT_SUCCESS);
	assert_non_null(user_find(scscf.users, "sip:alice@ims.test"));
	for (rtr.reason = CX_PERMANENT_TERMINATION; rtr.reason <= CX_SERVER_CHANGE; rtr.reason++) {
		if (rtr.reason != CX_PERMANENT_TERMINATION)
			register_alice(nonce);
		push_on_rtr(&scscf, NULL, &rtr);
		assert_int_equal(fake.answered, RESULT_SUCCESS);
		assert_null(user_find(scscf.users, "sip:alice@ims.test"));
	}
}

static void test_a_profile_that_cannot_be_read_or_held_is_refused(void **state)
{
	static uint8_t large[USER_DATA_MAX + 1];
	char nonce[96];

	(void)state;
	register_alice(nonce);
	push_on_ppr(&scscf, NULL, &(struct cx_ppr){ .user_data = { (const uint8_t *)"<IMSSubscription/>", 18 } });
	assert_int_equal(fake.answered, RESULT_ERROR_NOT_SUPPORTED_USER_DATA);
	push_on_ppr(&scscf, NULL, &(struct cx_ppr){ .user_data = { large, sizeof large } });
	assert_int_equal(fake.answered, RESULT_ERROR_TOO_MUCH_DATA);
	assert_int_equal(user_find(scscf.users, "sip:alice@ims.test")->bindings.count, 1);
}

/* [TS 23.003 13.4A, 13.5] */
static void test_who_serves_a_wildcard_serves_what_it_matches(void **state)
{
	static const char changed[] = "<IMSSubscription><PrivateID>alice@ims.test</PrivateID><ServiceProfile><PublicIdentity>"
				      "<Identity>sip:alice@ims.test</Identity></PublicIdentity><PublicIdentity><Identity>sip:+1555000@ims.test</Identity>"
				      "<Extension><IdentityType>4</IdentityType><Extension><Extension><WildcardedIMPU>sip:+1555!.*!@ims.test"
				      "</WildcardedIMPU></Extension></Extension></Extension></PublicIdentity></ServiceProfile></IMSSubscription>";
	char nonce[96];
	struct user *u;

	(void)state;
	register_alice(nonce);
	u = user_find(scscf.users, "sip:alice@ims.test");
	assert_null(user_serving(scscf.users, "sip:+15551@ims.test"));
	push_on_ppr(&scscf, NULL, &(struct cx_ppr){ .user_data = { (const uint8_t *)changed, sizeof changed - 1 } });
	assert_int_equal(fake.answered, RESULT_SUCCESS);
	assert_ptr_equal(user_serving(scscf.users, "sip:+15551@ims.test"), u);
	assert_null(user_find(scscf.users, "sip:+15551@ims.test"));
	assert_null(user_serving(scscf.users, "sip:+15661@ims.test"));
	user_remove(u);
	assert_null(user_serving(scscf.users, "sip:+15551@ims.test"));
}

/* ---- sessions ---- */

static void test_a_registered_caller_goes_to_the_icscf_with_both_identities_and_the_ioi(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	begin(&scscf_originating, INVITE("sip:bob@ims.test", "P-Asserted-Identity: <sip:alice@ims.test>\r\nP-Charging-Vector: icid-value=\"icid-1\"\r\n"));
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].route, "sip:icscf.ims.test;transport=tcp");
	assert_string_equal(fake.route_token, "O");
	assert_non_null(strstr(fake_sent(), "tel:+15550001"));
	assert_non_null(strstr(fake_sent(), "orig-ioi=ims.test"));
	begin(&scscf_originating, INVITE("tel:+15550002", "P-Asserted-Identity: <sip:alice@ims.test>\r\n"));
	assert_string_equal(fake.targets[0].route, "sip:icscf.ims.test;transport=tcp");
	begin(&scscf_originating, INVITE("sip:x@else.test", "P-Asserted-Identity: <sip:alice@ims.test>\r\n"));
	assert_string_equal(fake.targets[0].route, "");
}

static void test_barred_and_unregistered_callers_are_403(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	begin(&scscf_originating, INVITE("sip:bob@ims.test", "P-Asserted-Identity: <sip:secret@ims.test>\r\n"));
	assert_int_equal(fake.status, 403);
	begin(&scscf_originating, INVITE("sip:bob@ims.test", "P-Asserted-Identity: <sip:carol@ims.test>\r\n"));
	assert_int_equal(fake.sar.assignment, CX_NO_ASSIGNMENT);
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_UNABLE_TO_COMPLY }, 0);
	assert_int_equal(fake.status, 403);
	begin(&scscf_originating, INVITE("sip:bob@ims.test", ""));
	assert_int_equal(fake.status, 403);
}

static void test_a_callee_is_reached_along_the_path_by_q_and_learns_who_was_called(void **state)
{
	char nonce[96];
	struct request *r;

	(void)state;
	register_alice(nonce);
	register_with("3", authorization(nonce, "alice", "00000002", "sip:ims.test", NULL), "Contact: <sip:alice@10.0.0.2>;q=0.9\r\n");
	assign();
	r = begin(&scscf_terminating, INVITE("tel:+15550001", "P-Charging-Vector: icid-value=\"icid-1\";orig-ioi=ims.test\r\n"));
	assert_int_equal(fake.target_count, 1);
	assert_string_equal(fake.targets[0].uri, "sip:alice@10.0.0.2");
	assert_string_equal(fake.targets[0].route, "<sip:t@pcscf;lr>");
	assert_string_equal(fake.route_token, "T");
	assert_non_null(strstr(fake_sent(), "P-Called-Party-ID: <tel:+15550001>"));
	fake.end = STEP_NONE;
	scscf_terminating.on_exhausted(r, 486);
	assert_string_equal(fake.targets[0].uri, "sip:alice@10.0.0.1:5070");
	fake.end = STEP_NONE;
	scscf_terminating.on_exhausted(r, 0);
	assert_int_equal(fake.status, 480);
}

static void test_a_barred_callee_is_404_and_one_not_registered_480(void **state)
{
	char nonce[96];

	(void)state;
	register_alice(nonce);
	begin(&scscf_terminating, INVITE("sip:secret@ims.test", ""));
	assert_int_equal(fake.status, 404);
	begin(&scscf_terminating, INVITE("sip:carol@ims.test", ""));
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_ERROR_IDENTITY_NOT_REGISTERED }, 0);
	assert_int_equal(fake.status, 480);
	begin(&scscf_terminating, INVITE("sip:x@else.test", ""));
	assert_int_equal(fake.status, 404);
}

static void test_a_user_whose_state_is_gone_is_restored_from_the_hss(void **state)
{
	char nonce[96], contact[256], path[64];
	struct cx_restoration kept;

	(void)state;
	register_with("1", "", CONTACT);
	give_vectors();
	challenged_nonce(nonce);
	register_with("2", authorization(nonce, "alice", "00000001", "sip:ims.test", NULL), CONTACT);
	snprintf(contact, sizeof contact, "%s", fake.sar.restoration.contacts[0].contact);
	snprintf(path, sizeof path, "%s", fake.sar.restoration.contacts[0].path);
	kept = (struct cx_restoration){ .private_identity = "alice@ims.test", .count = 1, .contacts = { { path, contact, "c1", "2" } } };
	begin(&scscf_terminating, INVITE("sip:alice@ims.test", ""));
	assert_int_equal(fake.sar.assignment, CX_NO_ASSIGNMENT);
	fake_answer_saa(&(struct cx_saa){ .result = RESULT_SUCCESS, .user_data = { (const uint8_t *)profile, sizeof profile - 1 },
					  .restoration_count = 1, .restorations = { kept } }, 0);
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].uri, "sip:alice@10.0.0.1:5070");
	assert_string_equal(fake.targets[0].route, "<sip:t@pcscf;lr>");
	assert_string_equal(user_find(scscf.users, "sip:alice@ims.test")->bindings.first->contact, "<sip:alice@10.0.0.1:5070>;q=0.5");
}

static void count_calls(void *context, const struct dialog *d)
{
	assert_string_equal(d->call_id, "i1");
	++*(int *)context;
}

static int calls(void)
{
	int n = 0;

	dialogs_each(scscf.dialogs, count_calls, &n);
	return n;
}

static void read_cdr(char *line, size_t size)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/cdr", directory);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, (int)size, f));
	fclose(f);
}

static void test_a_call_is_counted_from_its_200_survives_a_death_and_is_recorded_at_its_bye(void **state)
{
	static const char ok[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:bob@ims.test>;tag=1\r\n"
				 "To: <sip:alice@ims.test>;tag=2\r\nCall-ID: i1\r\nCSeq: 1 INVITE\r\n\r\n";
	char nonce[96], line[1024], path[128];
	struct sip_message response;
	struct request *r;

	(void)state;
	register_alice(nonce);
	r = begin(&scscf_terminating, INVITE("sip:alice@ims.test", "P-Charging-Vector: icid-value=\"icid-1\";orig-ioi=else.test\r\n"));
	response.msg = msg_make(sip_default_mclass(), 0, ok, sizeof ok - 1);
	response.sip = sip_object(response.msg);
	response.home = msg_home(response.msg);
	scscf_terminating.on_response(r, NULL, &response);
	assert_string_equal(header_get(&response, HEADER_P_CHARGING_VECTOR), "icid-value=\"icid-1\";orig-ioi=else.test;term-ioi=ims.test");
	scscf_terminating.on_end(r, 200);
	msg_destroy(response.msg);
	assert_int_equal(calls(), 1);
	state_close(&scscf);
	assert_int_equal(open_state(), 0);
	assert_int_equal(calls(), 1);
	assert_int_equal(metric_read(scscf.dialogs_gauge), 1);
	snprintf(path, sizeof path, "%s/cdr", directory);
	scscf.cdr = cdr_open(path);
	fake.popped_purpose = "record-route";
	fake.popped_token = (struct bytes){ (const uint8_t *)"T", 1 };
	r = begin(&scscf_in_dialog, HEAD("BYE", "sip:alice@10.0.0.1", "bob") "To: <sip:alice@ims.test>;tag=2\r\nCall-ID: i1\r\nCSeq: 2 BYE\r\n\r\n");
	assert_int_equal(fake.end, STEP_ONWARD);
	scscf_in_dialog.on_end(r, 200);
	assert_int_equal(calls(), 0);
	read_cdr(line, sizeof line);
	assert_non_null(strstr(line, "\"type\":\"call\",\"case\":\"terminating\",\"icid\":\"icid-1\",\"orig_ioi\":\"else.test\",\"term_ioi\":\"ims.test\""));
	assert_non_null(strstr(line, "\"result\":200"));
	close(scscf.cdr);
}

#define TEST(_f) cmocka_unit_test_setup_teardown(_f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_registration_challenges_sha256_first_then_stores_and_answers),
		TEST(test_a_wrong_password_is_challenged_again_then_refused),
		TEST(test_a_replayed_nonce_count_is_stale_and_a_foreign_uri_is_400),
		TEST(test_a_protected_refresh_goes_unchallenged_and_an_unprotected_one_does_not),
		TEST(test_rules_are_423_420_404_and_silence_of_the_hss_is_no_hang),
		TEST(test_fetching_tells_the_contacts_and_deregistration_takes_them),
		TEST(test_contacts_and_challenges_survive_a_death),
		TEST(test_a_contact_that_runs_out_is_told_to_the_hss),
		TEST(test_the_hss_takes_a_user_off_or_gives_a_new_profile),
		TEST(test_what_the_hss_demands_and_nobody_knows_is_refused),
		TEST(test_a_registration_ends_by_each_reason_but_the_removal_of_the_name),
		TEST(test_a_profile_that_cannot_be_read_or_held_is_refused),
		TEST(test_who_serves_a_wildcard_serves_what_it_matches),
		TEST(test_a_registered_caller_goes_to_the_icscf_with_both_identities_and_the_ioi),
		TEST(test_barred_and_unregistered_callers_are_403),
		TEST(test_a_callee_is_reached_along_the_path_by_q_and_learns_who_was_called),
		TEST(test_a_barred_callee_is_404_and_one_not_registered_480),
		TEST(test_a_call_is_counted_from_its_200_survives_a_death_and_is_recorded_at_its_bye),
		TEST(test_a_user_whose_state_is_gone_is_restored_from_the_hss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
