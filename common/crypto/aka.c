// SPDX-License-Identifier: Apache-2.0
/* f1 to f5* of either algorithm set, put together to vectors. [TS 33.102 6.3.2, 6.3.3] */
#include "common/crypto/aka.h"
#include <openssl/crypto.h>
#include <string.h>

struct answer {              /* of f2 to f5* */
	uint8_t res[AKA_RES_MAX], ck[AKA_KEY], ik[AKA_KEY], ak[6], ak_star[6];
	unsigned res_len;
};

const char *aka_algorithm_name(enum aka_algorithm algorithm)
{
	switch (algorithm) {
	case AKA_MILENAGE:
		return "milenage";
	case AKA_TUAK:
		return "tuak";
	}
	return "?";
}

void aka_tuak(struct aka *a, unsigned k_len, unsigned res_len, unsigned iterations)
{
	a->algorithm = AKA_TUAK;
	a->tuak.k_len = k_len;
	a->tuak.mac_len = AKA_MAC;
	a->tuak.res_len = res_len;
	a->tuak.ck_len = a->tuak.ik_len = AKA_KEY;
	a->tuak.iterations = iterations;
}

static int f1(const struct aka *a, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], uint8_t mac_a[AKA_MAC],
	      uint8_t mac_s[AKA_MAC])
{
	if (a->algorithm == AKA_MILENAGE)
		return milenage_f1(&a->milenage, rand, sqn, amf, mac_a, mac_s);
	tuak_f1(&a->tuak, rand, sqn, amf, mac_a, mac_s);
	return 0;
}

static int f2345(const struct aka *a, const uint8_t rand[16], struct answer *out)
{
	if (a->algorithm == AKA_MILENAGE) {
		out->res_len = 8;
		return milenage_f2345(&a->milenage, rand, out->res, out->ck, out->ik, out->ak, out->ak_star);
	}
	out->res_len = a->tuak.res_len;
	tuak_f2345(&a->tuak, rand, out->res, out->ck, out->ik, out->ak, out->ak_star);
	return 0;
}

int aka_vector(const struct aka *a, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], struct aka_vector *out)
{
	uint8_t mac_a[AKA_MAC], mac_s[AKA_MAC];
	struct answer r;

	if (f1(a, rand, sqn, amf, mac_a, mac_s) || f2345(a, rand, &r))
		return -EIO;
	memcpy(out->rand, rand, sizeof out->rand);
	for (int i = 0; i < 6; i++)
		out->autn[i] = sqn[i] ^ r.ak[i];
	memcpy(out->autn + 6, amf, 2);
	memcpy(out->autn + 8, mac_a, sizeof mac_a);
	memcpy(out->xres, r.res, r.res_len);
	out->xres_len = r.res_len;
	memcpy(out->ck, r.ck, sizeof out->ck);
	memcpy(out->ik, r.ik, sizeof out->ik);
	explicit_bzero(&r, sizeof r);
	return 0;
}

int aka_auts(const struct aka *a, const uint8_t rand[16], const uint8_t auts[14], uint8_t sqn_ms[6])
{
	static const uint8_t amf[2] = { 0, 0 }; /* a dummy in MAC-S [TS 33.102 6.3.3] */
	uint8_t mac_a[AKA_MAC], mac_s[AKA_MAC], sqn[6];
	struct answer r;

	if (f2345(a, rand, &r))
		return -EIO;
	for (int i = 0; i < 6; i++)
		sqn[i] = auts[i] ^ r.ak_star[i];
	explicit_bzero(&r, sizeof r);
	if (f1(a, rand, sqn, amf, mac_a, mac_s))
		return -EIO;
	if (CRYPTO_memcmp(mac_s, auts + 6, sizeof mac_s))
		return -EBADMSG;
	memcpy(sqn_ms, sqn, 6);
	return 0;
}
