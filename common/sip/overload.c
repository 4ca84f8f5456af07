// SPDX-License-Identifier: Apache-2.0
/* Is what waits before the SIP thread too old? [RFC 6357 4, TS 24.229 4.14 leaves the means to us]
 *
 * Requests wait in the kernel's socket queues. Of a datagram socket the kernel tells when the last datagram taken had come in; a
 * queue that is more than half full, or that has begun to drop, is too old as well, however young its head is. What a stream
 * holds back fills the sender's window, whose own queue then grows. */
#include "common/sip/engine.h"
#include "common/address.h"
#include "common/log.h"
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CHECK_NS = 5000000, RCVBUF = 4 << 20 };

static bool is_endpoint(int fd, const struct endpoint *e)
{
	struct sockaddr_storage bound, wanted;
	socklen_t len = sizeof bound, type_len = sizeof(int);
	char text[80];
	int type;

	snprintf(text, sizeof text, strchr(e->host, ':') ? "[%s]:%s" : "%s:%s", e->host, e->port);
	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) && type == SOCK_DGRAM &&
	       !getsockname(fd, (struct sockaddr *)&bound, &len) && !address_parse(text, &wanted) && len == address_len(&wanted) &&
	       !memcmp(&bound, &wanted, len);
}

/* Bursts wait in the kernel, not on the wire: the largest queue we may have. */
static void make_room(int fd)
{
	int size = RCVBUF;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static void watch(struct sip_agent *a, struct endpoint *e)
{
	struct timespec unused;

	/* Sofia-SIP does not tell its descriptors; they are few and low at start */
	for (int fd = 3; fd < 256; fd++) {
		if (!is_endpoint(fd, e))
			continue;
		make_room(fd);
		ioctl(fd, SIOCGSTAMPNS, &unused); /* the first question turns the time stamps on */
		a->overload.fd[a->overload.count++] = e->fd = fd;
		return;
	}
	log_event(LOG_WARN, "sip.overload", "address=%s:%s is not watched", e->host, e->port);
}

void overload_watch(struct sip_agent *a)
{
	for (size_t i = 0; i < a->endpoint_count; i++) {
		struct endpoint *e = &a->endpoints[i];
		bool twice = false;

		for (size_t j = 0; j < i; j++)
			twice |= !strcmp(a->endpoints[j].ident, e->ident) && a->endpoints[j].transport == e->transport;
		if (!twice && e->transport == SIP_UDP)
			watch(a, e);
	}
}

/* How long ago the datagram that was read last had come in. */
static uint64_t age_ns(int fd)
{
	struct timespec t;
	uint64_t then, now = clock_wall_ns();

	if (ioctl(fd, SIOCGSTAMPNS, &t))
		return 0;
	then = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	return now > then ? now - then : 0;
}

static bool has_data(const uint32_t info[SK_MEMINFO_VARS])
{
	return info[SK_MEMINFO_RMEM_ALLOC] > 0;
}

static bool too_old(const struct sip_agent *a, int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof info;

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) || !has_data(info))
		return false;
	return info[SK_MEMINFO_RMEM_ALLOC] > info[SK_MEMINFO_RCVBUF] / 2 ||
	       age_ns(fd) > (uint64_t)a->o.overload_queue_ms * 1000000u;
}

bool overload_now(struct sip_agent *a)
{
	uint64_t now = clock_ns();
	bool old = false;

	if (now - a->overload.checked_ns < CHECK_NS)
		return a->overload.now;
	a->overload.checked_ns = now;
	for (size_t i = 0; i < a->overload.count; i++)
		old |= too_old(a, a->overload.fd[i]);
	if (old != a->overload.now)
		log_event(old ? LOG_WARN : LOG_INFO, "sip.overload", "new requests are %s", old ? "answered 503" : "served again");
	a->overload.now = old;
	return old;
}
