// SPDX-License-Identifier: Apache-2.0
/* Registered users at the P-CSCF: found by flow, identity and contact, and known again after a death. [TS 24.229 5.2.2] */
// with: pcscf/binding.c
// with: pcscf/index.c
// with: pcscf/record.c
#include "pcscf/binding.h"
#include "pcscf/record.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char directory[64];
static struct keep *keep;
static struct bindings *t;

/* flows, played */
struct flow { int references; char name[64]; };
struct flow *flow_ref(struct flow *f) { f->references++; return f; }
void flow_free(struct flow *f) { if (f && !--f->references) free(f); }
const char *flow_name(const struct flow *f) { return f->name; }
struct flow *flow_parse(struct sip_agent *a, const char *name)
{
	struct flow *f = calloc(1, sizeof *f);

	(void)a;
	f->references = 1;
	snprintf(f->name, sizeof f->name, "%s", name);
	return f;
}

static struct binding_data alice(uint64_t id, const char *flow)
{
	return (struct binding_data){ .id = id, .expires_ms = clock_wall_ns() / 1000000 + 60000, .flow_name = flow,
				      .private_identity = "alice@ims.test", .public_identity = "sip:alice@ims.test",
				      .contacts = "sip:alice@10.0.0.1:5070 sip:alice@10.0.0.1:5071", .service_route = "<sip:t@scscf;lr>",
				      .identities = { "sip:alice@ims.test", "tel:+15550001" }, .identity_count = 2 };
}

static struct binding *put(const struct binding_data *d)
{
	struct flow *f = flow_parse(NULL, d->flow_name);
	struct binding *b = NULL;

	assert_int_equal(binding_store(t, d, f, &b), 0);
	flow_free(f);
	return b;
}

static int setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof directory, "/tmp/minims-pcscf-XXXXXX");
	if (!mkdtemp(directory) || keep_open(directory, 4 << 20, &keep))
		return -1;
	t = bindings_new(keep);
	return t ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	bindings_free(t);
	keep_close(keep);
	snprintf(command, sizeof command, "rm -rf %s", directory);
	return system(command);
}

static void restart(void)
{
	bindings_free(t);
	keep_close(keep);
	assert_int_equal(keep_open(directory, 4 << 20, &keep), 0);
	t = bindings_new(keep);
	assert_non_null(t);
	assert_int_equal(bindings_load(t), 0);
}

static void test_a_user_is_found_by_number_flow_identity_and_contact(void **state)
{
	struct binding_data d = alice(7, "udp 10.0.0.1:5070");
	struct binding *b = put(&d);

	(void)state;
	assert_ptr_equal(binding_by_id(t, 7), b);
	assert_ptr_equal(binding_first(t, "udp 10.0.0.1:5070"), b);
	assert_ptr_equal(binding_first(t, "tel:+15550001"), b);
	assert_ptr_equal(binding_by_contact(t, "sip:alice@ims.test", "sip:alice@10.0.0.1:5071"), b);
	assert_null(binding_by_contact(t, "sip:alice@ims.test", "sip:alice@10.0.0.1:507"));
	assert_null(binding_by_contact(t, "tel:+15550001", "sip:alice@10.0.0.1:5070"));
	assert_null(binding_first(t, "udp 10.0.0.1:5071"));
	assert_null(binding_by_id(t, 8));
}

static void test_many_users_share_a_flow(void **state)
{
	struct binding_data a = alice(1, "udp 10.0.0.1:5070"), b = alice(2, "udp 10.0.0.1:5070");
	struct binding *first, *second;

	(void)state;
	b.identities[0] = "sip:bob@ims.test", b.identity_count = 1, b.public_identity = "sip:bob@ims.test";
	first = put(&a);
	second = put(&b);
	assert_ptr_equal(binding_first(t, "udp 10.0.0.1:5070"), second);
	assert_ptr_equal(binding_next(t, "udp 10.0.0.1:5070", second), first);
	assert_null(binding_next(t, "udp 10.0.0.1:5070", first));
	assert_null(binding_next(t, "tel:+15550001", second));
	assert_ptr_equal(binding_first(t, "sip:bob@ims.test"), second);
	binding_remove(t, second);
	assert_ptr_equal(binding_first(t, "udp 10.0.0.1:5070"), first);
	assert_null(binding_first(t, "sip:bob@ims.test"));
}

