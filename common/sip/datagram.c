// SPDX-License-Identifier: Apache-2.0
/* Datagram sockets by one system call a datagram.
 *
 * Sofia-SIP asks how long the next datagram is, and then for it; and before it sends it asks whether an ICMP error is pending, so
 * that the send is not refused for what another destination did. Here the datagram is taken with the first question and handed
 * out with the second, and a send that is refused for an old error, which it has now cleared, is made again.
 * su_vrecv(), su_vsend() and su_soerror() of the library are found in this executable first; su_getmsgsize() is in stream.c. */
#include "common/sip/engine.h"
#include <dlfcn.h>
#include <sofia-sip/su.h>
#include <sys/socket.h>

enum { DATAGRAM_MAX = 65536 };

static _Thread_local int sockets[ENDPOINT_MAX];
static _Thread_local size_t socket_count;
static _Thread_local struct {
	int socket;                  /* -1: nothing is here */
	size_t len;
	su_sockaddr_t from;
	socklen_t from_len;
	uint8_t data[DATAGRAM_MAX];
} fetched = { .socket = -1 };

void datagram_watch(int s)
{
	if (socket_count < ARRAY_LEN(sockets))
		sockets[socket_count++] = s;
}

bool datagram_is(int s)
{
	for (size_t i = 0; i < socket_count; i++)
		if (sockets[i] == s)
			return true;
	return false;
}

/* An error that another datagram left behind; asked for, it is gone. [ip(7) IP_RECVERR, udp(7)] */
static bool old_error(void)
{
	return errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH || errno == EHOSTDOWN;
}

/* The length of the next one that is not empty, or -1. */
ssize_t datagram_fetch(int s)
{
	bool again = true;
	ssize_t n;

	do {
		fetched.from_len = sizeof fetched.from;
		n = recvfrom(s, fetched.data, sizeof fetched.data, MSG_DONTWAIT, (struct sockaddr *)&fetched.from, &fetched.from_len);
	} while (n == 0 || (n < 0 && old_error() && again && !(again = false)));
	fetched.socket = n < 0 ? -1 : s;
	fetched.len = n < 0 ? 0 : (size_t)n;
	return n;
}

static ssize_t hand_out(su_iovec_t iov[], size_t count, su_sockaddr_t *from, socklen_t *from_len)
{
	size_t done = 0;

	for (size_t i = 0; i < count && done < fetched.len; i++) {
		size_t part = iov[i].siv_len < fetched.len - done ? iov[i].siv_len : fetched.len - done;

		memcpy(iov[i].siv_base, fetched.data + done, part);
		done += part;
	}
	fetched.socket = -1;
	if (from && from_len) {
		*from_len = *from_len < fetched.from_len ? *from_len : fetched.from_len;
		memcpy(from, &fetched.from, *from_len);
	}
	return (ssize_t)done;
}

issize_t su_vrecv(su_socket_t s, su_iovec_t iov[], isize_t count, int flags, su_sockaddr_t *from, socklen_t *from_len)
{
	static issize_t (*real)(su_socket_t, su_iovec_t *, isize_t, int, su_sockaddr_t *, socklen_t *);

	if (fetched.socket == s)
		return hand_out(iov, count, from, from_len);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "su_vrecv");
	return real(s, iov, count, flags, from, from_len);
}

issize_t su_vsend(su_socket_t s, const su_iovec_t iov[], isize_t count, int flags, const su_sockaddr_t *to, socklen_t to_len)
{
	static issize_t (*real)(su_socket_t, const su_iovec_t *, isize_t, int, const su_sockaddr_t *, socklen_t);
	issize_t n;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "su_vsend");
	n = real(s, iov, count, flags, to, to_len);
	return n < 0 && old_error() && datagram_is(s) ? real(s, iov, count, flags, to, to_len) : n;
}

int su_soerror(su_socket_t s)
{
	static int (*real)(su_socket_t);

	if (datagram_is(s))
		return 0;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "su_soerror");
	return real(s);
}
