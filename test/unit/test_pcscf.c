// SPDX-License-Identifier: Apache-2.0
/* The procedures of the P-CSCF with a played engine: registration, both halves of a session, requests inside a dialog.
 * [TS 24.229 5.2.2, 5.2.6, 4.4] */
// with: pcscf/access.c
// with: pcscf/binding.c
// with: pcscf/caller.c
// with: pcscf/in_dialog.c
// with: pcscf/index.c
// with: pcscf/originating.c
// with: pcscf/other.c
// with: pcscf/record.c
// with: pcscf/registration.c
// with: pcscf/route.c
// with: pcscf/security.c
// with: pcscf/terminating.c
// with: pcscf/trust.c
// with: test/unit/fake_engine.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/metrics.h"
#include "pcscf/binding.h"
#include "pcscf/caller.h"
#include "pcscf/pcscf.h"
#include "pcscf/route.h"
#include "pcscf/security.h"
#include "test/unit/fake_engine.h"
#include <sofia-sip/sip_header.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD(_method, _uri, _from, _to) \
	_method " " _uri " SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <" _from ">;tag=1\r\nTo: <" _to "\r\nCall-ID: c1\r\n" \
	"CSeq: 1 " _method "\r\n"
#define REGISTER(_more) HEAD("REGISTER", "sip:ims.test", "sip:alice@ims.test", "sip:alice@ims.test>") _more "\r\n"
#define INVITE(_more) HEAD("INVITE", "sip:bob@ims.test", "sip:alice@ims.test", "sip:bob@ims.test>") _more "\r\n"
#define BYE(_more) HEAD("BYE", "sip:bob@10.0.0.2", "sip:alice@ims.test", "sip:bob@ims.test>;tag=2") _more "\r\n"
#define CONTACT "Contact: <sip:alice@192.0.2.1:5070>\r\n"
#define AUTHORIZATION "Authorization: Digest username=\"alice@ims.test\", realm=\"ims.test\", nonce=\"n\", uri=\"sip:ims.test\", response="
#define CLAIMS \
	"P-Asserted-Identity: <sip:ceo@ims.test>\r\nP-Charging-Vector: icid-value=claimed\r\nP-Served-User: <sip:ceo@ims.test>\r\n" \
	"P-Charging-Function-Addresses: ccf=claimed\r\nP-Profile-Key: <sip:claimed>\r\nP-Visited-Network-ID: claimed\r\n" \
	"P-Access-Network-Info: claimed;network-provided\r\n"
#define OK_REGISTER \
	"Contact: <sip:alice@192.0.2.1:5070>;expires=600\r\nP-Associated-URI: <sip:alice@ims.test>, <tel:+15550001>\r\n" \
	"Service-Route: <sip:T@scscf.ims.test;lr;orig>\r\n"

static struct pcscf_options options = {
	.base = { .domain = "ims.test" }, .sip = { .name = "pcscf.ims.test" }, .mw = { .transport = "tcp", .icscf = "icscf.ims.test" },
	.visited_network = "visited.test", .access = { .aka_without_ipsec = true, .wrong_route = "replace" },
};
static struct pcscf pcscf;
static msg_t *response;

static int setup(void **state)
{
	(void)state;
	options.access.adopt_new_flow = OPTION_YES;
	options.access.wrong_route = "replace";
	pcscf = (struct pcscf){ .options = &options, .bindings = bindings_new(NULL) };
	pcscf.bindings_gauge = metric_cell(metric_gauge("minims_bindings", "", "test"), NULL, NULL);
	fake_reset(&pcscf);
	fake.trusted = false;
	return pcscf.bindings ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	bindings_free(pcscf.bindings);
	if (response)
		msg_destroy(response);
	response = NULL;
	return 0;
}

static struct request *run(const char *text)
{
	struct request *r = fake_request(text);

	pcscf_route(r)->on_request(r);
	return r;
}

/* A response comes back; what goes up of it. */
static const char *answer(struct request *r, int status, const char *headers)
{
	static char sent[8192];
	char text[4096];
	struct sip_message m;
	size_t n;

	if (response)
		msg_destroy(response);
	snprintf(text, sizeof text, "SIP/2.0 %d Answer\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:alice@ims.test>;tag=1\r\n"
		 "To: <sip:bob@ims.test>;tag=2\r\nCall-ID: c1\r\nCSeq: 1 X\r\n%s\r\n", status, headers);
	response = msg_make(sip_default_mclass(), 0, text, (ssize_t)strlen(text));
	m = (struct sip_message){ .msg = response, .sip = sip_object(response), .home = msg_home(response) };
	pcscf_route(r)->on_response(r, NULL, &m);
	msg_serialize(response, (msg_pub_t *)m.sip);
	snprintf(sent, sizeof sent, "%s", msg_as_string(m.home, response, (msg_pub_t *)m.sip, 0, &n));
	return sent;
}

