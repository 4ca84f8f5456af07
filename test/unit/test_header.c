// SPDX-License-Identifier: Apache-2.0
/* Headers by name: found in any case, removed all, and what is sent agrees with what was changed. [TS 24.229 4.4, 7.2A] */
#include "common/sip/header.h"
#include "common/sip/unread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/msg_parser.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>

static struct sip_message m;

#define BEGIN "INVITE sip:bob@ims.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n" \
	"From: <sip:alice@ims.test>;tag=1\r\nTo: <sip:bob@ims.test>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
#define END "Content-Length: 0\r\n\r\n"

/* As received: the text of each header is kept and sent again. */
static void receive(const char *headers)
{
	char text[4096];
	msg_iovec_t iov;
	size_t n = (size_t)snprintf(text, sizeof text, BEGIN "%s" END, headers);

	if (m.msg)
		msg_destroy(m.msg);
	m.msg = msg_create(sip_default_mclass(), MSG_DO_EXTRACT_COPY);
	assert_int_equal(msg_recv_iovec(m.msg, &iov, 1, n, 1), 1);
	memcpy(iov.mv_base, text, n);
	msg_recv_commit(m.msg, n, 1);
	assert_true(msg_extract(m.msg) > 0);
	m.sip = sip_object(m.msg);
	m.home = msg_home(m.msg);
}

static const char *sent(void)
{
	static char text[4096];
	msg_iovec_t iov[64];
	isize_t n, i;
	size_t used = 0;

	assert_true(msg_serialize(m.msg, (msg_pub_t *)m.sip) >= 0);
	assert_true(msg_prepare(m.msg) > 0);
	n = msg_iovec(m.msg, iov, ARRAY_LEN(iov));
	assert_in_range(n, 1, ARRAY_LEN(iov));
	for (i = 0; i < n; i++) {
		memcpy(text + used, iov[i].mv_base, iov[i].mv_len);
		used += iov[i].mv_len;
	}
	text[used] = 0;
	msg_unprepare(m.msg);
	return text;
}

static void test_a_header_is_found_in_any_case(void **state)
{
	(void)state;
	receive("p-CHARGING-vector:  icid-value=1\r\nP-Served-User: <sip:a@ims.test>\r\n");
	assert_string_equal(header_get(&m, HEADER_P_CHARGING_VECTOR), "icid-value=1");
	assert_string_equal(header_get(&m, HEADER_P_SERVED_USER), "<sip:a@ims.test>");
	assert_null(header_get(&m, HEADER_P_PROFILE_KEY));
	assert_string_equal(header_get_by_text(&m, "P-served-user"), "<sip:a@ims.test>");
}

static void test_all_of_one_name_are_removed_from_the_text_too(void **state)
{
	(void)state;
	receive("P-Visited-Network-ID: a\r\nX-Own: kept  as  it  is\r\nP-Visited-Network-ID: b, c\r\n");
	assert_int_equal(header_remove(&m, HEADER_P_VISITED_NETWORK_ID), 2);
	assert_null(strstr(sent(), "Visited"));
	assert_non_null(strstr(sent(), "X-Own: kept  as  it  is\r\n"));
	assert_int_equal(header_remove(&m, HEADER_P_VISITED_NETWORK_ID), 0);
}

static void test_a_set_header_replaces_those_that_were_there(void **state)
{
	const char *text;

	(void)state;
	receive("P-Charging-Vector: icid-value=claimed\r\nP-Charging-Vector: icid-value=twice\r\n");
	assert_int_equal(header_set(&m, HEADER_P_CHARGING_VECTOR, "icid-value=\"%d\"", 7), 0);
	text = sent();
	assert_non_null(strstr(text, "P-Charging-Vector: icid-value=\"7\"\r\n"));
	assert_null(strstr(text, "claimed"));
	assert_null(strstr(text, "twice"));
	assert_string_equal(header_get(&m, HEADER_P_CHARGING_VECTOR), "icid-value=\"7\"");
	assert_int_equal(header_set(&m, HEADER_P_CHARGING_VECTOR, "a\r\nEvil: 1"), -EINVAL);
}

