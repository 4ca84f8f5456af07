// SPDX-License-Identifier: Apache-2.0
/* Identities in one form. [TS 23.003 13.3, 13.4; RFC 3261 10.3, 19.1.4; RFC 3966 3] */
#include "common/sip/identity.h"
#include "common/sip/unread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>

static su_home_t home[1] = { SU_HOME_INIT(home) };

static void check(const char *uri, const char *expected)
{
	const char *got = identity_canonical(home, uri);

	if (!got || !expected)
		assert_ptr_equal(got, expected);
	else
		assert_string_equal(got, expected);
}

static void test_a_sip_uri_loses_case_of_host_parameters_and_default_port(void **state)
{
	(void)state;
	check("sip:alice@ims.test", "sip:alice@ims.test");
	check("SIP:Alice@IMS.Test:5060;transport=tcp;lr?Subject=x", "sip:Alice@ims.test");
	check("sip:alice@ims.test:5070", "sip:alice@ims.test:5070");
	check("sip:alice@ims.test:", "sip:alice@ims.test");
	check("sip:alice:secret@ims.test", "sip:alice@ims.test");
	check("sip:ims.test", "sip:ims.test");
	check("sip:alice@ims.test.", "sip:alice@ims.test");
}

static void test_sips_becomes_sip(void **state)
{
	(void)state;
	check("sips:alice@ims.test:5061", "sip:alice@ims.test");
	check("sips:alice@ims.test:5060", "sip:alice@ims.test:5060");
}

static void test_escapes_are_undone_where_they_may_be(void **state)
{
	(void)state;
	check("sip:%61lice@ims.test", "sip:alice@ims.test");
	check("sip:a%2Bb@ims.test", "sip:a+b@ims.test");
	check("sip:a%40b@ims.test", "sip:a%40b@ims.test");
	check("sip:a%c3%a9@ims.test", "sip:a%C3%A9@ims.test");
	check("sip:a%20b@ims.test", "sip:a%20b@ims.test");
}

static void test_ipv6_hosts_keep_their_brackets(void **state)
{
	(void)state;
	check("sip:a@[2001:DB8::1]:5060", "sip:a@[2001:db8::1]");
	check("sip:a@[2001:DB8::1]:5070", "sip:a@[2001:db8::1]:5070");
}

static void test_a_tel_uri_loses_separators_and_parameters(void **state)
{
	(void)state;
	check("tel:+1-555-0001", "tel:+15550001");
	check("TEL:+1(555)00.01;isub=12", "tel:+15550001");
	check("tel:7042;phone-context=IMS.test", "tel:7042;phone-context=ims.test");
	check("tel:+", NULL);
	check("tel:alice", NULL);
}

static void test_a_number_in_a_sip_uri_stays_a_sip_uri(void **state)
{
	(void)state;
	check("sip:+1-555-0001@ims.test;user=phone", "sip:+15550001@ims.test");
	check("sip:a-b.c@ims.test", "sip:a-b.c@ims.test");
}

static void test_other_schemes_and_rubbish_are_none(void **state)
{
	(void)state;
	check("urn:service:sos", NULL);
	check("http://ims.test", NULL);
	check("sip:", NULL);
	check("", NULL);
	check(NULL, NULL);
}

static void test_the_domain_of_an_identity(void **state)
{
	(void)state;
	assert_string_equal(identity_domain("sip:alice@ims.test"), "ims.test");
	assert_string_equal(identity_domain("sip:ims.test"), "ims.test");
	assert_null(identity_domain("tel:+15550001"));
}

static struct sip_message message(const char *authorization)
{
	struct sip_message m = { .msg = msg_create(sip_default_mclass(), 0) };

	m.sip = sip_object(m.msg);
	m.home = msg_home(m.msg);
	assert_int_equal(header_add_text(&m, "To: \"A\" <sip:Alice@IMS.test:5060;x=y>;tag=1"), 0);
	if (authorization)
		assert_int_equal(header_add_text(&m, authorization), 0);
	return m;
}

static void test_the_private_identity_is_the_username_or_comes_from_the_to_header(void **state)
{
	struct sip_message m = message("Authorization: Digest username=\"alice@ims.test\", realm=\"x\", nonce=\"\", uri=\"sip:x\", response=\"\"");

	(void)state;
	assert_string_equal(identity_private(home, &m), "alice@ims.test");
	msg_destroy(m.msg);
	m = message(NULL);
	assert_string_equal(identity_private(home, &m), "Alice@ims.test");
	assert_string_equal(identity_of_to(home, &m), "sip:Alice@ims.test");
	msg_destroy(m.msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sip_uri_loses_case_of_host_parameters_and_default_port),
		cmocka_unit_test(test_sips_becomes_sip),
		cmocka_unit_test(test_escapes_are_undone_where_they_may_be),
		cmocka_unit_test(test_ipv6_hosts_keep_their_brackets),
		cmocka_unit_test(test_a_tel_uri_loses_separators_and_parameters),
		cmocka_unit_test(test_a_number_in_a_sip_uri_stays_a_sip_uri),
		cmocka_unit_test(test_other_schemes_and_rubbish_are_none),
		cmocka_unit_test(test_the_domain_of_an_identity),
		cmocka_unit_test(test_the_private_identity_is_the_username_or_comes_from_the_to_header),
	};
	int failed;

	unread_prepare();
	failed = cmocka_run_group_tests_name("identity", tests, NULL, NULL);
	su_home_deinit(home);
	return failed;
}
