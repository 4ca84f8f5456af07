// SPDX-License-Identifier: Apache-2.0
/* Which HSS has a user: names, wildcards, domains, and who comes first. [TS 23.228 5.8.1, TS 23.003 13.5] */
// with: hss/slf_route.c hss/wildcard.c hss/uri.c hss/store/*.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/slf.h"
#include "hss/wildcard.h"
#include "hss_store.h"

static struct store *store;
static struct obstack pool;

static const char *kind_of(const char *text)
{
	static char name[SLF_NAME_MAX], prefix[SLF_NAME_MAX];
	static struct slf_row row;

	return slf_name(text, name, prefix, &row) ? NULL : row.kind;
}

static void put(const char *text, const char *hss)
{
	char name[SLF_NAME_MAX], prefix[SLF_NAME_MAX];
	struct slf_row row;

	assert_int_equal(slf_name(text, name, prefix, &row), 0);
	row.hss = hss;
	assert_int_equal(store_slf_put(store, &row), 0);
}

static const char *find(const char *public_identity, const char *private_identity)
{
	const char *hss;
	int err = slf_find(store, &pool, public_identity, private_identity, &hss);

	assert_true(!err || err == -ENOENT);
	return err ? "nobody" : hss;
}

static void names_tell_what_they_are(void **state)
{
	(void)state;
	assert_string_equal(kind_of("sip:alice@ims.test"), "identity");
	assert_string_equal(kind_of("tel:+15550001"), "identity");
	assert_string_equal(kind_of("alice@ims.test"), "identity");
	assert_string_equal(kind_of("sip:list!.*!@ims.test"), "wildcard");
	assert_string_equal(kind_of("user!.*!@ims.test"), "wildcard");
	assert_string_equal(kind_of("ims.test"), "domain");
	assert_string_equal(kind_of(".ims.test"), "domain");
	static const char *const none[] = { "", ".", "a b", "ims..test", "ims.test.", "sip:", "list!.*!", "sip:list!@ims.test",
					    "sip:list!!@ims.test", "sip:list!(!@ims.test", "sip:list!a{2,1}!", "-/", "ims_test" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_null(kind_of(none[i]));
}

static void wildcards_match_whole_identities(void **state)
{
	(void)state;
	assert_true(wildcard_matches("sip:chatlist!.*!@ims.test", "sip:chatlist1@ims.test"));
	assert_true(wildcard_matches("sip:chatlist!.*!@ims.test", "sip:chatlist@ims.test"));
	assert_false(wildcard_matches("sip:chatlist!.*!@ims.test", "sip:chatlist1@imsxtest"));
	assert_false(wildcard_matches("sip:chatlist!.*!@ims.test", "xsip:chatlist1@ims.test"));
	assert_false(wildcard_matches("sip:chatlist!.*!@ims.test", "sip:chatlist1@ims.test.org"));
	assert_true(wildcard_matches("tel:+1555!(0|1)[0-9]{3}!", "tel:+15551234"));
	assert_false(wildcard_matches("tel:+1555!(0|1)[0-9]{3}!", "tel:+15552234"));
	assert_true(wildcard_matches("sip:a!x|y!b@ims.test", "sip:ayb@ims.test"));
	assert_false(wildcard_matches("sip:a!x|y!b@ims.test", "sip:ax"));
	assert_true(wildcard_matches("sip:a![!]!b@ims.test", "sip:a!b@ims.test")); /* the outermost pair */
}

static void a_runaway_expression_ends(void **state)
{
	char identity[160];
	uint64_t began = clock_ns();

	(void)state;
	memset(identity, 'a', sizeof identity);
	memcpy(identity, "sip:", 4);
	strcpy(identity + 140, "@ims.test");
	for (int i = 0; i < 50; i++)
		assert_false(wildcard_matches("sip:!(a+)+b!@ims.test", identity));
	assert_true(clock_ns() - began < 2000000000u);
}

static void the_most_particular_comes_first(void **state)
{
	(void)state;
	assert_string_equal(find("sip:alice@ims.test", "alice@ims.test"), "nobody");
	put(".test", "of-test");
	assert_string_equal(find("sip:alice@ims.test", NULL), "of-test");
	assert_string_equal(find(NULL, "alice@a.b.test"), "of-test");
	put("IMS.test", "of-ims");
	assert_string_equal(find("sip:alice@ims.test", NULL), "of-ims");
	assert_string_equal(find("sip:alice@x.ims.test", NULL), "of-test");
	assert_string_equal(find("sip:alice@IMS.test:5060;user=phone", NULL), "of-ims");
	put("sip:al!.*!@ims.test", "wild");
	put("sip:ali!.*!@IMS.TEST", "wilder");
	assert_string_equal(find("sip:albert@ims.test", NULL), "wild");
	assert_string_equal(find("sip:alice@ims.test", NULL), "wilder"); /* the longer beginning */
	put("ali!.*!@ims.test", "private wild");
	assert_string_equal(find("sip:alice@ims.test", "alice@ims.test"), "wilder");
	assert_string_equal(find(NULL, "alice@ims.test"), "private wild");
	put("alice@ims.test", "private");
	assert_string_equal(find("sip:alice@ims.test", "alice@ims.test"), "private");
	put("SIP:alice@IMS.test", "public");
	assert_string_equal(find("sip:alice@ims.test", "alice@ims.test"), "public");
	assert_string_equal(find(NULL, "alice@ims.test"), "private");
}

static void numbers_have_no_domain(void **state)
{
	(void)state;
	assert_string_equal(find("tel:+15550001", NULL), "nobody");
	assert_string_equal(find("tel:+15550001", "bob@ims.test"), "of-ims");
	put("tel:+1-555!.*!", "block");
	assert_string_equal(find("tel:+15550001", NULL), "nobody"); /* an expression and what is before it stand as they are */
	put("tel:+1555!.*!", "block");
	assert_string_equal(find("tel:+1-555-0001", NULL), "block");
}

static void hosts_are_identities_or_uris(void **state)
{
	static const char *const good[] = { "hss1.ims.test", "aaa://hss1.ims.test", "aaas://HSS1.ims.test:5868;transport=tcp", "hss" };
	static const char *const bad[] = { "", "hss1.ims.test:3868", "aaa://", "http://hss", ".ims.test", "a b", "aaa://a/b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(slf_host_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(slf_host_valid(bad[i]));
}

static int setup(void **state)
{
	if (make_store_dir(state))
		return -1;
	obstack_init(&pool);
	store = open_store(true);
	return store_begin(store);
}

static int teardown(void **state)
{
	store_rollback(store);
	store_close(store);
	obstack_free(&pool, NULL);
	wildcard_forget_all();
	return remove_store_dir(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tell_what_they_are),
		cmocka_unit_test(wildcards_match_whole_identities),
		cmocka_unit_test(a_runaway_expression_ends),
		cmocka_unit_test(the_most_particular_comes_first),
		cmocka_unit_test(numbers_have_no_domain),
		cmocka_unit_test(hosts_are_identities_or_uris),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
