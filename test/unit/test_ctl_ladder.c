// SPDX-License-Identifier: Apache-2.0
/* The ladder: who stands where, what an arrow says in the room it has, what the terminal shows; and the picture. */
// with: ctl/ladder.c
// with: ctl/ladder_text.c
// with: ctl/message.c
// with: ctl/message_print.c
// with: ctl/node.c
// with: ctl/output.c
// with: ctl/svg.c
// with: ctl/yaml.c
#include "ctl/ladder.h"
#include <libxml/parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MESSAGES_MAX = 16 };

struct story {
	struct message item[MESSAGES_MAX];
	struct messages all;
};

static void tell(struct story *s, const char *from, const char *to, const char *summary, const char *text)
{
	struct message *m = &s->item[s->all.count];

	*m = (struct message){ .time_ns = 1000000000u + s->all.count * 1500000u, .summary = (char *)(uintptr_t)summary,
			       .protocol = text ? PROTOCOL_SIP : PROTOCOL_DIAMETER, .bytes = { (const uint8_t *)(text ? text : ""), text ? strlen(text) : 0 } };
	strcpy(m->from, from);
	strcpy(m->to, to);
	s->all.item = s->item;
	s->all.count++;
}

#define ALICE "127.0.0.9:5070"
#define BOB "127.0.0.9:5080"
#define INVITE "INVITE sip:bob@ims.test SIP/2.0\r\nFrom: <sip:alice@ims.test>;tag=1\r\nTo: <sip:bob@ims.test>\r\n\r\n"
#define RINGING "SIP/2.0 180 Ringing\r\nf: <sip:alice@ims.test>;tag=1\r\nt: <sip:bob@ims.test>;tag=2\r\n\r\n"

static void tell_call(struct story *s)
{
	tell(s, ALICE, "pcscf", "INVITE", INVITE);
	tell(s, "pcscf", "scscf", "INVITE", INVITE);
	tell(s, "scscf", "icscf", "INVITE", INVITE);
	tell(s, "icscf", "hss", "LIR", NULL);
	tell(s, "hss", "icscf", "LIA 2001", NULL);
	tell(s, "pcscf", BOB, "INVITE", INVITE);
	tell(s, BOB, "pcscf", "180 Ringing (INVITE)", RINGING);
	tell(s, "pcscf", ALICE, "486 Busy Here (INVITE)", RINGING);
}

static void test_phones_stand_left_by_appearance_and_daemons_by_a_request_way(void **state)
{
	static const char *const names[] = { ALICE, BOB, "pcscf", "icscf", "scscf", "hss" };
	static const char *const labels[] = { "alice", "bob", "pcscf", "icscf", "scscf", "hss" };
	struct story s = { 0 };
	struct ladder l;

	(void)state;
	tell_call(&s);
	ladder_plan(&l, &s.all);
	assert_int_equal(l.lane_count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(l.lanes[i].name, names[i]);
		assert_string_equal(l.lanes[i].label, labels[i]);
	}
	assert_int_equal(l.steps[5].from, 2);
	assert_int_equal(l.steps[5].to, 1);
	assert_true(l.steps[2].ms > 2.99 && l.steps[2].ms < 3.01);
	ladder_free(&l);
}

static void test_two_phones_of_a_user_are_told_apart(void **state)
{
	struct story s = { 0 };
	struct ladder l;

	(void)state;
	tell(&s, ALICE, "pcscf", "INVITE", INVITE);
	tell(&s, "127.0.0.9:6000", "pcscf", "INVITE", INVITE);
	ladder_plan(&l, &s.all);
	assert_string_equal(l.lanes[0].label, "alice");
	assert_string_equal(l.lanes[1].label, "alice#2");
	ladder_free(&l);
}

static void test_failures_are_marked_and_challenges_are_none(void **state)
{
	struct story s = { 0 };
	struct ladder l;

	(void)state;
	tell(&s, "pcscf", ALICE, "401 Unauthorized (REGISTER)", "SIP/2.0 401 Unauthorized\r\n\r\n");
	tell(&s, "pcscf", ALICE, "403 Forbidden (REGISTER)", "SIP/2.0 403 Forbidden\r\n\r\n");
	tell(&s, "hss", "icscf", "UAA 5001", NULL);
	tell(&s, "hss", "icscf", "UAA 2001", NULL);
	ladder_plan(&l, &s.all);
	assert_false(l.steps[0].failure);
	assert_true(l.steps[1].failure);
	assert_true(l.steps[2].failure);
	assert_false(l.steps[3].failure);
	ladder_free(&l);
}

static void assert_label(const char *summary, size_t room, const char *want)
{
	struct message m = { .protocol = PROTOCOL_SIP, .summary = (char *)(uintptr_t)summary };
	char label[64];

	ladder_label(&m, room, label, sizeof label);
	assert_string_equal(label, want);
}

