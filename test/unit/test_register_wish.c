// SPDX-License-Identifier: Apache-2.0
/* A REGISTER read into plain structs. [RFC 3261 10.2, RFC 5626 4.2] */
// with: scscf/register_wish.c
// with: scscf/challenge.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/sip/unread.h"
#include "scscf/registration.h"
#include <sofia-sip/sip_header.h>
#include <stdio.h>
#include <string.h>

/* What of the engine the reader needs: a message and a home. */
struct request {
	struct sip_message message;
};

const struct sip_message *request_peek(const struct request *r)
{
	return &r->message;
}

su_home_t *request_home(struct request *r)
{
	return r->message.home;
}

#define HEAD "REGISTER sip:ims.test SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@ims.test>;tag=1\r\n" \
	"To: <sip:a@ims.test>\r\nCall-ID: c1\r\nCSeq: 7 REGISTER\r\n"

static int read_message(const char *headers, struct registration *g, struct request *r)
{
	char text[2048];

	snprintf(text, sizeof text, HEAD "%s\r\n", headers);
	r->message.msg = msg_make(sip_default_mclass(), 0, text, (ssize_t)strlen(text));
	assert_non_null(r->message.msg);
	r->message.sip = sip_object(r->message.msg);
	r->message.home = msg_home(r->message.msg);
	*g = (struct registration){ .impi = "a@ims.test" };
	registration_read_credentials(r, g);
	return registration_read_wish(r, g);
}

static void test_contacts_carry_their_parameters_but_expires(void **state)
{
	struct registration g;
	struct request r;

	(void)state;
	assert_int_equal(read_message("Contact: \"A\" <sip:a@Host:5070;transport=UDP>;q=0.25;expires=120;reg-id=2;+sip.instance=\"<urn:uuid:1>\"\r\n"
			      "Contact: <sip:a@host2>\r\nExpires: 300\r\nPath: <sip:t1@p1;lr>\r\nPath: <sip:p2;lr>\r\n", &g, &r), 0);
	assert_int_equal(g.wish.count, 2);
	assert_int_equal(g.wish.contacts[0].expires_s, 120);
	assert_int_equal(g.wish.contacts[0].q, 250);
	assert_int_equal(g.wish.contacts[0].reg_id, 2);
	assert_string_equal(g.wish.contacts[0].instance, "<urn:uuid:1>");
	assert_string_equal(g.wish.contacts[0].uri, "sip:a@Host:5070;transport=UDP");
	assert_string_equal(g.wish.contacts[0].key, "sip:a@host:5070;");
	assert_string_equal(g.wish.contacts[0].contact,
			    "<sip:a@Host:5070;transport=UDP>;q=0.25;reg-id=2;+sip.instance=\"<urn:uuid:1>\"");
	assert_int_equal(g.wish.contacts[1].expires_s, -1);
	assert_int_equal(g.wish.contacts[1].q, 1000);
	assert_int_equal(g.wish.expires_s, 300);
	assert_int_equal(g.wish.cseq, 7);
	assert_string_equal(g.wish.call_id, "c1");
	assert_string_equal(g.wish.path, "<sip:t1@p1;lr>, <sip:p2;lr>");
	msg_destroy(r.message.msg);
}

static void test_a_star_is_a_star_and_a_tel_contact_none(void **state)
{
	struct registration g;
	struct request r;

	(void)state;
	assert_int_equal(read_message("Contact: *\r\nExpires: 0\r\n", &g, &r), 0);
	assert_true(g.wish.star);
	assert_int_equal(g.wish.count, 0);
	assert_null(g.wish.path);
	msg_destroy(r.message.msg);
	assert_int_equal(read_message("Contact: <tel:+1>\r\n", &g, &r), -EINVAL);
	msg_destroy(r.message.msg);
}

static void test_credentials_lose_their_quotes(void **state)
{
	struct registration g;
	struct request r;

	(void)state;
	assert_int_equal(read_message("Authorization: Digest username=\"a@ims.test\", realm=\"ims.test\", nonce=\"n==\", uri=\"sip:ims.test\", "
			      "response=\"0a\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c\", integrity-protected=\"ip-assoc-yes\"\r\n",
			      &g, &r), 0);
	assert_string_equal(g.credentials.username, "a@ims.test");
	assert_string_equal(g.credentials.nonce, "n==");
	assert_string_equal(g.credentials.qop, "auth");
	assert_string_equal(g.credentials.nc, "00000001");
	assert_int_equal(g.protection, PROTECTION_DIGEST);
	assert_null(g.credentials.auts);
	msg_destroy(r.message.msg);
	assert_int_equal(read_message("", &g, &r), 0);
	assert_null(g.credentials.username);
	msg_destroy(r.message.msg);
}

static void test_a_path_that_cannot_be_routed_by_is_refused(void **state)
{
	struct registration g;
	struct request r;

	(void)state;
	assert_int_equal(read_message("Contact: <sip:a@h>\r\nPath: <sip:p1;lr>, <sip\r\n", &g, &r), -EINVAL);
	msg_destroy(r.message.msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contacts_carry_their_parameters_but_expires),
		cmocka_unit_test(test_a_star_is_a_star_and_a_tel_contact_none),
		cmocka_unit_test(test_credentials_lose_their_quotes),
		cmocka_unit_test(test_a_path_that_cannot_be_routed_by_is_refused),
	};

	unread_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
