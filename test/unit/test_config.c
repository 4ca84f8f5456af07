// SPDX-License-Identifier: Apache-2.0
/* What a mistake in a configuration file brings: the file, the line, the key and the reason. */
#include "common/config.h"
#include "common/options.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct toy {
	struct base_options base;
	struct sip_options sip;
	struct trust_options trust;
	struct mw_options mw;
	struct diameter_group diameter;
	bool loud;
};

static const cyaml_schema_field_t fields[] = {
	BASE_OPTION_FIELDS(struct toy, base),
	OPTION_GROUP("sip", struct toy, sip, sip_option_fields),
	OPTION_GROUP("trust", struct toy, trust, trust_option_fields),
	OPTION_GROUP("mw", struct toy, mw, mw_option_fields),
	OPTION_GROUP("diameter", struct toy, diameter, diameter_option_fields),
	OPTION_BOOL("loud", struct toy, loud),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct toy, fields) };

static void defaults(void *options)
{
	struct toy *o = options;

	base_options_defaults(&o->base, "toy", mw_options_listen(&o->mw));
	sip_options_defaults(&o->base, &o->sip, &o->trust, &o->mw);
	diameter_group_defaults(&o->base, &o->diameter, mw_options_listen(&o->mw));
}

static int check(const void *options, char *key, size_t key_size, char *why, size_t why_size)
{
	const struct option_error e = { key, why, key_size, why_size };
	const struct toy *o = options;
	int err = base_options_check(&o->base, &e);

	if (!err)
		err = sip_options_check(&o->base, &o->sip, &o->trust, &o->mw, &e);
	return err ? err : diameter_group_check(&o->base, &o->diameter, &e);
}

static const struct config_schema schema = { &value, defaults, check };

static char path[] = "/tmp/minims-config-XXXXXX";
static char errors[] = "/tmp/minims-errors-XXXXXX";

/* Loads `text`; what it complained about without the path, "" when nothing. */
static const char *complaint(const char *text, struct toy **out)
{
	static char said[1024];
	int saved = dup(STDERR_FILENO), fd;
	FILE *f = fopen(path, "w");
	void *options = NULL;
	ssize_t n;
	int err;

	fputs(text, f);
	fclose(f);
	fd = open(errors, O_RDWR | O_TRUNC);
	dup2(fd, STDERR_FILENO);
	err = config_load(path, &schema, &options);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, said, sizeof said - 1, 0);
	said[n < 0 ? 0 : n] = 0;
	close(fd);
	assert_int_equal(err, *said ? -EINVAL : 0);
	if (out)
		*out = options;
	else
		config_free(&schema, options);
	if (!*said)
		return said;
	assert_memory_equal(said, path, strlen(path));
	return said + strlen(path);
}

#define GOOD "domain: ims.test\nmw:\n  udp: 127.0.0.12:5060\n"

static void test_a_short_file_is_enough(void **state)
{
	struct toy *o;

	(void)state;
	assert_string_equal(complaint(GOOD, &o), "");
	assert_string_equal(o->base.instance, "toy");
	assert_string_equal(o->base.ops.address, "127.0.0.12:9090");
	assert_string_equal(o->base.ops.allow[0], "127.0.0.0/8");
	assert_string_equal(o->base.state, "/var/lib/minims/toy");
	assert_string_equal(o->base.tls.minimum, "1.2");
	assert_string_equal(o->sip.name, "toy.ims.test");
	assert_string_equal(o->trust.names[0], ".ims.test");
	assert_string_equal(o->mw.transport, "udp");
	assert_string_equal(o->diameter.identity, "toy.ims.test");
	assert_string_equal(o->diameter.address, "127.0.0.12");
	assert_int_equal(o->diameter.port, 3868);
	assert_int_equal(o->diameter.tls_port, 0);
	assert_int_equal(o->base.drain_s, 30);
	config_free(&schema, o);
}

static void test_what_the_file_says_wins(void **state)
{
	struct toy *o;

	(void)state;
	assert_string_equal(complaint(GOOD "instance: toy2\nloud: true\ndrain_s: 3\nops: {address: '[::1]:99', allow: [10.0.0.0/8, '::1']}\n"
				      "diameter: {peers: [{identity: hss.ims.test, address: 127.0.0.14}]}\n", &o), "");
	assert_string_equal(o->base.instance, "toy2");
	assert_string_equal(o->diameter.identity, "toy2.ims.test");
	assert_true(o->loud);
	assert_int_equal(o->base.drain_s, 3);
	assert_int_equal(o->base.ops.allow_count, 2);
	assert_int_equal(o->diameter.peers[0].port, 3868);
	assert_int_equal(o->diameter.peers[0].tls, OPTION_NO);
	config_free(&schema, o);
}