static void test_one_of_two_on_a_line_is_dropped_and_the_other_sent(void **state)
{
	const char *text;

	(void)state;
	receive("P-Asserted-Identity: <sip:alice@ims.test>, <tel:+15550001>\r\nSubject: s\r\n");
	header_drop(&m, sip_p_asserted_identity(m.sip));
	text = sent();
	assert_null(strstr(text, "P-Asserted-Identity: <sip:alice@"));
	assert_non_null(strstr(text, "P-Asserted-Identity: <tel:+15550001>\r\n"));
	header_drop_all(&m, sip_p_asserted_identity(m.sip));
	assert_null(strstr(sent(), "Asserted"));
	assert_non_null(strstr(sent(), "Subject: s"));
}

static void test_a_known_header_is_added_by_its_text(void **state)
{
	(void)state;
	receive("");
	assert_int_equal(header_add_text(&m, "P-Asserted-Identity: <sip:alice@ims.test>"), 0);
	assert_int_equal(header_add_text(&m, "Require: path"), 0);
	assert_int_equal(header_add_text(&m, "X-New: 1"), 0);
	assert_non_null(sip_p_asserted_identity(m.sip));
	assert_non_null(strstr(sent(), "P-Asserted-Identity: <sip:alice@ims.test>\r\n"));
	assert_non_null(strstr(sent(), "Require: path\r\n"));
	assert_non_null(strstr(sent(), "X-New: 1\r\n"));
	assert_string_equal(strstr(sent(), "\r\n\r\n"), "\r\n\r\n"); /* nothing after the blank line */
	assert_int_equal(header_add_text(&m, "no colon"), -EINVAL);
	assert_int_equal(header_add_text(&m, "X: 1\r\nEvil: 2"), -EINVAL);
}

static void test_what_only_the_core_says_is_stripped(void **state)
{
	const char *text;

	(void)state;
	receive("P-Asserted-Identity: <sip:ceo@ims.test>\r\nP-Charging-Vector: icid-value=1\r\n"
		"P-Charging-Function-Addresses: ccf=x\r\nP-Served-User: <sip:ceo@ims.test>\r\nP-Profile-Key: <sip:a>\r\n"
		"P-Visited-Network-ID: other\r\nP-Preferred-Identity: <sip:alice@ims.test>\r\n"
		"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1, 3GPP-GERAN;network-provided, IEEE-802.11;np\r\n");
	header_strip_trust_domain(&m);
	text = sent();
	assert_null(strstr(text, "Asserted"));
	assert_null(strstr(text, "Charging"));
	assert_null(strstr(text, "Served"));
	assert_null(strstr(text, "Profile"));
	assert_null(strstr(text, "Visited"));
	assert_null(strstr(text, "GERAN"));
	assert_null(strstr(text, "802.11"));
	assert_non_null(strstr(text, "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1\r\n"));
	assert_non_null(strstr(text, "P-Preferred-Identity: <sip:alice@ims.test>\r\n"));
}

static void test_a_parameter_is_read_past_quotes_and_brackets(void **state)
{
	const char *v = "<sip:a@b;sescase=no>; sescase=orig ;x=\"a;y=1,\\\"z\";Y = 2;flag, next;z=3";

	(void)state;
	receive("");
	assert_string_equal(header_param(&m, v, "sescase"), "orig");
	assert_string_equal(header_param(&m, v, "x"), "a;y=1,\"z");
	assert_string_equal(header_param(&m, v, "y"), "2");
	assert_string_equal(header_param(&m, v, "flag"), "");
	assert_string_equal(header_param(&m, v, "z"), "3");
	assert_null(header_param(&m, v, "fla"));
	assert_null(header_param(&m, NULL, "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_header_is_found_in_any_case),
		cmocka_unit_test(test_all_of_one_name_are_removed_from_the_text_too),
		cmocka_unit_test(test_a_set_header_replaces_those_that_were_there),
		cmocka_unit_test(test_one_of_two_on_a_line_is_dropped_and_the_other_sent),
		cmocka_unit_test(test_a_known_header_is_added_by_its_text),
		cmocka_unit_test(test_what_only_the_core_says_is_stripped),
		cmocka_unit_test(test_a_parameter_is_read_past_quotes_and_brackets),
	};
	int failed;

	unread_prepare();
	failed = cmocka_run_group_tests_name("header", tests, NULL, NULL);
	msg_destroy(m.msg);
	return failed;
}
