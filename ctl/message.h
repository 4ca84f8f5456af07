// SPDX-License-Identifier: Apache-2.0
/* Messages as the daemons' traces tell them, put together: what the sender and the receiver both saw is one message. Pure. */
#pragma once
#include "ctl/node.h"
#include <jansson.h>

enum protocol { PROTOCOL_SIP, PROTOCOL_DIAMETER };

struct message {
	uint64_t time_ns;                        /* 1970 */
	char from[NODE_NAME_MAX], to[NODE_NAME_MAX], seen_by[NODE_NAME_MAX];
	enum protocol protocol;
	char *summary;                           /* "401 Unauthorized (REGISTER)", "UAA 2001" */
	char *id, *call_id;
	struct bytes bytes;                      /* followed by a NUL */
	char *key;                               /* alike at the sender and the receiver */
};

struct messages {
	struct message *item;
	size_t count;
};

/* Adds what /trace/ID of the daemon `seen_by` told; what is there already, seen by the same, is left out. */
void messages_add(struct messages *m, const struct ctl_options *o, const char *seen_by, const json_t *list);
/* By time, each once. */
void messages_merge(struct messages *m);
void messages_free(struct messages *m);

json_t *messages_json(const struct messages *m);

/* A header of a SIP message by name or compact name ("call-id", "i"), without the space around it; the value's first line. False:
 * not there. */
bool sip_header(struct bytes message, const char *name, const char *compact, char *out, size_t size);
bool sip_is_response(struct bytes message);
