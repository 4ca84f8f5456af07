// SPDX-License-Identifier: Apache-2.0
/* A service profile goes into the store and comes out of it as it was; what is none is refused in words. [TS 29.228 annex B, E] */
// with: hss/rest/profile_import.c hss/user_data.c hss/user_data_identity.c hss/xml_text.c hss/rest/problem.c hss/uri.c hss/store/*.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "common/ims/profile.h"
#include "hss/rest/profile_import.h"
#include "hss/user_data.h"
#include "hss_store.h"

#define CRITERION(before, after) "<ServiceProfile><InitialFilterCriteria>" before "<ApplicationServer><ServerName>sip:as.ims.test</ServerName>" \
	"</ApplicationServer>" after "</InitialFilterCriteria></ServiceProfile>"

static struct store *store;
static struct obstack pool;
static struct problem problem;

static int import(const char *name, const char *xml, int64_t *id)
{
	memset(&problem, 0, sizeof problem);
	return profile_import(store, name, (struct bytes){ (const uint8_t *)xml, strlen(xml) }, "profile", id, &problem);
}

/* Its text out of the store. */
static const char *text_of(int64_t id)
{
	struct bytes xml = { NULL, 0 };

	assert_int_equal(user_data_profile(store, &pool, id, &xml), 0);
	return (const char *)xml.data;
}

static void test_what_goes_in_comes_out(void **state)
{
	static const char xml[] =
		"<ServiceProfile><CoreNetworkServicesAuthorization><SubscribedMediaProfileId>7</SubscribedMediaProfileId>"
		"</CoreNetworkServicesAuthorization><InitialFilterCriteria><Priority>3</Priority><TriggerPoint>"
		"<ConditionTypeCNF>0</ConditionTypeCNF><SPT><ConditionNegated>1</ConditionNegated><Group>0</Group><Group>31</Group>"
		"<SIPHeader><Header>X-&lt;&amp;&gt;</Header><Content>.*\"a\" &amp; 'b'</Content></SIPHeader><Extension>"
		"<RegistrationType>1</RegistrationType></Extension></SPT><SPT><ConditionNegated>0</ConditionNegated><Group>1</Group>"
		"<SessionCase>4</SessionCase></SPT><SPT><ConditionNegated>0</ConditionNegated><Group>1</Group><RequestURI>sip:x</RequestURI>"
		"</SPT><SPT><ConditionNegated>0</ConditionNegated><Group>2</Group><SessionDescription><Line>m</Line></SessionDescription></SPT>"
		"</TriggerPoint><ApplicationServer><ServerName>sip:as.ims.test</ServerName><DefaultHandling>1</DefaultHandling>"
		"<ServiceInfo>&lt;x&gt;</ServiceInfo><Extension><IncludeRegisterRequest/></Extension></ApplicationServer>"
		"<ProfilePartIndicator>0</ProfilePartIndicator></InitialFilterCriteria><Extension><SharedIFCSetID>2</SharedIFCSetID>"
		"<SharedIFCSetID>9</SharedIFCSetID></Extension></ServiceProfile>";
	int64_t id, again;

	(void)state;
	assert_int_equal(import("whole", xml, &id), 0);
	assert_string_equal(text_of(id), xml);
	assert_int_equal(import("whole", text_of(id), &again), 0);
	assert_int_equal(again, id);
	assert_string_equal(text_of(id), xml);
}

static void test_a_profile_replaces_the_one_of_its_name(void **state)
{
	int64_t id;

	(void)state;
	assert_int_equal(import("again", CRITERION("<Priority>1</Priority>", ""), &id), 0);
	assert_int_equal(import("again", CRITERION("<Priority>2</Priority>", ""), &id), 0);
	assert_null(strstr(text_of(id), "<Priority>1<"));
	assert_non_null(strstr(text_of(id), "<Priority>2<"));
	assert_int_equal(import("again", "<ServiceProfile/>", &id), 0);
	assert_string_equal(text_of(id), "<ServiceProfile></ServiceProfile>");
}

static void test_criteria_come_in_the_order_of_their_priority(void **state)
{
	int64_t id;
	const char *out;

	(void)state;
	assert_int_equal(import("order", "<ServiceProfile><InitialFilterCriteria><Priority>9</Priority><ApplicationServer><ServerName>sip:last"
				"</ServerName></ApplicationServer></InitialFilterCriteria><InitialFilterCriteria><Priority>2</Priority>"
				"<ApplicationServer><ServerName>sip:first</ServerName></ApplicationServer></InitialFilterCriteria></ServiceProfile>",
				&id), 0);
	out = text_of(id);
	assert_true(strstr(out, "sip:first") < strstr(out, "sip:last"));
}

