// SPDX-License-Identifier: Apache-2.0
/* Milenage: f1, f1*, f2-f5 and f5* by six AES-128 blocks under one key schedule. [TS 35.206 4.1] */
#include "common/crypto/milenage.h"
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

struct block { uint8_t b[16]; };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t context_key;
static EVP_CIPHER *aes;
static __thread EVP_CIPHER_CTX *context;

static void free_context(void *c)
{
	EVP_CIPHER_CTX_free(c);
}

static void fetch(void)
{
	aes = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	pthread_key_create(&context_key, free_context);
}

/* This thread's cipher, keyed with k; a fetch or an allocation a call would cost more than Milenage itself. */
static EVP_CIPHER_CTX *keyed(const uint8_t k[16])
{
	pthread_once(&once, fetch);
	if (!context) {
		context = EVP_CIPHER_CTX_new();
		pthread_setspecific(context_key, context);
	}
	if (!aes || !context || !EVP_EncryptInit_ex2(context, aes, k, NULL, NULL))
		return NULL;
	EVP_CIPHER_CTX_set_padding(context, 0);
	return context;
}

static int encrypt(EVP_CIPHER_CTX *c, const struct block *in, struct block *out)
{
	int len = 0;

	return EVP_EncryptUpdate(c, out->b, &len, in->b, 16) && len == 16 ? 0 : -EIO;
}

static void xor(struct block *a, const uint8_t b[16])
{
	for (int i = 0; i < 16; i++)
		a->b[i] ^= b[i];
}

/* TEMP = E(RAND xor OPc) [TS 35.206 4.1] */
static int temp_of(EVP_CIPHER_CTX *c, const uint8_t opc[16], const uint8_t rand[16], struct block *temp)
{
	struct block in;

	memcpy(in.b, rand, 16);
	xor(&in, opc);
	return encrypt(c, &in, temp);
}

/* OUTn = E(rot(TEMP xor OPc, r) xor c) xor OPc, for n = 2..5; r in octets, c in its last octet */
static int out_of(EVP_CIPHER_CTX *c, const uint8_t opc[16], const struct block *temp, int r, uint8_t constant, struct block *out)
{
	struct block in;

	for (int i = 0; i < 16; i++)
		in.b[i] = temp->b[(i + r) % 16] ^ opc[(i + r) % 16];
	in.b[15] ^= constant;
	if (encrypt(c, &in, out))
		return -EIO;
	xor(out, opc);
	return 0;
}

int milenage_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16])
{
	EVP_CIPHER_CTX *c = keyed(k);
	struct block in, out;

	memcpy(in.b, op, 16);
	if (!c || encrypt(c, &in, &out))
		return -EIO;
	xor(&out, op);
	memcpy(opc, out.b, 16);
	return 0;
}

/* OUT1 = E(TEMP xor rot(IN1 xor OPc, 64 bits)) xor OPc, IN1 = SQN || AMF || SQN || AMF */
static int out1(EVP_CIPHER_CTX *c, const struct milenage *m, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2],
		struct block *out)
{
	struct block temp, in1, in;

	if (temp_of(c, m->opc, rand, &temp))
		return -EIO;
	memcpy(in1.b, sqn, 6);
	memcpy(in1.b + 6, amf, 2);
	memcpy(in1.b + 8, in1.b, 8);
	xor(&in1, m->opc);
	for (int i = 0; i < 16; i++)
		in.b[i] = in1.b[(i + 8) % 16] ^ temp.b[i];
	if (encrypt(c, &in, out))
		return -EIO;
	xor(out, m->opc);
	return 0;
}

int milenage_f1(const struct milenage *m, const uint8_t rand[16], const uint8_t sqn[6], const uint8_t amf[2], uint8_t mac_a[8],
		uint8_t mac_s[8])
{
	EVP_CIPHER_CTX *c = keyed(m->k);
	struct block out;

	if (!c || out1(c, m, rand, sqn, amf, &out))
		return -EIO;
	memcpy(mac_a, out.b, 8);
	memcpy(mac_s, out.b + 8, 8);
	return 0;
}

int milenage_f2345(const struct milenage *m, const uint8_t rand[16], uint8_t res[8], uint8_t ck[16], uint8_t ik[16], uint8_t ak[6],
		   uint8_t ak_star[6])
{
	EVP_CIPHER_CTX *c = keyed(m->k);
	struct block temp, o2, o3, o4, o5;

	if (!c || temp_of(c, m->opc, rand, &temp) || out_of(c, m->opc, &temp, 0, 1, &o2) || out_of(c, m->opc, &temp, 4, 2, &o3) ||
	    out_of(c, m->opc, &temp, 8, 4, &o4) || out_of(c, m->opc, &temp, 12, 8, &o5))
		return -EIO;
	memcpy(ak, o2.b, 6);
	memcpy(res, o2.b + 8, 8);
	memcpy(ck, o3.b, 16);
	memcpy(ik, o4.b, 16);
	memcpy(ak_star, o5.b, 6);
	return 0;
}
