// SPDX-License-Identifier: Apache-2.0
/* Each message of Cx and Sh into the trace, as it is on the wire. The trace id is the last part of its Session-Id [RFC 6733 8.8]. */
#include "common/diameter/command.h"
#include "common/diameter/node_private.h"
#include "common/text.h"
#include "common/trace.h"
#include <dlfcn.h>
#include <freeDiameter/libfdcore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cnxctx; /* in no public header, nor is the function */
int fd_cnx_send(struct cnxctx *connection, unsigned char *buffer, size_t len);

static int (*send_octets)(struct cnxctx *connection, unsigned char *buffer, size_t len);

enum { HEADER = 20, SESSION_ID = 263, ORIGIN_HOST = 264, NAME_MAX_LEN = 256 };

static uint32_t be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* Empty without it. [RFC 6733 4.1] */
static void avp_text(struct bytes m, uint32_t code, char *out, size_t size)
{
	const uint8_t *p = m.data + HEADER, *end = m.data + m.len;

	*out = 0;
	while (end - p >= 8) {
		uint32_t len = be24(p + 5);

		if (len < 8 || len > (size_t)(end - p))
			return;
		if (((uint32_t)p[0] << 24 | be24(p + 1)) == code && !(p[4] & 0x80)) {
			text_format(out, size, "%.*s", (int)(len - 8), (const char *)p + 8);
			return;
		}
		len = (len + 3) & ~3u;
		if (len > (size_t)(end - p))
			return;
		p += len;
	}
}

static bool is_ours(struct bytes m)
{
	return m.len >= HEADER && command_application((uint32_t)m.data[8] << 24 | be24(m.data + 9));
}

static const char *trace_id_in(const char *session_id)
{
	const char *p = session_id;

	for (int i = 0; i < 3 && p; i++) {
		p = strchr(p, ';');
		if (p)
			p++;
	}
	return p && *p ? p : session_id;
}

/* "hss.ims.test" is the instance hss */
static void cut_domain(char *identity)
{
	identity[strcspn(identity, ".")] = 0;
}

static void note(struct bytes m, const char *from, const char *to)
{
	char session[NAME_MAX_LEN];

	avp_text(m, SESSION_ID, session, sizeof session);
	trace_message(&(struct trace_message){ .protocol = TRACE_DIAMETER, .id = trace_id_in(session), .from = from, .to = to, .bytes = m });
}

static void received(const struct fd_cnx_rcvdata *data)
{
	struct bytes m = { data->buffer, data->length };
	char from[NAME_MAX_LEN];

	if (!is_ours(m))
		return;
	avp_text(m, ORIGIN_HOST, from, sizeof from);
	cut_domain(from);
	note(m, from, trace_self());
}

/* Whom the message goes to that this thread is about to send. */
static _Thread_local char destination[NAME_MAX_LEN];

static void sending(struct msg *msg, const struct peer_hdr *peer)
{
	struct msg_hdr *hdr;

	*destination = 0;
	if (!peer || fd_msg_hdr(msg, &hdr) || !command_application(hdr->msg_appl))
		return;
	text_format(destination, sizeof destination, "%s", peer->info.pi_diamid);
	cut_domain(destination);
}

/* freeDiameter's, called right after that hook. Here the octets are, once: the hook would have to make them again. */
int fd_cnx_send(struct cnxctx *connection, unsigned char *buffer, size_t len)
{
	if (*destination)
		note((struct bytes){ buffer, len }, trace_self(), destination);
	*destination = 0;
	return send_octets(connection, buffer, len);
}

/* A hook that nobody takes is logged by freeDiameter with a dump of the whole message, at every station of its way, whether or not
 * anybody reads that log: half of what a message costs. So all are taken, and two are of use. */
static void on_hook(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other, struct fd_hook_permsgdata *unused,
		    void *context)
{
	(void)unused, (void)context;
	if (!trace_on())
		return;
	if (type == HOOK_DATA_RECEIVED)
		received(other);
	else if (type == HOOK_MESSAGE_SENT)
		sending(msg, peer);
}

int wire_watch(void)
{
	struct fd_hook_hdl *hook;

	*(void **)&send_octets = dlsym(RTLD_NEXT, "fd_cnx_send");
	return !send_octets ? -ENOSYS : -fd_hook_register(HOOK_MASK(HOOK_DATA_RECEIVED, HOOK_MESSAGE_RECEIVED, HOOK_MESSAGE_LOCAL, HOOK_MESSAGE_SENDING, HOOK_MESSAGE_SENT,
					   HOOK_MESSAGE_ROUTING_FORWARD, HOOK_MESSAGE_ROUTING_LOCAL),
				 on_hook, NULL, NULL, &hook);
}
