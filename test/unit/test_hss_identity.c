// SPDX-License-Identifier: Apache-2.0
/* The HSS writes an identity as the CSCFs ask for it; restoration information comes back as it was. [TS 29.228 7.2, TS 23.380] */
// with: hss/uri.c hss/restoration.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/restoration.h"
#include "hss/uri.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

static void test_one_identity_has_one_form(void **state)
{
	static const char *const forms[][2] = {
		{ "sip:alice@ims.test", "sip:alice@ims.test" },
		{ "SIP:alice@IMS.Test:5060", "sip:alice@ims.test" },
		{ "sips:alice@ims.test", "sip:alice@ims.test" },
		{ "sip:%61lice@ims.test;transport=tcp", "sip:alice@ims.test" },
		{ "sip:Alice@ims.test", "sip:Alice@ims.test" },
		{ "sip:+1-555-0001@ims.test;user=phone", "sip:+15550001@ims.test" },
		{ "tel:+1-555.00(01)", "tel:+15550001" },
		{ "TEL:+15550001;ext=3", "tel:+15550001" },
		{ "sip:ims.test", "sip:ims.test" },
		{ "sip:room!.*!@ims.test", "sip:room!.*!@ims.test" },
		{ "sip:alice@[2001:DB8::1]:5070", "sip:alice@[2001:db8::1]:5070" },
	};
	char out[IMPU_MAX], again[IMPU_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (impu_canonical(forms[i][0], out))
			fail_msg("%s is refused", forms[i][0]);
		assert_string_equal(out, forms[i][1]);
		assert_int_equal(impu_canonical(out, again), 0);
		assert_string_equal(again, out);
	}
}

static void test_what_is_no_identity_is_refused(void **state)
{
	static const char *const wrong[] = { "", "alice", "alice@ims.test", "mailto:alice@ims.test", "sip:", "sip:@ims.test", "sip:alice@", "tel:",
					     "tel:+", "tel:alice", "sip:a b@ims.test", "sip:a@ims test", "sip:a\n@ims.test", "sip:a\x01@ims.test",
					     "sip:\xff@ims.test", "<sip:alice@ims.test>", "sip:\"a\"@ims.test", "sip:alice@ims!test" };
	char out[IMPU_MAX], *longest = malloc(400);

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (!impu_canonical(wrong[i], out))
			fail_msg("'%s' became %s", wrong[i], out);
	snprintf(longest, 400, "sip:%0300d@ims.test", 7);
	assert_int_equal(impu_canonical(longest, out), -EINVAL);
	free(longest);
}

static void test_restoration_information_comes_back(void **state)
{
	const struct cx_restoration in = { .private_identity = "alice@ims.test", .time_out_s = 1800000000, .scheme = "SIP Digest", .count = 2, .contacts = {
		{ .path = "<sip:\"x\"@pcscf.ims.test;lr>", .contact = "<sip:a@127.0.0.1>;q=0.5;+sip.instance=\"<urn:uuid:1>\"",
		  .call_id_sip_header = "a\\b@c", .initial_cseq = "4294967295" },
		{ .path = "<sip:p2>", .contact = "<sip:b>", .has_subscription = true, .has_pcscf_subscription = true,
		  .subscription = { .call_id = "c1", .from = "<sip:f>;tag=1", .to = "<sip:t>;tag=2", .record_route = "<sip:r;lr>", .contact = "<sip:x>" },
		  .pcscf_subscription = { .call_id = "c2", .from = "<sip:g>", .to = "<sip:u>", .contact = "<sip:y>" } } } };
	const struct cx_restoration latin = { .private_identity = "x", .count = 1, .contacts = { { .path = "<sip:p>", .contact = "\"\xe9\" <sip:b>" } } };
	struct cx_restoration out;
	struct obstack pool;

	(void)state;
	obstack_init(&pool);
	assert_int_equal(restoration_parse(restoration_text(&in, &pool), in.private_identity, &pool, &out), 0);
	assert_int_equal(out.count, 2);
	assert_int_equal(out.time_out_s, 1800000000);
	assert_string_equal(out.scheme, "SIP Digest");
	assert_false(out.contacts[0].has_subscription || out.contacts[0].has_pcscf_subscription);
	assert_true(out.contacts[1].has_subscription && out.contacts[1].has_pcscf_subscription);
	assert_string_equal(out.contacts[1].subscription.record_route, "<sip:r;lr>");
	assert_string_equal(out.contacts[1].subscription.to, "<sip:t>;tag=2");
	assert_string_equal(out.contacts[1].pcscf_subscription.contact, "<sip:y>");
	assert_null(out.contacts[1].pcscf_subscription.record_route);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(out.contacts[i].path, in.contacts[i].path);
		assert_string_equal(out.contacts[i].contact, in.contacts[i].contact);
	}
	assert_string_equal(out.contacts[0].call_id_sip_header, in.contacts[0].call_id_sip_header);
	assert_string_equal(out.contacts[0].initial_cseq, in.contacts[0].initial_cseq);
	assert_null(out.contacts[1].call_id_sip_header);
	assert_null(out.contacts[1].initial_cseq);
	assert_null(restoration_text(&latin, &pool)); /* SIP is UTF-8 */
	assert_int_equal(restoration_parse("{", "x", &pool, &out), -EBADMSG);
	obstack_free(&pool, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_identity_has_one_form),
		cmocka_unit_test(test_what_is_no_identity_is_refused),
		cmocka_unit_test(test_restoration_information_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
