// SPDX-License-Identifier: Apache-2.0
/* What http.c needs before it can serve: the listening socket, and the certificate as libmicrohttpd wants it. */
#pragma once
#include "common/base.h"
#include <microhttpd.h>

int http_bind(const char *address); /* a listening socket, or -errno */

struct http_tls {
	char *pem;                      /* certificate and key */
	size_t len;
	const char *priorities;
	struct MHD_OptionItem items[4]; /* borrow from the above */
};

int http_tls_load(const char *file, const char *minimum, struct http_tls *out); /* 0 or -errno */
void http_tls_forget(struct http_tls *t);                                       /* wipes the key; for a zeroed one, too */
