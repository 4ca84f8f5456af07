// SPDX-License-Identifier: Apache-2.0
/* The procedures of the I-CSCF against a scripted HSS. [TS 24.229 5.3.1, 5.3.2] */
// with: icscf/registration.c
// with: icscf/session.c
// with: icscf/assignment.c
// with: icscf/selection.c
// with: icscf/other.c
// with: test/unit/fake_engine.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "icscf/icscf.h"
#include "test/unit/fake_engine.h"
#include <string.h>

#define REQUEST(_method, _uri, _more) \
	_method " " _uri " SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@ims.test>;tag=1\r\nTo: <sip:a@ims.test>\r\n" \
	"Call-ID: c1\r\nCSeq: 7 " _method "\r\n" _more "\r\n"
#define CONTACT "Contact: <sip:a@h>;expires=600\r\n"

static unsigned one[] = { 1 };
static struct scscf_entry servers[] = {
	{ .name = "sip:s1.ims.test", .capabilities = one, .capabilities_count = 1 },
	{ .name = "sip:s2.ims.test", .capabilities = one, .capabilities_count = 1 },
};
static struct icscf_options options = { .base = { .domain = "ims.test" }, .mw = { .transport = "tcp" }, .scscfs = servers, .scscfs_count = 2 };
static struct icscf icscf = { .options = &options };

static struct request *begin(const struct procedure *p, const char *text)
{
	struct request *r = fake_request(text);

	p->on_request(r);
	return r;
}

static void exhaust(const struct procedure *p, struct request *r, int status)
{
	fake.end = STEP_NONE;
	p->on_exhausted(r, status);
}

static int setup(void **state)
{
	(void)state;
	fake_reset(&icscf);
	return 0;
}

/* UAR-Flags [TS 24.229 5.3.1.2, TS 29.229 6.3.44]; IMSRestorationInd [TS 29.229 7.1.1] */
static void test_an_emergency_registration_is_told_as_one(void **state)
{
	(void)state;
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", "Contact: <sip:a@h;sos>;expires=600\r\n"));
	assert_true(fake.uar.emergency);
	assert_int_equal(cx_features_of(fake.uar.features, fake.uar.feature_count), CX_IMS_RESTORATION);
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", "Contact: <sip:sos@sos>;expires=600;sos\r\n"));
	assert_false(fake.uar.emergency);
}

static void test_a_register_goes_to_the_named_server_with_its_name_as_request_uri(void **state)
{
	(void)state;
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", CONTACT "P-Visited-Network-ID: \"visited.test\"\r\n"));
	assert_int_equal(fake.asked, ASKED_UAR);
	assert_string_equal(fake.uar.public_identity, "sip:a@ims.test");
	assert_string_equal(fake.uar.private_identity, "a@ims.test");
	assert_string_equal(fake.uar.visited_network, "visited.test");
	assert_int_equal(fake.uar.authorization, CX_REGISTRATION);
	fake_answer_uaa(&(struct cx_uaa){ .result = RESULT_SUBSEQUENT_REGISTRATION, .server_name = "sip:s2.ims.test" }, 0);
	assert_int_equal(fake.end, STEP_FORWARD);
	assert_string_equal(fake.targets[0].uri, "sip:s2.ims.test");
	assert_string_equal(fake.targets[0].route, "sip:s2.ims.test;transport=tcp");
}

static void test_a_deregistration_is_asked_for_as_such(void **state)
{
	(void)state;
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", "Contact: *\r\nExpires: 0\r\n"));
	assert_int_equal(fake.uar.authorization, CX_DEREGISTRATION);
}

static void test_a_silent_server_is_replaced_until_none_is_left(void **state)
{
	struct request *r = begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", CONTACT));

	(void)state;
	fake_answer_uaa(&(struct cx_uaa){ .result = RESULT_SUBSEQUENT_REGISTRATION, .server_name = "sip:s1.ims.test" }, 0);
	exhaust(&icscf_registration, r, 0);
	assert_int_equal(fake.asked, ASKED_UAR);
	assert_int_equal(fake.uar.authorization, CX_REGISTRATION_AND_CAPABILITIES);
	fake_answer_uaa(&(struct cx_uaa){ .result = RESULT_SUCCESS, .capabilities = { .mandatory = { 1 }, .mandatory_count = 1 } }, 0);
	assert_string_equal(fake.targets[0].uri, "sip:s2.ims.test");
	exhaust(&icscf_registration, r, 0);
	assert_int_equal(fake.status, 504);
}

