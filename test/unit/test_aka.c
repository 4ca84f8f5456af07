// SPDX-License-Identifier: Apache-2.0
/* Vectors and AUTS of either algorithm set. [TS 33.102 6.3.2, 6.3.3; TS 35.208 4.3; TS 35.233 6.3] */
#include "common/crypto/aka.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void unhex(const char *hex, uint8_t *out)
{
	for (; *hex; hex += 2) {
		char two[3] = { hex[0], hex[1], 0 };

		*out++ = (uint8_t)strtoul(two, NULL, 16);
	}
}

static void assert_hex(const uint8_t *got, const char *hex)
{
	uint8_t want[16];

	unhex(hex, want);
	assert_memory_equal(got, want, strlen(hex) / 2);
}

/* Test set 1 of each. */
static struct aka milenage(void)
{
	struct aka a = { .algorithm = AKA_MILENAGE };

	unhex("465b5ce8b199b49faa5f0a2ee238a6bc", a.milenage.k);
	unhex("cd63cb71954a9f4e48a5994e37a02baf", a.milenage.opc);
	return a;
}

static struct aka tuak(void)
{
	struct aka a;

	aka_tuak(&a, 16, 4, 1);
	unhex("abababababababababababababababab", a.tuak.k);
	unhex("bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff", a.tuak.topc);
	return a;
}

static const uint8_t rand_of_tuak[16] = { [0 ... 15] = 0x42 };

static void test_a_vector_of_milenage_hides_the_sequence_number_in_autn(void **state)
{
	uint8_t rand[16], sqn[6], amf[2];
	struct aka a = milenage();
	struct aka_vector v;

	(void)state;
	unhex("23553cbe9637a89d218ae64dae47bf35", rand);
	unhex("ff9bb4d0b607", sqn);
	unhex("b9b9", amf);
	assert_int_equal(aka_vector(&a, rand, sqn, amf, &v), 0);
	assert_memory_equal(v.rand, rand, 16);
	assert_hex(v.autn, "55f328b43577b9b94a9ffac354dfafb3");
	assert_hex(v.xres, "a54211d5e3ba50bf");
	assert_int_equal(v.xres_len, 8);
	assert_hex(v.ck, "b40ba9a3c58b2a05bbf0d987b21bf8cb");
	assert_hex(v.ik, "f769bcd751044604127672711c6d3441");
}

static void test_a_vector_of_tuak_does_too(void **state)
{
	static const uint8_t sqn[6] = { 0x11, 0x11, 0x11, 0x11, 0x11, 0x11 }, amf[2] = { 0xff, 0xff };
	struct aka a = tuak();
	struct aka_vector v;

	(void)state;
	assert_int_equal(aka_vector(&a, rand_of_tuak, sqn, amf, &v), 0);
	assert_hex(v.autn, "608e0f8a8145fffff9a54e6aeaa8618d"); /* 111111111111 xor 719f1e9b9054 */
	assert_hex(v.xres, "657acd64");
	assert_int_equal(v.xres_len, 4);
	assert_hex(v.ck, "d71a1e5c6caffe986a26f783e5c78be1");
	assert_hex(v.ik, "be849fa2564f869aecee6f62d4337e72");
}

/* SQN_MS xor AK*, and MAC-S over AMF 0. */
static void auts_of(const struct aka *a, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], uint8_t auts[14])
{
	uint8_t res[16], ck[16], ik[16], ak[6], ak_star[6], mac_a[8];

	if (a->algorithm == AKA_MILENAGE) {
		milenage_f2345(&a->milenage, rand, res, ck, ik, ak, ak_star);
		milenage_f1(&a->milenage, rand, sqn, amf, mac_a, auts + 6);
	} else {
		tuak_f2345(&a->tuak, rand, res, ck, ik, ak, ak_star);
		tuak_f1(&a->tuak, rand, sqn, amf, mac_a, auts + 6);
	}
	for (int i = 0; i < 6; i++)
		auts[i] = sqn[i] ^ ak_star[i];
}

static void test_auts_gives_the_phones_sequence_number_only_when_its_mac_is_right(void **state)
{
	static const uint8_t zero[2] = { 0, 0 }, other[2] = { 0x80, 0 }, sqn[6] = { 0, 1, 2, 3, 4, 5 };
	const struct aka both[2] = { milenage(), tuak() };
	uint8_t auts[14], got[6];

	(void)state;
	for (int i = 0; i < 2; i++) {
		auts_of(&both[i], rand_of_tuak, sqn, zero, auts);
		assert_int_equal(aka_auts(&both[i], rand_of_tuak, auts, got), 0);
		assert_memory_equal(got, sqn, 6);
		for (int n = 0; n < 14; n++) {
			auts[n] ^= 1;
			assert_int_equal(aka_auts(&both[i], rand_of_tuak, auts, got), -EBADMSG);
			auts[n] ^= 1;
		}
		auts_of(&both[i], rand_of_tuak, sqn, other, auts);
		assert_int_equal(aka_auts(&both[i], rand_of_tuak, auts, got), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_vector_of_milenage_hides_the_sequence_number_in_autn),
		cmocka_unit_test(test_a_vector_of_tuak_does_too),
		cmocka_unit_test(test_auts_gives_the_phones_sequence_number_only_when_its_mac_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
