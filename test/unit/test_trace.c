// SPDX-License-Identifier: Apache-2.0
/* The trace: what goes round in a ring, what is blanked on the way in, what belongs together, the last failure of each. */
#include "common/trace_blank.h"
#include "common/trace_find.h"
#include "common/trace_journal.h"
#include "common/trace_summary.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* ---- the ring ---- */

/* Message n: its length and every byte follow from n. */
static size_t make(unsigned n, uint8_t *to)
{
	size_t len = 1 + n * 7919 % 900;

	memset(to, 'a' + (int)(n % 26), len);
	return len;
}

static void put(struct trace_ring *r, unsigned n)
{
	uint8_t bytes[1024];
	char id[64], call_id[64];
	struct trace_message m = { .protocol = TRACE_SIP, .id = id, .call_id = call_id, .from = "pcscf", .to = "icscf" };

	snprintf(id, sizeof id, "%u", n);
	snprintf(call_id, sizeof call_id, "call-%.*s", (int)(n % 40), "0123456789012345678901234567890123456789");
	m.bytes = (struct bytes){ bytes, make(n, bytes) };
	trace_ring_put(r, n, &m, NULL, 0, 0);
}

static bool whole(const struct trace_record *record, const uint8_t *got)
{
	uint8_t want[1024];
	unsigned n = (unsigned)record->time_ns;

	return make(n, want) == record->len && !memcmp(want, got, record->len) && strtoul(record->id, NULL, 10) == n &&
	       strlen(record->call_id) == 5 + n % 40 && !strcmp(record->from, "pcscf") && !strcmp(record->to, "icscf");
}

static void test_the_ring_keeps_the_newest_messages_whole_and_in_order(void **state)
{
	struct trace_ring *ring = trace_ring_new(20000);
	struct trace_record r = { 0 };
	uint8_t got[1024];
	unsigned read = 0, last = 0;

	(void)state;
	for (unsigned n = 1; n <= 5000; n++)
		put(ring, n);
	while (trace_ring_next(ring, r.position, &r)) {
		assert_true(trace_ring_bytes(ring, &r, got));
		assert_true(whole(&r, got));
		assert_true(!last || r.time_ns == last + 1);
		last = (unsigned)r.time_ns;
		read++;
	}
	assert_int_equal(last, 5000);
	assert_in_range(read, 20, 200);
	trace_ring_free(ring);
}

static atomic_bool done;

static void *write_on(void *ring)
{
	for (unsigned n = 1; n <= 200000; n++)
		put(ring, n);
	atomic_store(&done, true);
	return NULL;
}

static void test_a_reader_beside_the_writer_sees_only_whole_messages(void **state)
{
	struct trace_ring *ring = trace_ring_new(20000);
	struct trace_record r = { 0 };
	uint8_t got[1024];
	size_t good = 0;
	pthread_t writer;

	(void)state;
	atomic_store(&done, false);
	pthread_create(&writer, NULL, write_on, ring);
	while (!atomic_load(&done)) {
		r.position = 0;
		while (trace_ring_next(ring, r.position, &r)) {
			if (!trace_ring_bytes(ring, &r, got))
				continue; /* overwritten meanwhile, and known to be */
			assert_true(whole(&r, got));
			good++;
		}
	}
	pthread_join(writer, NULL);
	assert_true(good > 0);
	trace_ring_free(ring);
}

static void test_a_message_longer_than_the_ring_allows_is_cut(void **state)
{
	struct trace_ring *ring = trace_ring_new(16384);
	uint8_t *big = calloc(1, 100000), *got = calloc(1, 100000);
	struct trace_message m = { .id = "x", .bytes = { big, 100000 } };
	struct trace_record r = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++)
		trace_ring_put(ring, 1, &m, NULL, 0, 0);
	assert_true(trace_ring_next(ring, 0, &r));
	assert_int_equal(r.len, 4096);
	assert_true(trace_ring_bytes(ring, &r, got));
	trace_ring_free(ring);
	free(big);
	free(got);
}

/* ---- secrets ---- */

static char *blanked(const char *text)
{
	struct trace_span spans[TRACE_SPANS_MAX];
	size_t n = trace_blank_sip(bytes_of(text), bytes_of(text), spans);
	char *copy = strdup(text);

	for (size_t i = 0; i < n; i++)
		memset(copy + spans[i].at, '*', spans[i].len);
	return copy;
}