static void test_the_hss_refuses_or_is_silent(void **state)
{
	(void)state;
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", CONTACT));
	fake_answer_uaa(&(struct cx_uaa){ .result = RESULT_ERROR_USER_UNKNOWN }, 0);
	assert_int_equal(fake.status, 403);
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", CONTACT));
	fake_answer_uaa(&(struct cx_uaa){ .result = RESULT_ERROR_ROAMING_NOT_ALLOWED }, 0);
	assert_int_equal(fake.status, 403);
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", CONTACT));
	fake_answer_uaa(NULL, -ETIMEDOUT);
	assert_true(fake.status == 480 || fake.status == 504);
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", CONTACT));
	fake_answer_uaa(&(struct cx_uaa){ .result = RESULT_FIRST_REGISTRATION, .capabilities = { .mandatory = { 9 }, .mandatory_count = 1 } }, 0);
	assert_int_equal(fake.status, 600);
}

static void test_a_stranger_may_neither_register_nor_assert_nor_relay(void **state)
{
	(void)state;
	fake.trusted = false;
	begin(&icscf_registration, REQUEST("REGISTER", "sip:ims.test", CONTACT));
	assert_int_equal(fake.status, 403);
	begin(&icscf_session, REQUEST("INVITE", "sip:b@ims.test", "P-Asserted-Identity: <sip:boss@ims.test>\r\n"));
	assert_int_equal(fake.asked, ASKED_LIR);
	assert_null(strstr(fake_sent(), "boss"));
	begin(&icscf_onward, REQUEST("INVITE", "sip:b@else.test", "Route: <sip:else.test;lr>\r\n"));
	assert_int_equal(fake.status, 403);
}

static void test_a_session_gets_a_route_to_its_server_and_keeps_its_request_uri(void **state)
{
	(void)state;
	begin(&icscf_session, REQUEST("INVITE", "sip:b@ims.test", ""));
	assert_string_equal(fake.lir.public_identity, "sip:b@ims.test");
	fake_answer_lia(&(struct cx_lia){ .result = RESULT_SUCCESS, .server_name = "sip:s1.ims.test" }, 0);
	assert_string_equal(fake.targets[0].uri, "");
	assert_string_equal(fake.targets[0].route, "<sip:s1.ims.test;transport=tcp;lr>");
}

static void test_a_number_is_asked_for_as_tel(void **state)
{
	(void)state;
	begin(&icscf_session, REQUEST("INVITE", "sip:+1-555-0002@ims.test;user=phone", ""));
	assert_string_equal(fake.lir.public_identity, "tel:+15550002");
	fake_answer_lia(&(struct cx_lia){ .result = RESULT_SUCCESS, .server_name = "sip:s1.ims.test" }, 0);
	assert_string_equal(fake.targets[0].uri, "tel:+15550002");
	begin(&icscf_session, REQUEST("INVITE", "tel:+1-555-0002", ""));
	assert_string_equal(fake.lir.public_identity, "tel:+15550002");
}

static void test_unknown_is_404_not_registered_480_and_silence_480(void **state)
{
	struct request *r;

	(void)state;
	begin(&icscf_session, REQUEST("INVITE", "sip:b@ims.test", ""));
	fake_answer_lia(&(struct cx_lia){ .result = RESULT_ERROR_USER_UNKNOWN }, 0);
	assert_int_equal(fake.status, 404);
	begin(&icscf_session, REQUEST("INVITE", "sip:b@ims.test", ""));
	fake_answer_lia(&(struct cx_lia){ .result = RESULT_ERROR_IDENTITY_NOT_REGISTERED }, 0);
	assert_int_equal(fake.status, 480);
	r = begin(&icscf_session, REQUEST("INVITE", "sip:b@ims.test", ""));
	fake_answer_lia(&(struct cx_lia){ .result = RESULT_SUCCESS, .server_name = "sip:s1.ims.test" }, 0);
	exhaust(&icscf_session, r, 0);
	assert_true(fake.lir.capabilities_wanted);
	fake_answer_lia(NULL, -ENOTCONN);
	assert_true(fake.status == 480 || fake.status == 504);
	r = begin(&icscf_session, REQUEST("INVITE", "sip:b@ims.test", ""));
	fake_answer_lia(&(struct cx_lia){ .result = RESULT_SUCCESS, .server_name = "sip:s1.ims.test" }, 0);
	exhaust(&icscf_session, r, 486); /* somebody answered */
	assert_int_equal(fake.end, STEP_NONE);
}

#define TEST(_f) cmocka_unit_test_setup(_f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_emergency_registration_is_told_as_one),
		TEST(test_a_register_goes_to_the_named_server_with_its_name_as_request_uri),
		TEST(test_a_deregistration_is_asked_for_as_such),
		TEST(test_a_silent_server_is_replaced_until_none_is_left),
		TEST(test_the_hss_refuses_or_is_silent),
		TEST(test_a_stranger_may_neither_register_nor_assert_nor_relay),
		TEST(test_a_session_gets_a_route_to_its_server_and_keeps_its_request_uri),
		TEST(test_a_number_is_asked_for_as_tel),
		TEST(test_unknown_is_404_not_registered_480_and_silence_480),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
