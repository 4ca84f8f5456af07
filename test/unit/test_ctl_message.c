// SPDX-License-Identifier: Apache-2.0
/* Traces of several daemons put together: who is meant, and what was one message. */
// with: ctl/message.c
// with: ctl/node.c
#include "ctl/message.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct ctl_daemon daemons[] = {
	{ (char *)"pcscf", (char *)"127.0.0.11:9090" }, { (char *)"scscf", (char *)"127.0.0.13:9090" },
	{ (char *)"scscf2", (char *)"127.0.0.23:9090" }, { (char *)"hss", (char *)"127.0.0.14:9090" },
};
static struct ctl_options options = { .domain = (char *)"ims.test", .ops = daemons, .ops_count = 4 };

static const char invite[] = "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.11:5060;branch=z9hG4bK%d;rport%s\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n";

/* What a daemon tells of one SIP message. `branch` and `via` make it: via is what a receiver adds. */
static json_t *told(uint64_t ms, const char *from, const char *to, int branch, const char *via)
{
	char text[512];

	snprintf(text, sizeof text, invite, branch, via);
	return json_pack("[{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}]", "time_ns", (json_int_t)(ms * 1000000), "from", from, "to", to, "protocol",
			 "sip", "summary", "INVITE", "encoding", "utf-8", "message", text, "id", "icid", "call_id", "c1");
}

static void add(struct messages *m, const char *seen_by, json_t *list)
{
	messages_add(m, &options, seen_by, list);
	json_decref(list);
}

static void test_nodes_are_named_by_instance_domain_name_or_address(void **state)
{
	char name[NODE_NAME_MAX];

	(void)state;
	node_name(&options, "scscf", name);
	assert_string_equal(name, "scscf");
	node_name(&options, "scscf2.ims.test", name);
	assert_string_equal(name, "scscf2");
	node_name(&options, "127.0.0.13:45678", name);
	assert_string_equal(name, "scscf");
	node_name(&options, "127.0.0.99:5070", name);
	assert_string_equal(name, "127.0.0.99:5070");
	node_name(&options, "hss.elsewhere.test", name);
	assert_string_equal(name, "hss.elsewhere.test");
}

static void test_an_address_that_two_daemons_share_names_neither(void **state)
{
	struct ctl_daemon shared[] = { { (char *)"pcscf", (char *)"127.0.0.1:9091" }, { (char *)"scscf", (char *)"127.0.0.1:9092" } };
	struct ctl_options o = { .domain = (char *)"ims.test", .ops = shared, .ops_count = 2 };
	char name[NODE_NAME_MAX];

	(void)state;
	node_name(&o, "127.0.0.1:5070", name);
	assert_string_equal(name, "127.0.0.1:5070");
}

static void test_the_order_is_that_of_a_request_way(void **state)
{
	(void)state;
	assert_int_equal(node_rank("127.0.0.9:5070"), 0);
	assert_true(node_rank("pcscf") < node_rank("icscf") && node_rank("icscf") < node_rank("scscf2") && node_rank("scscf2") < node_rank("hss"));
	assert_int_equal(node_rank("scscfish"), 0);
}

static void test_what_sender_and_receiver_saw_is_one_message(void **state)
{
	struct messages m = { 0 };

	(void)state;
	add(&m, "pcscf", told(10, "pcscf", "127.0.0.13:5060", 1, ""));
	add(&m, "scscf", told(11, "127.0.0.11:40000", "scscf", 1, "=40000;received=127.0.0.11"));
	messages_merge(&m);
	assert_int_equal(m.count, 1);
	assert_string_equal(m.item[0].from, "pcscf");
	assert_string_equal(m.item[0].to, "scscf");
	assert_true(m.item[0].time_ns == 10000000);
	messages_free(&m);
}

static void test_a_retransmission_stays_a_message_of_its_own(void **state)
{
	struct messages m = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		add(&m, "pcscf", told(10 + (uint64_t)i * 500, "pcscf", "scscf", 1, ""));
		add(&m, "scscf", told(11 + (uint64_t)i * 500, "pcscf", "scscf", 1, ""));
	}
	messages_merge(&m);
	assert_int_equal(m.count, 2);
	assert_true(m.item[1].time_ns == 510000000);
	messages_free(&m);
}

