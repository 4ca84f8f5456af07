// SPDX-License-Identifier: Apache-2.0
/* IPv4 addresses to text and back without detours, of which Sofia-SIP takes some for each message. inet_ntop() of glibc prints, a
 * twentieth of what a message costs; and where a message goes to is asked of the system's resolver, though it is an address always,
 * for hop.c has asked for the name. Both functions are found in this executable first; what su_getaddrinfo() gives is freed with
 * freeaddrinfo(). */
#include "common/address.h"
#include "common/sip/engine.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <sofia-sip/su.h>
#include <stdlib.h>

const char *inet_ntop(int family, const void *address, char *text, socklen_t size)
{
	static const char *(*real)(int, const void *, char *, socklen_t);
	struct sockaddr_in a = { .sin_family = AF_INET };

	if (family == AF_INET && size >= INET_ADDRSTRLEN) {
		memcpy(&a.sin_addr, address, sizeof a.sin_addr);
		address_ip_text((const struct sockaddr *)&a, text);
		return text;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "inet_ntop");
	return real(family, address, text, size);
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s) && strlen(s) <= 5;
}

/* One block, as glibc makes it. */
static su_addrinfo_t *of_address(const char *node, const char *service, const su_addrinfo_t *hints)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	su_addrinfo_t *ai;

	if (!node || !service || !hints || !hints->ai_socktype || (hints->ai_flags & AI_CANONNAME) ||
	    (hints->ai_family != AF_INET && hints->ai_family != AF_UNSPEC) || !is_number(service) || inet_pton(AF_INET, node, &a.sin_addr) != 1)
		return NULL;
	a.sin_port = htons((uint16_t)atoi(service));
	ai = malloc(sizeof *ai + sizeof a);
	if (!ai)
		return NULL;
	*ai = (su_addrinfo_t){ .ai_flags = hints->ai_flags, .ai_family = AF_INET, .ai_socktype = hints->ai_socktype,
			       .ai_protocol = hints->ai_protocol, .ai_addrlen = sizeof a, .ai_addr = (struct sockaddr *)(ai + 1) };
	memcpy(ai + 1, &a, sizeof a);
	return ai;
}

int su_getaddrinfo(const char *node, const char *service, const su_addrinfo_t *hints, su_addrinfo_t **out)
{
	static int (*real)(const char *node, const char *service, const su_addrinfo_t *hints, su_addrinfo_t **out);
	su_addrinfo_t *ai = of_address(node, service, hints);

	if (ai) {
		*out = ai;
		return 0;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "su_getaddrinfo");
	return real(node, service, hints, out);
}
