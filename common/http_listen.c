// SPDX-License-Identifier: Apache-2.0
/* The listening socket of an HTTP server, and its certificate. The socket is ours, so that its error is known. */
#include "common/http_listen.h"
#include "common/address.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 128, PEM_MAX = 1 << 20 };

int http_bind(const char *address)
{
	struct sockaddr_storage a;
	int fd, one = 1, err;

	if (address_parse(address, &a))
		return -EINVAL;
	fd = socket(a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&a, address_len(&a)) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int http_tls_load(const char *file, const char *minimum, struct http_tls *out)
{
	struct http_tls t = { 0 };
	FILE *f = fopen(file, "re");
	int err;

	if (!f)
		return -errno;
	t.pem = calloc(1, PEM_MAX);
	t.len = t.pem ? fread(t.pem, 1, PEM_MAX - 1, f) : 0;
	err = !t.pem ? -ENOMEM : ferror(f) ? -EIO : 0;
	fclose(f);
	if (err) {
		free(t.pem);
		return err;
	}
	t.priorities = minimum && !strcmp(minimum, "1.3") ? "NORMAL:-VERS-ALL:+VERS-TLS1.3" : "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	t.items[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, t.pem };
	t.items[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, t.pem };
	t.items[2] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)t.priorities };
	t.items[3] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	*out = t;
	return 0;
}

void http_tls_forget(struct http_tls *t)
{
	if (!t->pem)
		return;
	explicit_bzero(t->pem, t->len);
	free(t->pem);
	t->pem = NULL;
}
