// SPDX-License-Identifier: Apache-2.0
/* What the files of a daemon's frame share: daemon.c, daemon_health.c, daemon_notify.c. */
#pragma once
#include "common/daemon.h"
#include "common/http.h"

struct daemon {
	const struct daemon_spec *spec;
	const char *config;              /* path */
	void *options;                   /* begins with struct base_options */
	void *self;
	struct loop *loop;
	struct http_server *ops;
	struct http_route *routes;
	uv_signal_t hup, term, interrupt;
	uv_timer_t drain, watchdog;
	uint64_t drain_end_ns;           /* 0: not draining */
};

/* daemon_health.c */
int daemon_ops_listen(struct daemon *d);                     /* 0 or -errno after logging */
void daemon_health_draining(void);                           /* not ready from now on */
bool daemon_alive(const char **silent);                      /* every registered thread spoke lately; else *silent is one that did not */
int daemon_health_ask(const struct base_options *b);         /* exit status: 0 ready, 1 not or not reached */

/* daemon_notify.c: to the service manager, when there is one [sd_notify(3)] */
void daemon_notify(const char *state);
uint64_t daemon_notify_watchdog_ms(void);                    /* how often it wants to hear WATCHDOG=1; 0: never */
