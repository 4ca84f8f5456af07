// SPDX-License-Identifier: Apache-2.0
/* Numeric addresses and CIDRs. */
#include "common/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

int address_host(const char *text, char *host, size_t size)
{
	const char *end;
	size_t n;

	if (*text == '[') {
		text++;
		end = strchr(text, ']');
	} else {
		end = strchr(text, ':');
		if (end && strchr(end + 1, ':'))
			end = NULL; /* a bare IPv6 address */
	}
	n = end ? (size_t)(end - text) : strlen(text);
	if (n >= size)
		return -ENOSPC;
	memcpy(host, text, n);
	host[n] = 0;
	return 0;
}

static bool parse_port(const char *text, in_port_t *port)
{
	char *end;
	long n;

	if (*text < '0' || *text > '9')
		return false;
	n = strtol(text, &end, 10);
	if (*end || n > 65535)
		return false;
	*port = htons((uint16_t)n);
	return true;
}

int address_parse(const char *text, struct sockaddr_storage *out)
{
	struct sockaddr_storage a = { 0 };
	struct sockaddr_in *in4 = (struct sockaddr_in *)&a;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a;
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	in_port_t port;

	if (!colon || !parse_port(colon + 1, &port) || address_host(text, host, sizeof host))
		return -EINVAL;
	if (*text == '[') {
		if (colon[-1] != ']' || inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
			return -EINVAL;
		in6->sin6_family = AF_INET6;
		in6->sin6_port = port;
	} else {
		if (inet_pton(AF_INET, host, &in4->sin_addr) != 1)
			return -EINVAL;
		in4->sin_family = AF_INET;
		in4->sin_port = port;
	}
	*out = a;
	return 0;
}

socklen_t address_len(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static bool parse_cidr(const char *text, struct cidr *c)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	char host[INET6_ADDRSTRLEN], *end;
	unsigned most;

	if (n >= sizeof host)
		return false;
	memcpy(host, text, n);
	host[n] = 0;
	c->family = strchr(host, ':') ? AF_INET6 : AF_INET;
	most = c->family == AF_INET6 ? 128 : 32;
	if (inet_pton(c->family, host, c->bytes) != 1)
		return false;
	c->bits = most;
	if (!slash)
		return true;
	if (slash[1] < '0' || slash[1] > '9')
		return false;
	c->bits = (unsigned)strtoul(slash + 1, &end, 10);
	return !*end && c->bits <= most;
}

int cidr_parse(const char *text, struct cidr *out)
{
	struct cidr c = { 0 };

	if (!parse_cidr(text, &c))
		return -EINVAL;
	*out = c;
	return 0;
}

bool cidr_valid(const char *cidr)
{
	struct cidr c;

	return parse_cidr(cidr, &c);
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));

	return memcmp(a, b, whole) == 0 && (!rest || ((a[whole] ^ b[whole]) & mask) == 0);
}

bool cidr_matches(const struct cidr *c, const struct sockaddr *a)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)a;
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)a;

	if (a->sa_family == AF_INET)
		return c->family == AF_INET && same_prefix(c->bytes, (const uint8_t *)&in4->sin_addr, c->bits);
	if (a->sa_family != AF_INET6)
		return false;
	if (c->family == AF_INET)
		return IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) && same_prefix(c->bytes, in6->sin6_addr.s6_addr + 12, c->bits);
	return same_prefix(c->bytes, in6->sin6_addr.s6_addr, c->bits);
}

bool cidr_contains(const char *cidr, const struct sockaddr *a)
{
	struct cidr c;

	return parse_cidr(cidr, &c) && cidr_matches(&c, a);
}

/* ---- to text ---- */

static char *put_number(char *out, unsigned n)
{
	char digits[8];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (count)
		*out++ = digits[--count];
	return out;
}

size_t address_ip_text(const struct sockaddr *a, char *out)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)a;
	const uint8_t *b = (const uint8_t *)&in->sin_addr;
	char *p = out;

	*out = 0;
	if (a->sa_family == AF_INET6 && inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, out, INET6_ADDRSTRLEN))
		return strlen(out);
	if (a->sa_family != AF_INET)
		return 0;
	for (int i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_number(p, b[i]);
	}
	*p = 0;
	return (size_t)(p - out);
}

size_t address_text(const struct sockaddr *a, char *out)
{
	bool v6 = a->sa_family == AF_INET6;
	size_t n = address_ip_text(a, out + v6);
	char *p = out + v6 + n;

	if (!n)
		return 0;
	if (v6) {
		out[0] = '[';
		*p++ = ']';
	}
	*p++ = ':';
	p = put_number(p, ntohs(((const struct sockaddr_in *)(const void *)a)->sin_port)); /* at the same place in both families */
	*p = 0;
	return (size_t)(p - out);
}
