// SPDX-License-Identifier: Apache-2.0
/* The service profile from User-Data. [TS 29.228 annex B, E] */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/ims/profile.h"
#include <string.h>

static const char whole[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><IMSSubscription><PrivateID>alice@ims.test</PrivateID><ServiceProfile>"
	"<PublicIdentity><BarringIndication>1</BarringIndication><Identity>sip:hidden@ims.test</Identity></PublicIdentity>"
	"<PublicIdentity><Identity> sip:alice@ims.test\n</Identity><Extension><IdentityType>0</IdentityType><Extension>"
	"<DisplayName>Alice</DisplayName></Extension></Extension></PublicIdentity>"
	"<PublicIdentity><Identity>tel:+15550001</Identity></PublicIdentity>"
	"<InitialFilterCriteria><Priority>5</Priority><ApplicationServer><ServerName>sip:second@ims.test</ServerName>"
	"<DefaultHandling>1</DefaultHandling></ApplicationServer></InitialFilterCriteria>"
	"<InitialFilterCriteria><Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF>"
	"<SPT><ConditionNegated>0</ConditionNegated><Group>0</Group><Group>2</Group><Method>REGISTER</Method>"
	"<Extension><RegistrationType>0</RegistrationType><RegistrationType>2</RegistrationType></Extension></SPT>"
	"<SPT><ConditionNegated>1</ConditionNegated><Group>1</Group><SIPHeader><Header>Event</Header><Content>reg</Content></SIPHeader></SPT>"
	"</TriggerPoint><ApplicationServer><ServerName>sip:as.ims.test</ServerName><DefaultHandling>0</DefaultHandling>"
	"<ServiceInfo>key=1</ServiceInfo><Extension><IncludeRegisterRequest/></Extension></ApplicationServer>"
	"<ProfilePartIndicator>0</ProfilePartIndicator></InitialFilterCriteria>"
	"<CoreNetworkServicesAuthorization><SubscribedMediaProfileId>7</SubscribedMediaProfileId></CoreNetworkServicesAuthorization>"
	"<Extension><SharedIFCSetID>3</SharedIFCSetID><SharedIFCSetID>4</SharedIFCSetID></Extension></ServiceProfile></IMSSubscription>";

static struct subscription *parse(const char *xml)
{
	struct subscription *s = NULL;
	const char *why = NULL;
	int err = subscription_parse((struct bytes){ (const uint8_t *)xml, strlen(xml) }, &s, &why);

	assert_true((err == 0) == (s != NULL));
	assert_true((err == 0) == (why == NULL));
	return s;
}

static void test_identities_are_read_in_order_and_the_first_not_barred_is_the_default(void **state)
{
	struct subscription *s = parse(whole);

	(void)state;
	assert_non_null(s);
	assert_string_equal(s->private_identity, "alice@ims.test");
	assert_int_equal(s->identity_count, 3);
	assert_true(s->identities[0].barred);
	assert_string_equal(subscription_default(s)->uri, "sip:alice@ims.test");
	assert_string_equal(subscription_default(s)->display_name, "Alice");
	assert_non_null(subscription_find(s, "tel:+15550001"));
	assert_null(subscription_find(s, "sip:bob@ims.test"));
	subscription_free(s);
}

static void test_criteria_are_sorted_by_priority_with_their_triggers(void **state)
{
	struct subscription *s = parse(whole);
	const struct filter_criterion *c;

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->profiles[0].criterion_count, 2);
	c = &s->profiles[0].criteria[0];
	assert_string_equal(c->server_name, "sip:as.ims.test");
	assert_true(c->has_trigger && c->cnf && c->include_register_request && !c->terminate_on_failure);
	assert_int_equal(c->part, 0);
	assert_int_equal(c->triggers[0].group_mask, 5);
	assert_int_equal(c->triggers[0].registration_types, 5);
	assert_true(c->triggers[1].negated);
	assert_string_equal(c->triggers[1].content, "reg");
	assert_true(c[1].terminate_on_failure && !c[1].has_trigger);
	assert_int_equal(s->profiles[0].media_profile_id, 7);
	assert_int_equal(s->profiles[0].shared_ifc_sets[1], 4);
	subscription_free(s);
}

/* [TS 23.003 13.4A, 13.5] */
static void test_a_wildcarded_identity_is_what_it_matches_and_the_default_of_nobody(void **state)
{
	struct subscription *s = parse(
		"<IMSSubscription><PrivateID>pbx@ims.test</PrivateID><ServiceProfile><PublicIdentity><Identity>sip:+1555000@ims.test</Identity><Extension>"
		"<IdentityType>4</IdentityType><Extension><Extension><WildcardedIMPU>sip:+1555!.*!@ims.test</WildcardedIMPU></Extension></Extension>"
		"</Extension></PublicIdentity><PublicIdentity><Identity>sip:room!.*!@ims.test</Identity><Extension><IdentityType>2</IdentityType>"
		"<WildcardedPSI>sip:room!.*!@ims.test</WildcardedPSI></Extension></PublicIdentity><PublicIdentity><Identity>sip:+15559@ims.test</Identity>"
		"</PublicIdentity></ServiceProfile></IMSSubscription>");

	(void)state;
	assert_string_equal(subscription_default(s)->uri, "sip:+15559@ims.test");
	assert_string_equal(subscription_find(s, "sip:+15551@ims.test")->wildcard, "sip:+1555!.*!@ims.test");
	assert_string_equal(subscription_find(s, "sip:room7@ims.test")->wildcard, "sip:room!.*!@ims.test");
	assert_true(subscription_find(s, "sip:room7@ims.test")->psi);
	assert_null(subscription_find(s, "sip:+15559@ims.test")->wildcard); /* a distinct one first */
	assert_null(subscription_find(s, "sip:+1556@ims.test"));
	subscription_free(s);
}

static void test_what_is_no_subscription_is_refused(void **state)
{
	(void)state;
	assert_null(parse(""));
	assert_null(parse("<IMSSubscription><PrivateID>a</PrivateID>"));
	assert_null(parse("<Other/>"));
	assert_null(parse("<IMSSubscription><PrivateID>a</PrivateID></IMSSubscription>"));
	assert_null(parse("<IMSSubscription><PrivateID>a</PrivateID><ServiceProfile><PublicIdentity/></ServiceProfile></IMSSubscription>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identities_are_read_in_order_and_the_first_not_barred_is_the_default),
		cmocka_unit_test(test_criteria_are_sorted_by_priority_with_their_triggers),
		cmocka_unit_test(test_a_wildcarded_identity_is_what_it_matches_and_the_default_of_nobody),
		cmocka_unit_test(test_what_is_no_subscription_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