static void assert_blanked(const char *text, const char *want)
{
	char *got = blanked(text);

	assert_string_equal(got, want);
	free(got);
}

static void test_digest_responses_and_aka_keys_are_blanked_and_nothing_else(void **state)
{
	(void)state;
	assert_blanked("REGISTER sip:ims.test SIP/2.0\r\nAuthorization: Digest username=\"response=1\", nonce=\"n\", response=\"0123\",auts=\"QQ==\"\r\n\r\n",
		       "REGISTER sip:ims.test SIP/2.0\r\nAuthorization: Digest username=\"response=1\", nonce=\"n\", response=\"****\",auts=\"****\"\r\n\r\n");
	assert_blanked("SIP/2.0 401 U\r\nwww-authenticate : Digest realm=\"a\\\"b\", ck=\"00\",\r\n ik = \"11\"\r\nX: ck=\"00\"\r\n\r\n",
		       "SIP/2.0 401 U\r\nwww-authenticate : Digest realm=\"a\\\"b\", ck=\"**\",\r\n ik = \"**\"\r\nX: ck=\"00\"\r\n\r\n");
	assert_blanked("SIP/2.0 200 OK\nAuthentication-Info: rspauth=\"ab\", nc=1\n\n", "SIP/2.0 200 OK\nAuthentication-Info: rspauth=\"**\", nc=1\n\n");
}

static void test_other_credentials_are_blanked_whole(void **state)
{
	(void)state;
	assert_blanked("A B C\r\nAuthorization: Bearer abc.def\r\nTo: x\r\n", "A B C\r\nAuthorization: Bearer *******\r\nTo: x\r\n");
	assert_blanked("A B C\r\nProxy-Authorization:\r\n Basic QWE=\r\n", "A B C\r\nProxy-Authorization:\r\n Basic ****\r\n");
}

static void test_a_register_inside_a_body_is_blanked_too(void **state)
{
	(void)state;
	assert_blanked("REGISTER sip:as SIP/2.0\r\n\r\nREGISTER sip:h SIP/2.0\r\nAuthorization: Digest response=abc\r\n",
		       "REGISTER sip:as SIP/2.0\r\n\r\nREGISTER sip:h SIP/2.0\r\nAuthorization: Digest response=***\r\n");
}

static void test_only_suspect_lines_are_searched(void **state)
{
	static const char text[] = "A B C\r\nAuthorization: Digest response=\"0123\"\r\nTo: x\r\nAuthorization: Digest response=\"4567\"\r\n\r\n";
	const uint8_t *last = (const uint8_t *)strstr(text, "To: x");
	struct trace_span spans[TRACE_SPANS_MAX];

	(void)state;
	assert_int_equal(trace_blank_sip(bytes_of(text), (struct bytes){ last, strlen((const char *)last) }, spans), 1);
	assert_memory_equal(text + spans[0].at, "4567", spans[0].len);
	assert_int_equal(trace_blank_sip(bytes_of(text), (struct bytes){ NULL, 0 }, spans), 0);
}

static void test_broken_headers_end_the_search_within_the_message(void **state)
{
	static const char *const broken[] = { "Authorization", "Authorization:", "Authorization: Digest response=\"", "Authorization: Digest a=\"\\",
					      "Authorization: Digest ,,;;==\"\"=response", "W", "\n\n\n", "" };
	struct trace_span spans[TRACE_SPANS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		size_t len = strlen(broken[i]);
		uint8_t *exact = malloc(len ? len : 1); /* a sanitizer sees a step too far */

		memcpy(exact, broken[i], len);
		trace_blank_sip((struct bytes){ exact, len }, (struct bytes){ exact, len }, spans);
		free(exact);
	}
}

static void test_more_secrets_than_places_blank_the_rest_of_the_message(void **state)
{
	char text[4096] = "A B C\r\nAuthorization: Digest ", *got;

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(text, "response=\"s3cret\", ");
	got = blanked(text);
	assert_null(strstr(got, "s3cret"));
	free(got);
}

/* An MAA: Result-Code, then SIP-Auth-Data-Item { scheme, RAND|AUTN, XRES, CK, SIP-Digest-Authenticate { realm, HA1 } }. */
static size_t avp(uint8_t *p, uint32_t code, uint32_t vendor, const void *data, size_t len)
{
	size_t head = vendor ? 12 : 8, size = head + len;

	memset(p, 0, (size + 3) & ~(size_t)3);
	p[2] = (uint8_t)(code >> 8), p[3] = (uint8_t)code, p[4] = vendor ? 0x80 : 0;
	p[6] = (uint8_t)(size >> 8), p[7] = (uint8_t)size;
	if (vendor)
		p[10] = (uint8_t)(vendor >> 8), p[11] = (uint8_t)vendor;
	memcpy(p + head, data, len);
	return (size + 3) & ~(size_t)3;
}