static void test_two_transactions_of_a_call_stay_two_messages(void **state)
{
	struct messages m = { 0 };

	(void)state;
	add(&m, "pcscf", told(10, "pcscf", "scscf", 1, ""));
	add(&m, "scscf", told(11, "pcscf", "scscf", 2, ""));
	messages_merge(&m);
	assert_int_equal(m.count, 2);
	messages_free(&m);
}

static void test_what_one_daemon_tells_twice_is_there_once(void **state)
{
	struct messages m = { 0 };

	(void)state;
	add(&m, "pcscf", told(10, "127.0.0.9:5070", "pcscf", 1, ""));
	add(&m, "pcscf", told(10, "127.0.0.9:5070", "pcscf", 1, ""));
	assert_int_equal(m.count, 1);
	messages_free(&m);
}

/* A UAR and its UAA: end-to-end identifier 0x11223344. */
static json_t *told_diameter(uint64_t ms, const char *from, const char *to, bool request, const char *end_to_end)
{
	char hex[64];

	snprintf(hex, sizeof hex, "01000014%s00%s0100000000000001%s", request ? "c0" : "40", "012c", end_to_end);
	return json_pack("[{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}]", "time_ns", (json_int_t)(ms * 1000000), "from", from, "to", to, "protocol",
			 "diameter", "summary", request ? "UAR" : "UAA 2001", "encoding", "hex", "message", hex, "id", "icid", "call_id", "");
}

static void test_diameter_is_known_by_its_end_to_end_identifier(void **state)
{
	struct messages m = { 0 };

	(void)state;
	add(&m, "scscf", told_diameter(1, "scscf", "hss.ims.test", true, "11223344"));
	add(&m, "hss", told_diameter(2, "scscf.ims.test", "hss", true, "11223344"));
	add(&m, "hss", told_diameter(3, "hss", "scscf", false, "11223344"));
	add(&m, "scscf", told_diameter(4, "hss", "scscf", false, "11223344"));
	add(&m, "scscf", told_diameter(5, "scscf", "hss", true, "11223345"));
	messages_merge(&m);
	assert_int_equal(m.count, 3);
	assert_int_equal(m.item[0].bytes.len, 20);
	assert_int_equal(m.item[0].bytes.data[16], 0x11);
	messages_free(&m);
}

static void test_headers_are_found_by_name_and_compact_name(void **state)
{
	static const char text[] = "SIP/2.0 200 OK\r\ni : c7 \r\nFrom:  <sip:a@x>\r\n\r\nTo: not a header";
	struct bytes m = { (const uint8_t *)text, sizeof text - 1 };
	char value[64];

	(void)state;
	assert_true(sip_header(m, "Call-ID", "i", value, sizeof value));
	assert_string_equal(value, "c7");
	assert_true(sip_header(m, "from", "f", value, sizeof value));
	assert_string_equal(value, "<sip:a@x>");
	assert_false(sip_header(m, "To", "t", value, sizeof value));
	assert_true(sip_is_response(m));
}

static void test_rubbish_is_a_message_too(void **state)
{
	struct messages m = { 0 };

	(void)state;
	add(&m, "pcscf", json_pack("[{s:s}, {s:s, s:s, s:s}]", "from", "x", "protocol", "diameter", "encoding", "hex", "message", "zz0"));
	messages_merge(&m);
	assert_int_equal(m.count, 2);
	messages_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes_are_named_by_instance_domain_name_or_address),
		cmocka_unit_test(test_an_address_that_two_daemons_share_names_neither),
		cmocka_unit_test(test_the_order_is_that_of_a_request_way),
		cmocka_unit_test(test_what_sender_and_receiver_saw_is_one_message),
		cmocka_unit_test(test_a_retransmission_stays_a_message_of_its_own),
		cmocka_unit_test(test_two_transactions_of_a_call_stay_two_messages),
		cmocka_unit_test(test_what_one_daemon_tells_twice_is_there_once),
		cmocka_unit_test(test_diameter_is_known_by_its_end_to_end_identifier),
		cmocka_unit_test(test_headers_are_found_by_name_and_compact_name),
		cmocka_unit_test(test_rubbish_is_a_message_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