static struct binding *register_alice(void)
{
	answer(run(REGISTER(CONTACT)), 200, OK_REGISTER);
	return binding_first(pcscf.bindings, "sip:alice@ims.test");
}

static void came_along(const char *purpose, uint64_t binding, const char *flow)
{
	static uint8_t bytes[ROUTE_TOKEN_MAX];

	fake.popped_purpose = purpose;
	fake.popped_token = (struct bytes){ bytes, route_token_write(binding, flow, bytes) };
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in\n%s", part, text);
}

static void has_no_claims(const char *text)
{
	has_not(text, "claimed");
	has_not(text, "ceo@");
}

/* ---- registration ---- */

static void test_a_register_goes_to_the_icscf_with_what_the_network_must_know(void **state)
{
	const char *sent;

	(void)state;
	run(REGISTER(CONTACT CLAIMS "Path: <sip:claimed>\r\nRoute: <sip:claimed;lr>\r\n" AUTHORIZATION "\"\", integrity-protected=\"tls-yes\"\r\n"));
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].route, "sip:icscf.ims.test;transport=tcp");
	sent = fake_sent();
	has_no_claims(sent);
	has_not(sent, "tls-yes");
	has(sent, "Path: <sip:path-");
	has(sent, "Require: path");
	has(sent, "P-Visited-Network-ID: \"visited.test\"");
	has(sent, "P-Charging-Vector: icid-value=\"");
	has(sent, "username=\"alice@ims.test\"");
}

static void test_session_keys_never_reach_the_ue(void **state)
{
	const char *up;

	(void)state;
	up = answer(run(REGISTER(CONTACT)), 401, "WWW-Authenticate: Digest realm=\"ims.test\", nonce=\"n\", algorithm=AKAv1-MD5, "
		    "ck=\"00112233\", qop=\"auth\", ik=\"44556677\", ck=\"8899\"\r\nP-Charging-Vector: icid-value=claimed\r\n");
	has_not(up, "ck=");
	has_not(up, "ik=");
	has_not(up, "claimed");
	has(up, "nonce=\"n\"");
	has(up, "qop=\"auth\"");
}

static void test_a_200_makes_the_user_known(void **state)
{
	const struct binding *b = register_alice();

	(void)state;
	assert_non_null(b);
	assert_string_equal(b->data.flow_name, "udp 192.0.2.1:5060");
	assert_string_equal(b->data.identities[0], "sip:alice@ims.test");
	assert_string_equal(b->data.identities[1], "tel:+15550001");
	assert_string_equal(b->data.service_route, "<sip:T@scscf.ims.test;lr;orig>");
	assert_true(b->data.expires_ms > clock_wall_ns() / 1000000 + 590000);
}

static void test_a_refresh_keeps_the_number_in_the_path_and_takes_the_new_flow(void **state)
{
	uint64_t id = register_alice()->data.id;

	(void)state;
	fake.source = "192.0.2.1:6000";
	assert_int_equal(register_alice()->data.id, id);
	assert_int_equal(bindings_count(pcscf.bindings), 1);
	assert_non_null(binding_first(pcscf.bindings, "udp 192.0.2.1:6000"));
	assert_null(binding_first(pcscf.bindings, "udp 192.0.2.1:5060"));
}

static void test_who_goes_is_forgotten(void **state)
{
	(void)state;
	register_alice();
	answer(run(REGISTER(CONTACT "Expires: 0\r\n")), 200, "");
	assert_int_equal(bindings_count(pcscf.bindings), 0);
	register_alice();
	answer(run(REGISTER("Contact: *\r\nExpires: 0\r\n")), 200, "");
	assert_int_equal(bindings_count(pcscf.bindings), 0);
}

static void test_asking_for_contacts_changes_nothing(void **state)
{
	(void)state;
	register_alice();
	answer(run(REGISTER("")), 200, OK_REGISTER);
	assert_int_equal(bindings_count(pcscf.bindings), 1);
}

static void test_a_refusal_changes_nothing(void **state)
{
	(void)state;
	register_alice();
	answer(run(REGISTER(CONTACT "Expires: 0\r\n")), 403, "");
	assert_int_equal(bindings_count(pcscf.bindings), 1);
}

