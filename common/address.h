// SPDX-License-Identifier: Apache-2.0
/* Numeric addresses as configuration writes them: "127.0.0.1:5060", "[::1]:5060", "10.0.0.0/8". No DNS. */
#pragma once
#include "common/base.h"
#include <sys/socket.h>

/* 0, or -EINVAL with *out untouched. */
int address_parse(const char *text, struct sockaddr_storage *out);
socklen_t address_len(const struct sockaddr_storage *a);

/* "127.0.0.1" or "::1" into `out` (INET6_ADDRSTRLEN is enough); "127.0.0.1:5060" or "[::1]:5060" (8 more). No printf: this is done for
 * each message. The length, or 0 for another family. */
size_t address_ip_text(const struct sockaddr *a, char *out);
size_t address_text(const struct sockaddr *a, char *out);

/* The host of "HOST:PORT" or "[HOST]:PORT", or the whole text when it has no port. 0 or -ENOSPC. */
int address_host(const char *text, char *host, size_t size);

struct cidr {
	int family;
	unsigned bits;
	uint8_t bytes[16];
};
int cidr_parse(const char *text, struct cidr *out);               /* 0, or -EINVAL */
bool cidr_matches(const struct cidr *c, const struct sockaddr *a);/* IPv4-mapped IPv6 counts as IPv4 */
bool cidr_valid(const char *cidr);                                /* an address with or without "/bits" */
bool cidr_contains(const char *cidr, const struct sockaddr *a);   /* IPv4-mapped IPv6 counts as IPv4 */
