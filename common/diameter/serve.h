// SPDX-License-Identifier: Apache-2.0
/* Answering: what cx_serve.c and sh_serve.c have in common. Only under common/diameter. */
#pragma once
#include "common/diameter/command.h"

struct call; /* a question that waits for our answer; answered exactly once, from any thread */

/* An application as this process serves it; lives as long as the process. */
struct service {
	uint32_t application;
	const void *server;                  /* struct cx_server and the like */
	const struct cx_host *host;          /* not NULL: handlers are posted to its thread */
	bool (*handles)(const void *server, uint32_t code);
	void (*handle)(const void *server, struct call *c, uint32_t code, const void *question);
	struct diameter_node *node;          /* set by serve() */
};

/* Registers the application's commands and tells peers that we speak it. 0 or -errno. Before diameter_start. */
int serve(struct diameter_node *n, struct service *service);

void call_answer(struct call *c, enum diameter_result result, const void *answer);
void call_redirect(struct call *c, const struct redirect *r);
void call_blame(struct call *c, enum dict_avp avp); /* Failed-AVP of the answer holds it; AVP_COUNT takes that back */
const char *call_origin_host(const struct call *c);
const char *call_origin_realm(const struct call *c);
enum drmp call_priority(const struct call *c);
uint32_t call_peer(const struct call *c);
const char *call_trace_id(const struct call *c);
