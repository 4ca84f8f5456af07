// SPDX-License-Identifier: Apache-2.0
/* Asking: what cx_ask.c and sh_ask.c have in common. Only under common/diameter. */
#pragma once
#include "common/diameter/command.h"

struct asker;

/* Tells peers that we speak the application: before diameter_start. NULL: no memory. `host` is copied and may be NULL, the realm
 * is borrowed. */
struct asker *asker_new(struct diameter_node *n, uint32_t application, const struct cx_host *host, const char *destination_realm);
void asker_free(struct asker *a);

/* For a request of the SIP thread: `done` is called there, if the request still is. */
void ask_for_request(struct asker *a, uint32_t code, const void *question, const struct request *r, command_done *done);
/* For nobody on it: `done` is called on a Diameter thread. */
void ask_for_context(struct asker *a, uint32_t code, const void *question, void *context, command_done *done);
