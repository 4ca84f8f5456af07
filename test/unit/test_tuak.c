// SPDX-License-Identifier: Apache-2.0
/* Keccak-f[1600] by SHA3, TUAK against the six test sets of [TS 35.233 6.3-6.8]. */
#include "common/crypto/keccak.h"
#include "common/crypto/tuak.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>

static const struct set {
	const char *k, *rand, *sqn, *amf, *top;
	unsigned iterations;
	const char *topc, *f1, *f1s, *f2, *f3, *f4, *f5, *f5s;
} sets[] = {
	{ "abababababababababababababababab", "42424242424242424242424242424242", "111111111111", "ffff",
	  "5555555555555555555555555555555555555555555555555555555555555555", 1,
	  "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff", "f9a54e6aeaa8618d", "e94b4dc6c7297df3", "657acd64",
	  "d71a1e5c6caffe986a26f783e5c78be1", "be849fa2564f869aecee6f62d4337e72", "719f1e9b9054", "e7af6b3d0e38" },
	{ "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0", "0123456789abcdef0123456789abcdef", "0123456789ab", "abcd",
	  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", 1,
	  "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524", "c0b8c2d4148ec7aa5f1d78a97e4d1d58",
	  "ef81af7290f7842c6ceafa537fa0745b", "e9d749dc4eea0035", "a4cb6f6529ab17f8337f27baa8234d47", "2274155ccf4199d5e2abcbf621907f90",
	  "480a9345cc1e", "f84eb338848c" },
	{ "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0", "0123456789abcdef0123456789abcdef", "0123456789ab", "abcd",
	  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", 1,
	  "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524",
	  "d97b75a1776065271b1e212bc3b1bf173f438b21e6c64a55a96c372e085e5cc5",
	  "427bbf07c6e3a86c54f8c5216499f3909a6fd4a164c9fe235b1550258111b821", "07021c73e7635c7d", "4d59ac796834eb85d11fa148a5058c3c",
	  "126d47500136fdc5ddfd14f19ebf16749ce4b6435323fbb5715a3a796a6082bd", "1d6622c4e59a", "f84eb338848c" },
	{ "b8da837a50652d6ac7c97da14f6acc61", "6887e55425a966bd86c9661a5fa72be8", "0dea2ee2c5af", "df1e",
	  "0952be13556c32ebc58195d9dd930493e12a9003669988ffde5fa1f0fe35cc01", 1,
	  "2bc16eb657a68e1f446f08f57c0efb1d493527a2e652ce281eb6ca0e4487760a", "749214087958dd8f58bfcdf869d8ae3f",
	  "619e865afe80e382aee13063f9dfb56d", "4041ce438e3e38e8aa96562eed83ac43", "3e3bc01bea0cd914c4c2c83ce2d92757",
	  "666a8e6f577b1aa77b7fd53cebb8a3d6", "1f880d005119", "45e617d77fe5" },
	{ "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5", "c570aac68cde651fb1e3088322498bef", "c89bb71f3a41", "297d",
	  "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e", 1,
	  "3c6052e41532a28a47aa3cbb89f223e8f3aaa976aecd48bc3e7d6165a55eff62", "d7340dad02b4cb01", "c6021e2e66accb15",
	  "84d89b41db1867ffd4c7ba1d82163f4d526a20fbae5418fbb526940b1eeb905c",
	  "d419676afe5ab58c1d8bee0d43523a4d2f52ef0b31a4676a0c334427a988fe65", "205533e505661b61d05cc0eac87818f4", "d7b3d2d4980a",
	  "ca9655264986" },
	{ "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5", "c570aac68cde651fb1e3088322498bef", "c89bb71f3a41", "297d",
	  "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e", 2,
	  "b04a66f26c62fcd6c82de22a179ab65506ecf47f56245cd149966cfa9cec7a51",
	  "90d2289ed1ca1c3dbc2247bb480d431ac71d2e4a7677f6e997cfddb0cbad88b7",
	  "427355dbac30e825063aba61b556e87583abac638e3ab01c4c884ad9d458dc2f",
	  "d67e6e64590d22eecba7324afa4af4460c93f01b24506d6e12047d789a94c867",
	  "ede57edfc57cdffe1aae75066a1b7479bbc3837438e88d37a801cccc9f972b89",
	  "48ed9299126e5057402fe01f9201cf25249f9c5c0ed2afcf084755daff1d3999", "6aae8d18c448", "8c5f33b61f4e" },
};

static unsigned unhex(const char *hex, uint8_t *out)
{
	unsigned n = 0;

	for (; *hex; hex += 2) {
		char two[3] = { hex[0], hex[1], 0 };

		out[n++] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

static void assert_hex(const uint8_t *got, const char *hex)
{
	uint8_t want[TUAK_MAX];

	assert_memory_equal(got, want, unhex(hex, want));
}

static struct tuak subscriber(const struct set *s)
{
	struct tuak t = { .iterations = s->iterations, .mac_len = (unsigned)strlen(s->f1) / 2, .res_len = (unsigned)strlen(s->f2) / 2,
			  .ck_len = (unsigned)strlen(s->f3) / 2, .ik_len = (unsigned)strlen(s->f4) / 2 };

	t.k_len = unhex(s->k, t.k);
	unhex(s->topc, t.topc);
	return t;
}

static void test_topc_comes_from_top(void **state)
{
	uint8_t top[TUAK_MAX], topc[TUAK_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct tuak t = subscriber(&sets[i]);

		unhex(sets[i].top, top);
		tuak_topc(&t, top, topc);
		assert_hex(topc, sets[i].topc);
	}
}

static void test_every_function_gives_the_standards_values(void **state)
{
	uint8_t rand[16], sqn[6], amf[2], a[32], s[32], res[32], ck[32], ik[32], ak[6], aks[6];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct tuak t = subscriber(&sets[i]);

		unhex(sets[i].rand, rand);
		unhex(sets[i].sqn, sqn);
		unhex(sets[i].amf, amf);
		tuak_f1(&t, rand, sqn, amf, a, s);
		assert_hex(a, sets[i].f1);
		assert_hex(s, sets[i].f1s);
		tuak_f2345(&t, rand, res, ck, ik, ak, aks);
		assert_hex(res, sets[i].f2);
		assert_hex(ck, sets[i].f3);
		assert_hex(ik, sets[i].f4);
		assert_hex(ak, sets[i].f5);
		assert_hex(aks, sets[i].f5s);
	}
}

/* SHA3-256 of a short message is one permutation [FIPS 202 B.2], and OpenSSL has that. */
static void test_the_permutation_is_that_of_sha3(void **state)
{
	uint8_t in[KECCAK_BYTES] = { 0 }, want[32];

	(void)state;
	for (unsigned n = 0; n < 136; n++) {
		memset(in, 0, sizeof in);
		for (unsigned i = 0; i < n; i++)
			in[i] = (uint8_t)(i * 7 + n);
		assert_int_equal(EVP_Digest(in, n, want, NULL, EVP_sha3_256(), NULL), 1);
		in[n] ^= 0x06;
		in[135] ^= 0x80;
		keccak_f1600(in);
		assert_memory_equal(in, want, sizeof want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_permutation_is_that_of_sha3),
		cmocka_unit_test(test_topc_comes_from_top),
		cmocka_unit_test(test_every_function_gives_the_standards_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
