// SPDX-License-Identifier: Apache-2.0
/* The capture file, octet by octet: frames, addresses, checksums, sequence numbers. */
// with: ctl/message.c
// with: ctl/node.c
// with: ctl/pcap.c
#include "ctl/pcap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct ctl_daemon daemons[] = { { (char *)"pcscf", (char *)"127.0.0.11:9090" }, { (char *)"hss", (char *)"127.0.0.14:9090" } };
static struct ctl_options options = { .domain = (char *)"ims.test", .ops = daemons, .ops_count = 2 };

struct packet {
	const uint8_t *ip;
	uint32_t len, seconds, nanoseconds;
};

static struct message message(const char *from, const char *to, enum protocol protocol, const void *bytes, size_t len)
{
	struct message m = { .time_ns = UINT64_C(1700000000123456789), .protocol = protocol, .bytes = { bytes, len } };

	strcpy(m.from, from);
	strcpy(m.to, to);
	return m;
}

static char *capture(struct message *list, size_t n, size_t *size)
{
	struct messages all = { list, n };
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	pcap_write(f, &options, &all);
	fclose(f);
	return text;
}

/* The next packet; false at the end. */
static bool next(const char *text, size_t size, size_t *at, struct packet *p)
{
	uint32_t head[4];

	if (*at + sizeof head > size)
		return false;
	memcpy(head, text + *at, sizeof head);
	*p = (struct packet){ (const uint8_t *)text + *at + sizeof head, head[2], head[0], head[1] };
	*at += sizeof head + head[2];
	assert_true(*at <= size);
	return true;
}

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static uint32_t ones_sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* A right checksum makes the sum over all of it 0xffff [RFC 1071]. */
static void assert_checksums(const struct packet *p)
{
	uint32_t transport = p->len - 20;

	assert_int_equal(ones_sum(0, p->ip, 20), 0xffff);
	assert_int_equal(ones_sum(ones_sum(p->ip[9] + transport, p->ip + 12, 8), p->ip + 20, transport), 0xffff);
}

static void test_sip_is_in_udp_between_the_addresses_of_phone_and_daemon(void **state)
{
	struct message m = message("192.168.1.9:5070", "pcscf", PROTOCOL_SIP, "OPTIONS sip:x SIP/2.0\r\n\r\n", 25);
	size_t size, at = 24;
	char *text = capture(&m, 1, &size);
	struct packet p = { 0 };

	(void)state;
	assert_int_equal(*(uint32_t *)(void *)text, 0xa1b23c4d);
	assert_true(next(text, size, &at, &p));
	assert_int_equal(p.seconds, 1700000000);
	assert_int_equal(p.nanoseconds, 123456789);
	assert_int_equal(be32(p.ip + 12), 0xc0a80109);
	assert_int_equal(be32(p.ip + 16), 0x7f00000b);
	assert_int_equal(p.ip[9], 17);
	assert_int_equal(be16(p.ip + 20), 5070);
	assert_int_equal(be16(p.ip + 22), 5060);
	assert_int_equal(be16(p.ip + 24), 8 + 25);
	assert_memory_equal(p.ip + 28, "OPTIONS", 7);
	assert_checksums(&p);
	assert_false(next(text, size, &at, &p));
	free(text);
}

static void test_diameter_is_a_tcp_connection_to_3868_whose_numbers_go_on(void **state)
{
	static const uint8_t question[48], answer[20];
	struct message list[] = {
		message("pcscf", "hss", PROTOCOL_DIAMETER, question, sizeof question),
		message("hss", "pcscf", PROTOCOL_DIAMETER, answer, sizeof answer),
		message("pcscf", "hss", PROTOCOL_DIAMETER, question, sizeof question),
	};
	static const uint32_t sequence[] = { 1, 1, 49 }, acknowledged[] = { 1, 49, 21 };
	size_t size, at = 24;
	char *text = capture(list, 3, &size);
	struct packet p = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(next(text, size, &at, &p));
		assert_int_equal(p.ip[9], 6);
		assert_int_equal(be16(p.ip + (i == 1 ? 20 : 22)), 3868);
		assert_int_equal(be32(p.ip + 24), sequence[i]);
		assert_int_equal(be32(p.ip + 28), acknowledged[i]);
		assert_checksums(&p);
	}
	free(text);
}

static void test_what_is_too_long_for_udp_goes_in_segments_of_tcp(void **state)
{
	size_t len = 150001, size, at = 24, sum = 0, packets = 0;
	uint8_t *big = malloc(len);
	struct message m;
	struct packet p = { 0 };
	char *text;

	(void)state;
	memset(big, 'x', len);
	m = message("pcscf", "hss", PROTOCOL_SIP, big, len);
	text = capture(&m, 1, &size);
	while (next(text, size, &at, &p)) {
		assert_int_equal(p.ip[9], 6);
		assert_int_equal(be16(p.ip + 2), p.len);
		assert_int_equal(be32(p.ip + 24), 1 + sum);
		assert_checksums(&p);
		sum += p.len - 40;
		packets++;
	}
	assert_int_equal(sum, len);
	assert_int_equal(packets, 5);
	free(text);
	free(big);
}

static void test_one_address_of_ipv6_makes_all_packets_ipv6(void **state)
{
	struct message list[] = { message("[2001:db8::9]:5070", "pcscf", PROTOCOL_SIP, "M", 1), message("pcscf", "127.0.0.9:5070", PROTOCOL_SIP, "M", 1) };
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 11 };
	size_t size, at = 24;
	char *text = capture(list, 2, &size);
	struct packet p = { 0 };

	(void)state;
	assert_true(next(text, size, &at, &p));
	assert_int_equal(p.ip[0], 0x60);
	assert_int_equal(be16(p.ip + 8), 0x2001);
	assert_memory_equal(p.ip + 24, mapped, 16);
	assert_int_equal(be16(p.ip + 4), 9);
	assert_int_equal(ones_sum(ones_sum(17 + 9, p.ip + 8, 32), p.ip + 40, 9), 0xffff);
	assert_true(next(text, size, &at, &p));
	assert_int_equal(p.ip[0], 0x60);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sip_is_in_udp_between_the_addresses_of_phone_and_daemon),
		cmocka_unit_test(test_diameter_is_a_tcp_connection_to_3868_whose_numbers_go_on),
		cmocka_unit_test(test_what_is_too_long_for_udp_goes_in_segments_of_tcp),
		cmocka_unit_test(test_one_address_of_ipv6_makes_all_packets_ipv6),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