static void test_all_registration_types_are_no_condition(void **state)
{
	int64_t id;

	(void)state;
	assert_int_equal(import("types", CRITERION("<Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF><SPT><Group>0</Group>"
						   "<Method>REGISTER</Method><Extension><RegistrationType>0</RegistrationType>"
						   "<RegistrationType>1</RegistrationType><RegistrationType>2</RegistrationType></Extension></SPT>"
						   "</TriggerPoint>", ""), &id), 0);
	assert_null(strstr(text_of(id), "RegistrationType")); /* two at most [annex E] */
	assert_non_null(strstr(text_of(id), "<Method>REGISTER</Method>"));
}

static void test_what_is_no_profile_is_refused_in_words(void **state)
{
	static const struct {
		const char *xml, *words;
	} wrong[] = {
		{ "", "no ServiceProfile" },
		{ "hello", "no ServiceProfile" },
		{ "<ServiceProfile>", "well-formed" },
		{ "<ServiceProfile/><ServiceProfile/>", "one ServiceProfile" },
		{ CRITERION("<Priority>-1</Priority>", ""), "Priority" },
		{ CRITERION("<Priority>1</Priority>", "<ProfilePartIndicator>2</ProfilePartIndicator>"), "ProfilePartIndicator" },
		{ CRITERION("<Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF></TriggerPoint>", ""), "no SPT" },
		{ CRITERION("<Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF><SPT><Method>INVITE</Method></SPT>"
			    "</TriggerPoint>", ""), "no Group" },
		{ CRITERION("<Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF><SPT><Group>0</Group></SPT></TriggerPoint>",
			    ""), "no condition" },
		{ CRITERION("<Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF><SPT><Group>0</Group>"
			    "<SessionCase>5</SessionCase></SPT></TriggerPoint>", ""), "no condition" },
		{ CRITERION("<Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF><SPT><Group>0</Group><Method>X</Method>"
			    "<Extension><RegistrationType>3</RegistrationType></Extension></SPT></TriggerPoint>", ""), "RegistrationType" },
		{ "<ServiceProfile><InitialFilterCriteria><Priority>1</Priority><ApplicationServer><ServerName></ServerName></ApplicationServer>"
		  "</InitialFilterCriteria></ServiceProfile>", "ServerName" },
		{ "<ServiceProfile><InitialFilterCriteria><Priority>1</Priority><ApplicationServer><ServerName>as.ims.test</ServerName>"
		  "</ApplicationServer></InitialFilterCriteria></ServiceProfile>", "ServerName" },
		{ "<ServiceProfile><InitialFilterCriteria><Priority>1</Priority></InitialFilterCriteria></ServiceProfile>", "" },
	};
	int64_t id;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_not_equal(import("wrong", wrong[i].xml, &id), 0);
		assert_int_equal(problem.status, 422);
		assert_string_equal(problem.field, "profile");
		if (!strstr(problem.detail, wrong[i].words))
			fail_msg("%s: %s", wrong[i].xml, problem.detail);
		assert_int_equal(store_profile_find(store, "wrong", &id), -ENOENT);
	}
}

static void put(const char *uri, int rank, bool barred, int64_t set, int64_t profile)
{
	struct impu_row row = { .uri = uri, .rank = rank, .barred = barred, .set = set, .profile = profile };
	int64_t id;

	assert_int_equal(store_impu_put(store, &row, &id), 0);
}

static void test_the_default_identity_leads_the_document(void **state)
{
	struct bytes xml = { NULL, 0 };
	struct subscription *s = NULL;
	int64_t subscription, set, profile;
	const char *why = NULL;

	(void)state;
	add_private(store, "default@ims.test");
	assert_int_equal(store_subscription_put(store, "default@ims.test", &subscription), 0);
	assert_int_equal(store_set_put(store, subscription, 1, &set), 0);
	assert_int_equal(import("default", "<ServiceProfile/>", &profile), 0);
	put("sip:barred@ims.test", 0, true, set, profile);
	put("sip:default@ims.test", 1, false, set, 0);
	put("sip:later@ims.test", 2, false, set, profile);
	assert_int_equal(user_data(store, &pool, &(struct user_data_wish){ .private_identity = "a&b@ims.test", .set = set, .subscription = subscription },
				   &xml), 0);
	assert_int_equal(subscription_parse(xml, &s, &why), 0);
	assert_string_equal(s->private_identity, "a&b@ims.test");
	assert_string_equal(subscription_default(s)->uri, "sip:default@ims.test");
	assert_int_equal(s->identity_count, 3);
	subscription_free(s);
}

static int begin(void **state)
{
	if (make_store_dir(state))
		return -1;
	store = open_store(true);
	obstack_init(&pool);
	return 0;
}

static int end(void **state)
{
	obstack_free(&pool, NULL);
	store_close(store);
	return remove_store_dir(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_a_profile_replaces_the_one_of_its_name),
		cmocka_unit_test(test_criteria_come_in_the_order_of_their_priority),
		cmocka_unit_test(test_all_registration_types_are_no_condition),
		cmocka_unit_test(test_what_is_no_profile_is_refused_in_words),
		cmocka_unit_test(test_the_default_identity_leads_the_document),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