static void test_a_register_for_elsewhere_is_refused(void **state)
{
	(void)state;
	run(HEAD("REGISTER", "sip:evil.test", "sip:a@evil.test", "sip:a@evil.test>") "\r\n");
	assert_int_equal(fake.status, 403);
}

static void test_integrity_is_vouched_for_over_tls_only(void **state)
{
	const struct protection_facts none = { .has_response = true }, aka = { .aka = true, .has_response = true },
				      first = { .tls = true }, answered = { .tls = true, .has_response = true },
				      again = { .tls = true, .known = true }, stolen = { .known = true };

	(void)state;
	assert_int_equal(protection_of(&none), PROTECTION_UNKNOWN);
	assert_int_equal(protection_of(&aka), PROTECTION_NO);
	assert_int_equal(protection_of(&first), PROTECTION_UNKNOWN);
	assert_int_equal(protection_of(&answered), PROTECTION_TLS_PENDING);
	assert_int_equal(protection_of(&again), PROTECTION_TLS_YES);
	assert_int_equal(protection_of(&stolen), PROTECTION_UNKNOWN);
}

static void test_a_refresh_over_the_same_tls_connection_is_vouched_for(void **state)
{
	(void)state;
	fake.transport = SIP_TLS;
	answer(run(REGISTER(CONTACT AUTHORIZATION "\"r\"\r\n")), 200, OK_REGISTER);
	run(REGISTER(CONTACT AUTHORIZATION "\"\"\r\n"));
	has(fake_sent(), "integrity-protected=\"tls-yes\"");
	fake.source = "192.0.2.1:6001";
	run(REGISTER(CONTACT AUTHORIZATION "\"r\"\r\n"));
	has(fake_sent(), "integrity-protected=\"tls-pending\"");
}

/* ---- the UE calls ---- */

static void test_a_stranger_is_403(void **state)
{
	(void)state;
	run(INVITE(CONTACT));
	assert_int_equal(fake.end, STEP_ANSWER);
	assert_int_equal(fake.status, 403);
}

static void test_a_call_carries_the_asserted_identity_and_no_claims(void **state)
{
	const char *sent;

	(void)state;
	register_alice();
	run(INVITE(CONTACT CLAIMS "P-Preferred-Identity: <sip:ceo@ims.test>\r\nRoute: <sip:T@scscf.ims.test;lr;orig>\r\n"));
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].route, "<sip:T@scscf.ims.test;lr;orig>");
	sent = fake_sent();
	has_no_claims(sent);
	has(sent, "P-Asserted-Identity: <sip:alice@ims.test>");
	has(sent, "P-Charging-Vector: icid-value=\"");
	has_not(sent, "P-Preferred-Identity");
	has_not(sent, "Route:");
}

static void test_a_preferred_identity_is_asserted_when_it_is_registered(void **state)
{
	(void)state;
	register_alice();
	run(INVITE("P-Preferred-Identity: <tel:+1-555-0001>\r\n"));
	has(fake_sent(), "P-Asserted-Identity: <tel:+15550001>");
	has_not(fake_sent(), "P-Asserted-Identity: <sip:");
}

static void test_both_schemes_are_asserted_when_both_are_preferred(void **state)
{
	(void)state;
	register_alice();
	run(INVITE("P-Preferred-Identity: <tel:+15550001>\r\nP-Preferred-Identity: <sip:alice@ims.test>\r\n"));
	has(fake_sent(), "<tel:+15550001>");
	has(fake_sent(), "<sip:alice@ims.test>");
}

static void test_a_wrong_route_is_replaced_or_refused(void **state)
{
	(void)state;
	register_alice();
	run(INVITE("Route: <sip:evil.test;lr>\r\n"));
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].route, "<sip:T@scscf.ims.test;lr;orig>");
	has_not(fake_sent(), "evil");
	options.access.wrong_route = "refuse";
	run(INVITE("Route: <sip:evil.test;lr>\r\n"));
	assert_int_equal(fake.status, 400);
	run(INVITE(""));
	assert_int_equal(fake.status, 400);
	run(INVITE("Route: <sip:T@scscf.ims.test;lr;orig>\r\n"));
	assert_int_equal(fake.end, STEP_FORWARD);
}

