// SPDX-License-Identifier: Apache-2.0
/* IPv4 addresses to text without printf, which glibc's inet_ntop() uses: Sofia-SIP asks for one or two for each message, a twentieth
 * of what a message costs. inet_ntop() of the library is found in this executable first. */
#include "common/address.h"
#include "common/sip/engine.h"
#include <arpa/inet.h>
#include <dlfcn.h>

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