static void test_an_unknown_key_is_named_with_its_line(void **state)
{
	(void)state;
	assert_string_equal(complaint(GOOD "colour: red\n", NULL), ":4: colour: unknown key\n");
	assert_string_equal(complaint(GOOD "ops:\n  allow: []\n  alow: []\n", NULL), ":6: ops.alow: unknown key\n");
	assert_string_equal(complaint(GOOD "diameter:\n  peers:\n    - identity: a\n    - adress: b\n", NULL),
			    ":7: diameter.peers[1].adress: unknown key\n");
}

static void test_a_wrong_type_is_named_with_its_line(void **state)
{
	(void)state;
	assert_string_equal(complaint(GOOD "drain_s: soon\n", NULL), ":4: drain_s: not a number in range: 'soon'\n");
	assert_string_equal(complaint(GOOD "drain_s: -1\n", NULL), ":4: drain_s: not a number in range: '-1'\n");
	assert_string_equal(complaint(GOOD "ops: here\n", NULL), ":4: ops: a group of keys is expected here\n");
	assert_string_equal(complaint(GOOD "ops:\n  allow: all\n", NULL), ":5: ops.allow: a list is expected here\n");
	assert_string_equal(complaint(GOOD "dns: [a]\n", NULL), ":4: dns: one value is expected here\n");
	assert_non_null(strstr(complaint(GOOD "loud: perhaps\n", NULL), ":4: loud: "));
}

static void test_a_wrong_meaning_is_named_with_its_line(void **state)
{
	(void)state;
	assert_string_equal(complaint("mw:\n  udp: 127.0.0.1:5060\n", NULL), ":1: domain: is needed\n");
	assert_string_equal(complaint("domain: ims.test\nmw:\n  tcp: 1\n  udp: localhost:5060\n", NULL),
			    ":4: mw.udp: not an ADDRESS:PORT like 127.0.0.1:5060: 'localhost:5060'\n");
	assert_string_equal(complaint(GOOD "  transport: sctp\n", NULL), ":4: mw.transport: 'sctp' is none of udp, tcp, tls\n");
	assert_string_equal(complaint(GOOD "  tls: 127.0.0.1:5061\n", NULL), ":4: mw.tls: needs tls.certificate\n");
	assert_string_equal(complaint(GOOD "trust:\n  addresses:\n    - 10.0.0.0/8\n    - 10.0.0.0/33\n", NULL),
			    ":7: trust.addresses[1]: not an address or a range like 10.0.0.0/8: '10.0.0.0/33'\n");
	assert_string_equal(complaint(GOOD "trace: {ring_mb: 5000}\n", NULL), ":4: trace.ring_mb: 5000 is not from 1 to 4096\n");
	assert_string_equal(complaint(GOOD "diameter:\n  watchdog_s: 1\n", NULL), ":5: diameter.watchdog_s: 1 is not from 6 to 3600\n");
	assert_string_equal(complaint(GOOD "diameter:\n  peers: [{identity: hss.ims.test}]\n", NULL),
			    ":5: diameter.peers[0].address: is needed\n");
	assert_string_equal(complaint(GOOD "tls: {certificate: /nowhere}\n", NULL),
			    ":4: tls.certificate: /nowhere: No such file or directory\n");
}

static void test_what_is_no_yaml_is_refused(void **state)
{
	(void)state;
	assert_string_equal(complaint("", NULL), ":1: the file is empty\n");
	assert_string_equal(complaint(GOOD "a: b: c\n", NULL), ":4: not YAML: mapping values are not allowed in this context\n");
	assert_string_equal(complaint(GOOD "domain: other\n", NULL), ":4: domain: stands here twice\n");
	assert_string_equal(complaint("just words\n", NULL), ":1: a group of keys is expected here\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_short_file_is_enough),
		cmocka_unit_test(test_what_the_file_says_wins),
		cmocka_unit_test(test_an_unknown_key_is_named_with_its_line),
		cmocka_unit_test(test_a_wrong_type_is_named_with_its_line),
		cmocka_unit_test(test_a_wrong_meaning_is_named_with_its_line),
		cmocka_unit_test(test_what_is_no_yaml_is_refused),
	};
	int failed;

	close(mkstemp(path));
	close(mkstemp(errors));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	unlink(errors);
	return failed;
}