static void test_the_networks_headers_do_not_reach_the_caller(void **state)
{
	const char *up;

	(void)state;
	register_alice();
	up = answer(run(INVITE("")), 200, CLAIMS "Privacy: id\r\nFeature-Caps: *;+x\r\n");
	has_no_claims(up);
	has(up, "Feature-Caps: *;+x");
	up = answer(run(INVITE("")), 200, "P-Asserted-Identity: <sip:bob@ims.test>\r\n");
	has(up, "P-Asserted-Identity: <sip:bob@ims.test>");
}

static void test_users_who_share_a_flow_are_told_apart(void **state)
{
	(void)state;
	register_alice();
	answer(run(HEAD("REGISTER", "sip:ims.test", "sip:carol@ims.test", "sip:carol@ims.test>") "Contact: <sip:carol@192.0.2.1:5070>\r\n\r\n"),
	       200, "Contact: <sip:carol@192.0.2.1:5070>;expires=600\r\nP-Associated-URI: <sip:carol@ims.test>\r\nService-Route: <sip:C@s;lr>\r\n");
	run(INVITE(CONTACT));
	has(fake_sent(), "P-Asserted-Identity: <sip:alice@ims.test>");
	run(HEAD("INVITE", "sip:bob@ims.test", "sip:anonymous@anonymous.invalid", "sip:bob@ims.test>") "Contact: <sip:carol@192.0.2.1:5070>\r\n\r\n");
	has(fake_sent(), "P-Asserted-Identity: <sip:carol@ims.test>");
}

static void test_a_new_connection_is_adopted_by_address_and_contact_only(void **state)
{
	struct binding *b;

	(void)state;
	fake.transport = SIP_TCP;
	b = register_alice();
	fake.dead_flow = "tcp 192.0.2.1:5060";
	fake.source = "192.0.2.7:7000";
	run(INVITE(CONTACT));
	assert_int_equal(fake.status, 403);
	fake.source = "192.0.2.1:7000";
	run(INVITE("Contact: <sip:mallory@192.0.2.1:7000>\r\n"));
	assert_int_equal(fake.status, 403);
	run(INVITE(CONTACT));
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(b->data.flow_name, "tcp 192.0.2.1:7000");
}

static void test_a_tls_user_registers_again_on_a_new_connection(void **state)
{
	(void)state;
	fake.transport = SIP_TLS;
	register_alice();
	fake.source = "192.0.2.1:7000";
	run(INVITE(CONTACT));
	assert_int_equal(fake.status, 403);
	fake.transport = SIP_TCP;
	run(INVITE(CONTACT));
	assert_int_equal(fake.status, 403);
}

/* ---- the UE is called ---- */

static struct request *call_alice(const char *more)
{
	char text[2048];

	came_along("path", binding_first(pcscf.bindings, "sip:alice@ims.test")->data.id, "");
	fake.trusted = true;
	fake.source = "192.0.2.200:5060";
	snprintf(text, sizeof text, HEAD("INVITE", "sip:alice@192.0.2.1:5070", "sip:bob@ims.test", "sip:alice@ims.test>")
		 "P-Called-Party-ID: <tel:+15550001>\r\nP-Charging-Vector: icid-value=core\r\n%s\r\n", more);
	return run(text);
}

static void test_a_call_reaches_the_ue_over_its_flow_without_the_networks_headers(void **state)
{
	const char *sent;

	(void)state;
	register_alice();
	call_alice("P-Served-User: <sip:alice@ims.test>\r\nP-Access-Network-Info: far\r\nP-Asserted-Identity: <sip:bob@ims.test>\r\n");
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].flow, "udp 192.0.2.1:5060");
	assert_string_equal(fake.targets[0].side, "gm");
	sent = fake_sent();
	has_not(sent, "P-Charging-Vector");
	has_not(sent, "P-Served-User");
	has_not(sent, "P-Access-Network-Info");
	has(sent, "P-Called-Party-ID: <tel:+15550001>");
	has(sent, "P-Asserted-Identity: <sip:bob@ims.test>");
}

static void test_a_caller_who_wants_privacy_is_not_shown(void **state)
{
	(void)state;
	register_alice();
	call_alice("P-Asserted-Identity: <sip:bob@ims.test>, <tel:+15550002>\r\nPrivacy: header; id\r\n");
	has_not(fake_sent(), "P-Asserted-Identity");
}

