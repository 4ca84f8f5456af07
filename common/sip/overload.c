// SPDX-License-Identifier: Apache-2.0
/* Is what waits before the SIP thread too old? [RFC 6357 4, TS 24.229 4.14 leaves the means to us]
 *
 * Requests wait in the kernel's socket queues. Of a datagram socket the kernel tells when the last datagram taken had come in. Older
 * than overload_queue_ms for as long again, three times as old at once, or a queue more than half full: new requests are answered
 * 503. Streams hide their queues; at the edge, the core's age is seen by how long it takes to answer what was let in. */
#include "common/sip/engine.h"
#include "common/address.h"
#include "common/log.h"
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CHECK_NS = 5000000, RCVBUF = 4 << 20, MUCH_TOO_OLD = 3, SLOW = 2, MANY = 20 };

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
		datagram_watch(fd);
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

enum pressure { PRESSURE_NONE, PRESSURE_OLD, PRESSURE_HIGH };

static enum pressure pressure_of(const struct sip_agent *a, int fd)
{
	uint64_t limit = (uint64_t)a->o.overload_queue_ms * 1000000u, age;
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof info;

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) || !has_data(info))
		return PRESSURE_NONE;
	age = age_ns(fd);
	if (info[SK_MEMINFO_RMEM_ALLOC] > info[SK_MEMINFO_RCVBUF] / 2 || age > MUCH_TOO_OLD * limit)
		return PRESSURE_HIGH;
	return age > limit ? PRESSURE_OLD : PRESSURE_NONE;
}

/* Streams hide their queues, so the core's is seen by what it has not answered: many requests, and not only one or two that a
 * question to the HSS holds up. A peer that is dead is another matter: its requests end by the first-answer timer, and no more go
 * there. */
static bool core_is_slow(const struct sip_agent *a, uint64_t now)
{
	const struct deadline *d = a->edge ? a->first_answers.first : NULL;

	for (int i = 1; d && i < MANY; i++)
		d = d->next;
	return d && now - CONTAINER_OF(d, struct target, first_answer)->sent_ns > (uint64_t)SLOW * a->o.overload_queue_ms * 1000000u;
}

static enum pressure pressure(const struct sip_agent *a, uint64_t now)
{
	enum pressure most = core_is_slow(a, now) ? PRESSURE_HIGH : PRESSURE_NONE;

	for (size_t i = 0; i < a->overload.count; i++) {
		enum pressure p = pressure_of(a, a->overload.fd[i]);

		most = p > most ? p : most;
	}
	return most;
}

/* A queue that grew while the machine did something else for a moment, and drains, is none; one that stays old for as long again is. */
static bool stands(struct sip_agent *a, enum pressure p, uint64_t now)
{
	if (p == PRESSURE_NONE)
		a->overload.since_ns = 0;
	else if (!a->overload.since_ns)
		a->overload.since_ns = now;
	return p == PRESSURE_HIGH || (p == PRESSURE_OLD && now - a->overload.since_ns >= (uint64_t)a->o.overload_queue_ms * 1000000u);
}

bool overload_now(struct sip_agent *a)
{
	uint64_t now = clock_ns();
	bool old;

	if (now - a->overload.checked_ns < CHECK_NS)
		return a->overload.now;
	a->overload.checked_ns = now;
	old = stands(a, pressure(a, now), now);
	if (old != a->overload.now)
		log_event(old ? LOG_WARN : LOG_INFO, "sip.overload", "new requests are %s", old ? "answered 503" : "served again");
	a->overload.now = old;
	return old;
}
