// SPDX-License-Identifier: Apache-2.0
/* This process as a Diameter node: freeDiameter started, its dictionary completed, its peers. One per process, for
 * freeDiameter has globals. Nothing of freeDiameter shows here. */
#pragma once
#include "common/base.h"

struct diameter_node;

struct diameter_peer {
	const char *identity;   /* "hss.ims.test" */
	const char *address;    /* "127.0.0.14"; needs no DNS */
	uint16_t port;          /* 3868, or 5868 with tls */
	bool tls;
	bool slf;               /* asked when it is not known who has the user [TS 29.229 5.4] */
};

struct diameter_options {
	const char *identity, *realm;
	const char *address;              /* listens here */
	uint16_t port, tls_port;          /* 0: not */
	const char *certificate, *key, *ca, *dh; /* PEM files; NULL without TLS; key NULL: in the certificate's file */
	const char *tls_minimum;
	const struct diameter_peer *peers;/* connected to; required ones make the daemon not ready while down */
	size_t peer_count;
	const char *const *admit;         /* identities or ".ims.test" suffixes that may connect to us, NULL-terminated */
	uint32_t timeout_ms;              /* our own timer for each question; default 3000 */
	uint32_t watchdog_s;              /* Tw, at least 6 */
	/* A peer of `peers` came or went, seen within a second; may be NULL. On a thread of the node's own. `required`: this node
	 * asks it, and can do nothing without. */
	void (*on_peer)(const char *identity, bool up, bool required);
};

/* 0, or -errno after logging why. Call cx_serve before diameter_start on a server. */
int diameter_new(const struct diameter_options *o, struct diameter_node **out);
int diameter_start(struct diameter_node *n);
/* Calls `on_look` when peers may have come or gone, and twice a second; on a thread of the node's own. Before diameter_start. */
void diameter_watch(struct diameter_node *n, void (*on_look)(void *context), void *context);
/* A peer by name. One that is not known may be behind an agent. */
enum diameter_reach { DIAMETER_PEER_UNKNOWN, DIAMETER_PEER_AWAY, DIAMETER_PEER_OPEN };
enum diameter_reach diameter_reach(const char *identity);
void diameter_stop(struct diameter_node *n); /* no callback after it returns */

/* A server's load is measured, told to who asks [RFC 7683], and what has waited for too long refused. Before diameter_start. */
struct diameter_load_options {
	unsigned target_ms;               /* a standing queue older than this is overload */
	unsigned limit_ms;                /* what has waited longer is answered TOO_BUSY, by priority [RFC 7944] */
	unsigned validity_s;              /* OC-Validity-Duration */
	/* How old what waits behind the handlers is; may be NULL. From any thread. */
	uint64_t (*backlog_ns)(void *context);
	void *context;
};
int diameter_watch_load(struct diameter_node *n, const struct diameter_load_options *o); /* 0 or -ENOMEM */