static void test_a_label_says_what_it_can_in_its_room(void **state)
{
	(void)state;
	assert_label("200 OK (INVITE)", 20, "200 OK (INVITE)");
	assert_label("200 OK (INVITE)", 10, "200 INVITE");
	assert_label("200 OK (INVITE)", 8, "200 OK");
	assert_label("404 Not Found (INVITE)", 14, "404 Not Found");
	assert_label("404 Not Found (INVITE)", 8, "404");
	assert_label("SUBSCRIBE", 5, "SUBSC");
	assert_label("INV\033[2J", 20, "INV?[2J");
}

/* ---- the terminal ---- */

static char *print(const struct story *s, unsigned width, bool utf8, bool messages)
{
	const struct ladder_look look = { .width = width, .utf8 = utf8, .messages = messages };
	struct ladder l;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ladder_plan(&l, &s->all);
	ladder_print(f, &l, &look);
	fclose(f);
	ladder_free(&l);
	return text;
}

static void test_the_terminal_shows_lanes_arrows_and_times(void **state)
{
	static const char want[] =
		"alice is 127.0.0.9:5070\n"
		"       ms    alice                     pcscf                      hss\n"
		"      0.0      |-INVITE----------------->|                         |\n"
		"      1.5      |                         |=UAR====================>|\n"
		"      3.0      |                         |<=UAA 5001===============|\n"
		"      4.5      |<-180 Ringing (INVITE)---|                         |\n";
	struct story s = { 0 };
	char *text;

	(void)state;
	tell(&s, ALICE, "pcscf", "INVITE", INVITE);
	tell(&s, "pcscf", "hss", "UAR", NULL);
	tell(&s, "hss", "pcscf", "UAA 5001", NULL);
	tell(&s, "pcscf", ALICE, "180 Ringing (INVITE)", RINGING);
	text = print(&s, 100, false, false);
	assert_string_equal(text, want);
	free(text);
}

static size_t longest(const char *text)
{
	size_t most = 0, n = 0;

	for (; *text; text++) {
		n = *text == '\n' ? 0 : n + ((*text & 0xc0) != 0x80);
		most = n > most ? n : most;
	}
	return most;
}

static void test_a_call_of_six_nodes_fits_into_80_columns(void **state)
{
	struct story s = { 0 };
	char *text;

	(void)state;
	tell_call(&s);
	text = print(&s, 80, true, false);
	assert_true(longest(text) <= 80);
	assert_non_null(strstr(text, "│─INVITE"));
	assert_non_null(strstr(text, "═LIR"));
	assert_non_null(strstr(text, "▶│"));
	assert_non_null(strstr(text, "│◀"));
	free(text);
	text = print(&s, 120, true, false);
	assert_true(longest(text) > 80 && longest(text) <= 120);
	free(text);
}

static void test_texts_of_messages_cannot_move_the_cursor(void **state)
{
	struct story s = { 0 };
	char *text;

	(void)state;
	tell(&s, ALICE, "pcscf", "MESSAGE", "MESSAGE sip:b@x SIP/2.0\r\nSubject: \033[2J\xc2\x9b" "1m\r\n\r\nhello");
	text = print(&s, 80, true, true);
	assert_non_null(strstr(text, "hello"));
	assert_null(strchr(text, 033));
	assert_null(strstr(text, "\xc2\x9b"));
	free(text);
}

/* ---- the picture ---- */

static void test_the_picture_is_xml_whatever_the_messages_hold(void **state)
{
	struct story s = { 0 };
	struct ladder l;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	xmlDoc *doc;

	(void)state;
	tell_call(&s);
	tell(&s, ALICE, "pcscf", "MESSAGE", "MESSAGE sip:b@x SIP/2.0\r\nSubject: <&\">\x01\xff\xc0\x80\xed\xa0\x80 gr\xc3\xbc\xc3\x9f\r\n\r\n");
	ladder_plan(&l, &s.all);
	svg_write(f, &l, "Trace of <alice> & bob");
	fclose(f);
	doc = xmlReadMemory(text, (int)size, "ladder.svg", NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
	assert_non_null(doc);
	assert_non_null(strstr(text, "Trace of &lt;alice&gt; &amp; bob"));
	assert_non_null(strstr(text, "gr\xc3\xbc\xc3\x9f"));
	assert_non_null(strstr(text, "LIA 2001"));
	xmlFreeDoc(doc);
	ladder_free(&l);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phones_stand_left_by_appearance_and_daemons_by_a_request_way),
		cmocka_unit_test(test_two_phones_of_a_user_are_told_apart),
		cmocka_unit_test(test_failures_are_marked_and_challenges_are_none),
		cmocka_unit_test(test_a_label_says_what_it_can_in_its_room),
		cmocka_unit_test(test_the_terminal_shows_lanes_arrows_and_times),
		cmocka_unit_test(test_a_call_of_six_nodes_fits_into_80_columns),
		cmocka_unit_test(test_texts_of_messages_cannot_move_the_cursor),
		cmocka_unit_test(test_the_picture_is_xml_whatever_the_messages_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