static void test_a_refresh_replaces_what_was_said_before(void **state)
{
	struct binding_data d = alice(7, "tcp 10.0.0.1:40000");

	(void)state;
	put(&d);
	d.flow_name = "tcp 10.0.0.1:40001", d.identity_count = 1;
	put(&d);
	assert_int_equal(bindings_count(t), 1);
	assert_null(binding_first(t, "tcp 10.0.0.1:40000"));
	assert_null(binding_first(t, "tel:+15550001"));
	assert_string_equal(flow_name(binding_flow(NULL, binding_by_id(t, 7))), "tcp 10.0.0.1:40001");
}

static void test_a_barred_identity_finds_its_user_and_is_none_of_his(void **state)
{
	struct binding_data d = alice(7, "udp 10.0.0.1:5070");
	struct binding *b;

	(void)state;
	d.public_identity = "sip:001010000000001@ims.test";
	b = put(&d);
	assert_ptr_equal(binding_by_contact(t, d.public_identity, "sip:alice@10.0.0.1:5070"), b);
	assert_false(binding_has_identity(b, d.public_identity));
}

static void test_users_are_known_after_a_death(void **state)
{
	struct binding_data d = alice(7, "udp 10.0.0.1:5070"), gone = alice(8, "udp 10.0.0.1:5070"), old = alice(9, "udp 10.0.0.2:5070");
	struct binding *b;

	(void)state;
	put(&d);
	binding_remove(t, put(&gone));
	old.expires_ms = 1;
	put(&old);
	restart();
	assert_int_equal(bindings_count(t), 1);
	b = binding_by_id(t, 7);
	assert_non_null(b);
	assert_string_equal(b->data.service_route, "<sip:t@scscf;lr>");
	assert_string_equal(b->data.private_identity, "alice@ims.test");
	assert_true(binding_has_identity(b, "tel:+15550001"));
	assert_ptr_equal(binding_first(t, "udp 10.0.0.1:5070"), b);
	assert_string_equal(flow_name(binding_flow(NULL, b)), "udp 10.0.0.1:5070");
}

static void test_a_moved_user_is_known_at_the_new_flow_after_a_death(void **state)
{
	struct binding_data d = alice(7, "tcp 10.0.0.1:40000");
	struct flow *f = flow_parse(NULL, "tcp 10.0.0.1:41000");

	(void)state;
	assert_int_equal(binding_move(t, put(&d), f), 0);
	flow_free(f);
	restart();
	assert_non_null(binding_first(t, "tcp 10.0.0.1:41000"));
	assert_null(binding_first(t, "tcp 10.0.0.1:40000"));
}

static void test_who_ran_out_is_not_found_and_goes(void **state)
{
	struct binding_data d = alice(7, "udp 10.0.0.1:5070");

	(void)state;
	d.expires_ms = clock_wall_ns() / 1000000;
	put(&d);
	assert_null(binding_by_id(t, 7));
	assert_null(binding_first(t, "sip:alice@ims.test"));
	assert_int_equal(bindings_expire(t, clock_wall_ns() / 1000000), 1);
	assert_int_equal(bindings_count(t), 0);
}

static void test_a_field_with_a_line_break_is_refused(void **state)
{
	struct binding_data d = alice(7, "udp 10.0.0.1:5070");
	struct binding *b = NULL;

	(void)state;
	d.private_identity = "alice\n7";
	assert_int_equal(binding_store(t, &d, NULL, &b), -EINVAL);
	assert_null(b);
}

static void test_a_broken_record_is_told(void **state)
{
	static const char *const broken[] = { "", "2\n7\n1\n0\nf\na\nb\nc\nd\ne", "1\nx\n1\n0\nf\na\nb\nc\nd\ne", "1\n7\n1\n0\nf\na\nb\nc\nd",
					      "1\n0\n1\n0\nf\na\nb\nc\nd\ne", "1\n7" };
	struct binding_data d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		char *text = strdup(broken[i]);

		assert_int_equal(record_read(text, &d), -EBADMSG);
		free(text);
	}
}

#define TEST(_test) cmocka_unit_test_setup_teardown(_test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_user_is_found_by_number_flow_identity_and_contact),
		TEST(test_many_users_share_a_flow),
		TEST(test_a_refresh_replaces_what_was_said_before),
		TEST(test_a_barred_identity_finds_its_user_and_is_none_of_his),
		TEST(test_users_are_known_after_a_death),
		TEST(test_a_moved_user_is_known_at_the_new_flow_after_a_death),
		TEST(test_who_ran_out_is_not_found_and_goes),
		TEST(test_a_field_with_a_line_break_is_refused),
		TEST(test_a_broken_record_is_told),
	};

	return cmocka_run_group_tests_name("pcscf binding", tests, NULL, NULL);
}
