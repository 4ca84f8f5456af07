// SPDX-License-Identifier: Apache-2.0
/* What every daemon does besides its work: options, configuration, log, metrics, trace, ops server, signals, reload, drain,
 * systemd notify, --health. main.c fills in a spec and returns daemon_main(). */
#pragma once
#include "common/base.h"
#include "common/config.h"
#include "common/loop.h"
#include "common/options.h"

struct daemon;

struct daemon_spec {
	const char *name;                        /* "icscf": log subject, trace, /health */
	const struct config_schema *schema;      /* of its options; the struct begins with struct base_options */
	int (*start)(struct daemon *d);          /* main thread; 0, or non-zero after logging why */
	void (*reload)(struct daemon *d);        /* SIGHUP, log already reopened; may be NULL */
	bool (*drained)(struct daemon *d);       /* SIGTERM: asked every 50 ms until true or drain_s is over; may be NULL */
	void (*stop)(struct daemon *d);          /* ends what start began */
	const struct http_route *routes;         /* more for the ops server; context is the daemon */
	size_t route_count;
};

int daemon_main(const struct daemon_spec *spec, int argc, char **argv); /* the process's exit status */

void *daemon_self(const struct daemon *d);             /* what daemon_set_self gave: struct icscf and the like */
void daemon_set_self(struct daemon *d, void *self);
const void *daemon_options(const struct daemon *d);    /* the struct the schema filled */
const char *daemon_instance(const struct daemon *d);   /* "scscf2": from the option `instance`, default spec->name */
struct loop *daemon_loop(const struct daemon *d);

/* Peers as /health shows them and minims_peer_up counts them. From any thread. A required peer that is down makes the
 * daemon not ready. */
void daemon_peer(const char *name, const char *protocol, bool up, bool required);
/* Ready only once this was called, too (listening, state loaded). From any thread. */
void daemon_ready(void);
/* The SIP thread (or another) says it turns; /live fails when a registered one was silent for 5 s. */
int daemon_heartbeat_register(const char *thread);
void daemon_heartbeat(int handle);