static size_t make_maa(uint8_t *m)
{
	static const uint8_t success[] = { 0, 0, 0x07, 0xd1 };
	uint8_t item[400], digest[200];
	size_t n = 0, d = 0, len = 20;

	d += avp(digest + d, 104, 0, "ims.test", 8);
	d += avp(digest + d, 121, 0, "SECRETHA1", 9);
	d += avp(digest + d, 662, 10415, "SHA-256", 7);
	d += avp(digest + d, 663, 10415, "SECRETHA1OFANOTHER", 18);
	n += avp(item + n, 608, 10415, "SIP Digest", 10);
	n += avp(item + n, 610, 10415, "SECRETXRES", 10);
	n += avp(item + n, 625, 10415, "SECRETCK", 8);
	n += avp(item + n, 626, 10415, "SECRETIK", 8);
	n += avp(item + n, 635, 10415, digest, d);
	memset(m, 0, 20);
	m[0] = 1, m[6] = 1, m[7] = 0x2f; /* 303 */
	len += avp(m + len, 268, 0, success, 4);
	len += avp(m + len, 612, 10415, item, n);
	m[2] = (uint8_t)(len >> 8), m[3] = (uint8_t)len;
	return len;
}

static void test_vectors_and_ha1_of_an_maa_are_blanked(void **state)
{
	struct trace_span spans[TRACE_SPANS_MAX];
	uint8_t m[1024];
	size_t len = make_maa(m), n = trace_blank_diameter((struct bytes){ m, len }, spans);

	(void)state;
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++) {
		assert_memory_equal(m + spans[i].at, "SECRET", 6);
		memset(m + spans[i].at, 0, spans[i].len);
	}
	assert_null(memmem(m, len, "SECRET", 6));
	assert_non_null(memmem(m, len, "SIP Digest", 10));
}

static void test_a_broken_avp_blanks_the_rest_of_its_group(void **state)
{
	struct trace_span spans[TRACE_SPANS_MAX];
	uint8_t m[1024];
	size_t len = make_maa(m);

	(void)state;
	m[20 + 12 + 12 + 6] = 0xff; /* SIP-Authentication-Scheme says it is longer than all */
	assert_int_equal(trace_blank_diameter((struct bytes){ m, len }, spans), 1);
	assert_int_equal(spans[0].at + spans[0].len, len);
}

/* ---- names of messages ---- */

static void assert_summary(const char *message, const char *want)
{
	char got[96];

	trace_summary(TRACE_SIP, bytes_of(message), got, sizeof got);
	assert_string_equal(got, want);
}

static void test_a_message_is_named_in_a_few_words(void **state)
{
	uint8_t m[1024];
	size_t len = make_maa(m);
	char got[96];

	(void)state;
	assert_summary("REGISTER sip:ims.test SIP/2.0\r\n\r\n", "REGISTER");
	assert_summary("SIP/2.0 401 Unauthorized\r\nVia: x\r\ncseq : 12 REGISTER\r\n\r\n", "401 Unauthorized (REGISTER)");
	assert_summary("SIP/2.0 200 OK\r\nCSeq: 1\r\n\r\n", "200 OK");
	assert_summary("", "?");
	trace_summary(TRACE_DIAMETER, (struct bytes){ m, len }, got, sizeof got);
	assert_string_equal(got, "MAA 2001");
	m[4] = 0xc0;
	trace_summary(TRACE_DIAMETER, (struct bytes){ m, len }, got, sizeof got);
	assert_string_equal(got, "MAR");
}

/* ---- what belongs together ---- */

static void say(enum trace_protocol protocol, const char *id, const char *call_id)
{
	trace_message(&(struct trace_message){ .protocol = protocol, .id = id, .call_id = call_id, .from = "a", .to = "b", .bytes = bytes_of("M x y\r\n\r\n") });
}

static void *say_from_a_thread(void *unused)
{
	say(TRACE_DIAMETER, "icid-1", NULL);
	return unused;
}