static void test_the_callees_identity_is_asserted_and_its_claims_are_not(void **state)
{
	struct request *r;
	const char *up;

	(void)state;
	register_alice();
	r = call_alice("");
	up = answer(r, 180, CLAIMS "P-Preferred-Identity: <sip:ceo@ims.test>\r\n");
	has_no_claims(up);
	has(up, "P-Asserted-Identity: <tel:+15550001>");
	has(up, "P-Charging-Vector: icid-value=core");
	up = answer(r, 200, "P-Preferred-Identity: <sip:alice@ims.test>\r\n");
	has(up, "P-Asserted-Identity: <sip:alice@ims.test>");
	has_not(up, "P-Preferred-Identity");
}

static void test_a_stranger_with_a_path_is_refused(void **state)
{
	(void)state;
	came_along("path", register_alice()->data.id, "");
	fake.source = "192.0.2.66:5060";
	run(INVITE(""));
	assert_int_equal(fake.status, 403);
}

static void test_a_user_who_is_gone_is_480_and_a_dead_flow_too(void **state)
{
	(void)state;
	register_alice();
	fake.dead_flow = "udp 192.0.2.1:5060";
	call_alice("");
	assert_int_equal(fake.status, 480);
	came_along("path", 4711, "");
	run(INVITE(""));
	assert_int_equal(fake.status, 480);
}

static void test_a_dead_flow_of_several_is_430(void **state)
{
	(void)state;
	answer(run(REGISTER("Contact: <sip:alice@192.0.2.1:5070>;reg-id=1;+sip.instance=\"<urn:x>\"\r\nSupported: outbound\r\n")), 200, OK_REGISTER);
	fake.dead_flow = "udp 192.0.2.1:5060";
	call_alice("");
	assert_int_equal(fake.status, 430);
}

/* ---- inside a dialog ---- */

static void test_a_party_of_the_dialog_passes_and_its_claims_do_not(void **state)
{
	(void)state;
	came_along("record-route", register_alice()->data.id, "udp 192.0.2.1:5060");
	run(BYE("Route: <sip:U@scscf.ims.test;lr>\r\n" CLAIMS));
	assert_int_equal(fake.end, STEP_ONWARD);
	has_no_claims(fake_sent());
}

static void test_a_party_may_not_leave_the_way_of_the_dialog(void **state)
{
	(void)state;
	came_along("record-route", register_alice()->data.id, "udp 192.0.2.1:5060");
	run(BYE("Route: <sip:evil.test;lr>\r\n"));
	assert_int_equal(fake.status, 400);
	run(BYE(""));
	assert_int_equal(fake.status, 400);
}

static void test_a_stranger_inside_a_dialog_is_refused(void **state)
{
	(void)state;
	came_along("record-route", register_alice()->data.id, "udp 192.0.2.1:5060");
	fake.source = "192.0.2.1:6666";
	run(BYE("Route: <sip:U@scscf.ims.test;lr>\r\n"));
	assert_int_equal(fake.status, 403);
	fake.popped_purpose = NULL;
	run(BYE("Route: <sip:U@scscf.ims.test;lr>\r\n"));
	assert_int_equal(fake.status, 481);
	run(HEAD("ACK", "sip:bob@10.0.0.2", "sip:alice@ims.test", "sip:bob@ims.test>;tag=2") "\r\n");
	assert_int_equal(fake.end, STEP_DROP);
}

static void test_the_core_reaches_a_party_over_its_flow_even_after_it_went(void **state)
{
	uint64_t id = register_alice()->data.id;

	(void)state;
	came_along("record-route", id, "udp 192.0.2.1:5060");
	fake.trusted = true;
	fake.source = "192.0.2.200:5060";
	run(BYE("P-Charging-Vector: icid-value=core\r\n"));
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].flow, "udp 192.0.2.1:5060");
	has_not(fake_sent(), "P-Charging-Vector");
	binding_remove(pcscf.bindings, binding_by_id(pcscf.bindings, id));
	run(BYE(""));
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].flow, "udp 192.0.2.1:5060");
}

static void test_a_party_whose_connection_broke_goes_on_over_a_new_one(void **state)
{
	(void)state;
	fake.transport = SIP_TCP;
	came_along("record-route", register_alice()->data.id, "tcp 192.0.2.1:5060");
	fake.source = "192.0.2.1:7000";
	run(BYE("Route: <sip:U@scscf.ims.test;lr>\r\n"));
	assert_int_equal(fake.status, 403);
	fake.dead_flow = "tcp 192.0.2.1:5060";
	run(BYE("Route: <sip:U@scscf.ims.test;lr>\r\n"));
	assert_int_equal(fake.end, STEP_ONWARD);
}

