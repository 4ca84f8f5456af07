// SPDX-License-Identifier: Apache-2.0
/* TLS of the SIP sockets, where Sofia-SIP leaves no choice.
 *
 * Its sockets either demand a client certificate or do not ask for one. The P-CSCF serves UEs (which have none) and the core
 * (which has) on one port, so here a certificate is always asked for, may be missing, and must be good when it is there; which
 * peer is trusted is then a question of its names. [TS 33.203 O.2, TS 33.210] The least version of TLS is set at the same place,
 * since Sofia-SIP has no option for it. And it forgets what OpenSSL keeps of a connection that ended. Two functions of
 * OpenSSL are found in this executable first. */
#include "common/sip/engine.h"
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local int floor_version;          /* 0: this thread makes no sockets of ours */
static _Thread_local bool is_sip_thread;         /* whoever else uses TLS frees its connections itself */

static int only_good(int ok, X509_STORE_CTX *store)
{
	(void)store;
	return ok;
}

void SSL_CTX_set_verify(SSL_CTX *ctx, int mode, SSL_verify_cb callback)
{
	static void (*real)(SSL_CTX *, int, SSL_verify_cb);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "SSL_CTX_set_verify");
	if (!floor_version)
		return real(ctx, mode, callback);
	SSL_CTX_set_min_proto_version(ctx, floor_version);
	real(ctx, SSL_VERIFY_PEER | (mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT), only_good);
}

/* The last that Sofia-SIP does with a connection, but for giving back a share of its BIO and of its context. */
int SSL_shutdown(SSL *ssl)
{
	static int (*real)(SSL *);
	int result;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "SSL_shutdown");
	result = real(ssl);
	if (!is_sip_thread)
		return result;
	if (SSL_get_rbio(ssl))
		BIO_up_ref(SSL_get_rbio(ssl));
	SSL_CTX_up_ref(SSL_get_SSL_CTX(ssl));
	SSL_free(ssl);
	return result;
}

/* The names in a peer's certificate: Sofia-SIP reads them and forgets to give them back. They live until it reads the next. */
static struct {
	X509V3_EXT_METHOD method;        /* as the library has it, but for i2v */
	const X509V3_EXT_METHOD *real;
	GENERAL_NAMES *names;
	STACK_OF(CONF_VALUE) *values;
} seen;

static STACK_OF(CONF_VALUE) *read_names(const struct v3_ext_method *method, void *names, STACK_OF(CONF_VALUE) *list)
{
	(void)method;
	GENERAL_NAMES_free(seen.names);
	sk_CONF_VALUE_pop_free(seen.values, X509V3_conf_free);
	seen.names = names;
	seen.values = seen.real->i2v(seen.real, names, list);
	return seen.values;
}

const X509V3_EXT_METHOD *X509V3_EXT_get(X509_EXTENSION *extension)
{
	static const X509V3_EXT_METHOD *(*real)(X509_EXTENSION *);
	const X509V3_EXT_METHOD *method;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "X509V3_EXT_get");
	method = real(extension);
	if (!is_sip_thread || !method || method->ext_nid != NID_subject_alt_name || !method->i2v)
		return method;
	seen.real = method;
	seen.method = *method;
	seen.method.i2v = read_names;
	return &seen.method;
}

void tls_binding(const char *minimum)
{
	is_sip_thread = true;
	floor_version = !minimum ? 0 : !strcmp(minimum, "1.3") ? TLS1_3_VERSION : TLS1_2_VERSION;
}

static int link_as(const char *file, const char *directory, const char *name)
{
	char target[4096], path[160];

	if (!file)
		return -ENOENT;
	if (!realpath(file, target))
		return -errno;
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return symlink(target, path) ? -errno : 0;
}

int tls_directory_make(const char *certificate, const char *ca, char *path, size_t size)
{
	int err;

	snprintf(path, size, "/tmp/minims-tls-XXXXXX");
	if (!mkdtemp(path))
		return -errno;
	err = link_as(certificate, path, "agent.pem");
	if (!err)
		err = link_as(ca, path, "cafile.pem");
	if (err)
		tls_directory_remove(path);
	return err;
}

void tls_directory_remove(const char *path)
{
	static const char *const names[] = { "agent.pem", "cafile.pem" };
	char file[160];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(file, sizeof file, "%s/%s", path, names[i]);
		unlink(file);
	}
	rmdir(path);
}