static size_t count_found(const char *name)
{
	struct trace_found *found;
	size_t n = trace_find(name, &found);

	for (size_t i = 1; i < n; i++)
		assert_true(found[i - 1].record.time_ns <= found[i].record.time_ns);
	trace_found_free(found, n);
	return n;
}

static void test_call_id_and_icid_lead_to_each_other_over_threads(void **state)
{
	pthread_t other;

	(void)state;
	say(TRACE_SIP, "call-1", "call-1"); /* from the phone: no icid yet */
	say(TRACE_SIP, "icid-1", "call-1");
	say(TRACE_SIP, "icid-2", "call-2");
	pthread_create(&other, NULL, say_from_a_thread, NULL);
	pthread_join(other, NULL);
	assert_int_equal(count_found("call-1"), 3);
	assert_int_equal(count_found("icid-1"), 3);
	assert_int_equal(count_found("call-2"), 1);
	assert_int_equal(count_found("nobody"), 0);
}

/* ---- procedures and failures ---- */

static void test_the_last_failure_of_an_identity_replaces_the_one_before(void **state)
{
	struct trace_entry e;

	(void)state;
	trace_failure("sip:alice@ims.test", "icid-1", "scscf.registration", 403, "wrong password");
	trace_failure("sip:bob@ims.test", "icid-2", "scscf.registration", 403, "barred");
	trace_failure("sip:Alice@ims.test;user=phone", "icid-3", "icscf.session", 404, "no such user");
	assert_true(trace_journal_failure("alice@ims.test", &e));
	assert_string_equal(e.why, "no such user");
	assert_string_equal(e.id, "icid-3");
	assert_true(trace_journal_failure("sip:bob@ims.test", &e));
	assert_int_equal(e.status, 403);
	assert_false(trace_journal_failure("sip:carol@ims.test", &e));
}

static void test_strangers_cannot_fill_the_memory(void **state)
{
	struct trace_entry e;
	char name[64];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof name, "sip:stranger%d@ims.test", i);
		trace_failure(name, "id", "pcscf.registration", 403, "no such user");
	}
	assert_true(trace_journal_failure(name, &e));
}

static void test_the_newest_thousand_procedures_are_listed_newest_first(void **state)
{
	struct trace_entry *list, last;
	char id[32];

	(void)state;
	for (int i = 0; i < 1500; i++) {
		snprintf(id, sizeof id, "id-%d", i);
		trace_procedure(id, i % 2 ? "sip:a@x" : "sip:b@x", "scscf.session", i % 10 ? 200 : 480, 1000);
	}
	assert_int_equal(trace_journal_list(false, &list), 1000);
	assert_string_equal(list[0].id, "id-1499");
	assert_string_equal(list[999].id, "id-500");
	free(list);
	assert_int_equal(trace_journal_list(true, &list), 150);
	assert_string_equal(list[0].id, "id-1490");
	free(list);
	assert_true(trace_journal_last("b@x", false, &last));
	assert_string_equal(last.id, "id-1498");
}

static int start(void **state)
{
	(void)state;
	return trace_start("test", TRACE_ALL, 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_ring_keeps_the_newest_messages_whole_and_in_order),
		cmocka_unit_test(test_a_reader_beside_the_writer_sees_only_whole_messages),
		cmocka_unit_test(test_a_message_longer_than_the_ring_allows_is_cut),
		cmocka_unit_test(test_digest_responses_and_aka_keys_are_blanked_and_nothing_else),
		cmocka_unit_test(test_other_credentials_are_blanked_whole),
		cmocka_unit_test(test_a_register_inside_a_body_is_blanked_too),
		cmocka_unit_test(test_only_suspect_lines_are_searched),
		cmocka_unit_test(test_broken_headers_end_the_search_within_the_message),
		cmocka_unit_test(test_more_secrets_than_places_blank_the_rest_of_the_message),
		cmocka_unit_test(test_vectors_and_ha1_of_an_maa_are_blanked),
		cmocka_unit_test(test_a_broken_avp_blanks_the_rest_of_its_group),
		cmocka_unit_test(test_a_message_is_named_in_a_few_words),
		cmocka_unit_test(test_call_id_and_icid_lead_to_each_other_over_threads),
		cmocka_unit_test(test_the_last_failure_of_an_identity_replaces_the_one_before),
		cmocka_unit_test(test_strangers_cannot_fill_the_memory),
		cmocka_unit_test(test_the_newest_thousand_procedures_are_listed_newest_first),
	};

	return cmocka_run_group_tests_name("trace", tests, start, NULL);
}