static void test_responses_inside_a_dialog_are_filtered_both_ways(void **state)
{
	struct request *r;
	const char *up;

	(void)state;
	came_along("record-route", register_alice()->data.id, "udp 192.0.2.1:5060");
	up = answer(run(BYE("Route: <sip:U@scscf.ims.test;lr>\r\n")), 200, "P-Charging-Vector: icid-value=claimed\r\nP-Asserted-Identity: <sip:bob@ims.test>\r\n");
	has_not(up, "claimed");
	has(up, "sip:bob@ims.test");
	fake.trusted = true;
	fake.source = "192.0.2.200:5060";
	r = run(BYE(""));
	has_no_claims(answer(r, 200, CLAIMS));
}

/* ---- pure parts ---- */

static void test_a_token_is_what_was_sealed_or_refused(void **state)
{
	uint8_t bytes[ROUTE_TOKEN_MAX];
	struct route_token t;
	size_t n = route_token_write(0x1122334455667788, "udp [2001:db8:1111:2222:3333:4444:5555:6666]:65535", bytes);

	(void)state;
	assert_int_equal(route_token_read((struct bytes){ bytes, n }, &t), 0);
	assert_true(t.binding == 0x1122334455667788);
	assert_string_equal(t.flow, "udp [2001:db8:1111:2222:3333:4444:5555:6666]:65535");
	assert_int_equal(route_token_read((struct bytes){ bytes, 8 }, &t), -EBADMSG);
	bytes[0] = 9;
	assert_int_equal(route_token_read((struct bytes){ bytes, n }, &t), -EBADMSG);
}

static void test_requests_to_us_are_answered_by_us(void **state)
{
	(void)state;
	run(HEAD("OPTIONS", "sip:pcscf.ims.test", "sip:alice@ims.test", "sip:pcscf.ims.test>") "\r\n");
	assert_int_equal(fake.status, 200);
	run(HEAD("MESSAGE", "sip:pcscf.ims.test", "sip:alice@ims.test", "sip:pcscf.ims.test>") "\r\n");
	assert_int_equal(fake.status, 405);
}

#define TEST(_test) cmocka_unit_test_setup_teardown(_test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_register_goes_to_the_icscf_with_what_the_network_must_know),
		TEST(test_session_keys_never_reach_the_ue),
		TEST(test_a_200_makes_the_user_known),
		TEST(test_a_refresh_keeps_the_number_in_the_path_and_takes_the_new_flow),
		TEST(test_who_goes_is_forgotten),
		TEST(test_asking_for_contacts_changes_nothing),
		TEST(test_a_refusal_changes_nothing),
		TEST(test_a_register_for_elsewhere_is_refused),
		TEST(test_integrity_is_vouched_for_over_tls_only),
		TEST(test_a_refresh_over_the_same_tls_connection_is_vouched_for),
		TEST(test_a_stranger_is_403),
		TEST(test_a_call_carries_the_asserted_identity_and_no_claims),
		TEST(test_a_preferred_identity_is_asserted_when_it_is_registered),
		TEST(test_both_schemes_are_asserted_when_both_are_preferred),
		TEST(test_a_wrong_route_is_replaced_or_refused),
		TEST(test_the_networks_headers_do_not_reach_the_caller),
		TEST(test_users_who_share_a_flow_are_told_apart),
		TEST(test_a_new_connection_is_adopted_by_address_and_contact_only),
		TEST(test_a_tls_user_registers_again_on_a_new_connection),
		TEST(test_a_call_reaches_the_ue_over_its_flow_without_the_networks_headers),
		TEST(test_a_caller_who_wants_privacy_is_not_shown),
		TEST(test_the_callees_identity_is_asserted_and_its_claims_are_not),
		TEST(test_a_stranger_with_a_path_is_refused),
		TEST(test_a_user_who_is_gone_is_480_and_a_dead_flow_too),
		TEST(test_a_dead_flow_of_several_is_430),
		TEST(test_a_party_of_the_dialog_passes_and_its_claims_do_not),
		TEST(test_a_party_may_not_leave_the_way_of_the_dialog),
		TEST(test_a_stranger_inside_a_dialog_is_refused),
		TEST(test_the_core_reaches_a_party_over_its_flow_even_after_it_went),
		TEST(test_a_party_whose_connection_broke_goes_on_over_a_new_one),
		TEST(test_responses_inside_a_dialog_are_filtered_both_ways),
		TEST(test_a_token_is_what_was_sealed_or_refused),
		TEST(test_requests_to_us_are_answered_by_us),
	};

	return cmocka_run_group_tests_name("pcscf", tests, NULL, NULL);
}
