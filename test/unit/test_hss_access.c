// SPDX-License-Identifier: Apache-2.0
/* Who may do what at the REST door. */
// with: hss/rest/access.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "hss/rest/access.h"

static void expect(const char *method, const char *resource, bool reader, bool provisioner, bool security)
{
	assert_false(access_allowed(ROLE_NONE, method, resource));
	assert_int_equal(access_allowed(ROLE_READER, method, resource), reader);
	assert_int_equal(access_allowed(ROLE_PROVISIONER, method, resource), provisioner);
	assert_int_equal(access_allowed(ROLE_SECURITY, method, resource), security);
}

static void test_who_may_what(void **state)
{
	(void)state;
	expect("GET", "/v1/subscribers", true, true, true);
	expect("HEAD", "/v1/subscribers/*", true, true, true);
	expect("PUT", "/v1/subscribers/*", false, true, true);
	expect("PATCH", "/v1/identities/*", false, true, true);
	expect("POST", "/v1/scscf/*", false, true, true);
	expect("DELETE", "/v1/profiles/*", false, true, true);
	expect("PUT", RESOURCE_CREDENTIALS, false, false, true);
	expect("GET", RESOURCE_CREDENTIALS, false, false, true);
	expect("GET", "/v1/key", false, false, true);
	expect("POST", "/v1/key/rotation", false, false, true);
	expect("POST", "/v1/backup", false, false, true);
	expect("GET", "/v1/backups-of-others", true, true, true);
}

static void test_roles_have_names(void **state)
{
	(void)state;
	for (enum role r = ROLE_READER; r <= ROLE_SECURITY; r++)
		assert_int_equal(role_of_name(role_name(r)), r);
	assert_int_equal(role_of_name("none"), ROLE_NONE);
	assert_int_equal(role_of_name("root"), ROLE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_who_may_what), cmocka_unit_test(test_roles_have_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
