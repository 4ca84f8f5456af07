// SPDX-License-Identifier: Apache-2.0
/* The short way of our own question and its answer through freeDiameter.
 *
 *   asker ─▶ [queue, routing thread] ─▶ queue ─▶ sending thread ─▶ network
 *   network ─▶ receiving thread ─▶ queue ─▶ peer's thread ─▶ [queue, routing thread ─▶ queue, dispatch thread] ─▶ the asker's callback
 *
 * What stands in brackets finds where a message of any kind shall go. A question of ours while one peer is open can go nowhere else,
 * and an answer to it only to who asked; each hand-over costs as much as all else that is done with the message. Everything that is
 * not so plain takes the long way. The queues are found at fd_fifo_post_int(), of this executable first. */
#include "common/diameter/dict.h"
#include "common/diameter/fd.h"
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>

enum { OTHERS = 2 }; /* that may post to a peer's queue at this moment, too */

static int (*search)(struct dictionary *dict, enum dict_object_type type, int criteria, const void *what, struct dict_object **result, int none);
static int (*post)(struct fifo *queue, void **item);
static struct fifo **incoming, **outgoing;

bool fd_short_prepare(void)
{
	*(void **)&post = dlsym(RTLD_NEXT, "fd_fifo_post_int");
	*(void **)&incoming = dlsym(RTLD_DEFAULT, "fd_g_incoming");
	*(void **)&outgoing = dlsym(RTLD_DEFAULT, "fd_g_outgoing");
	*(void **)&search = dlsym(RTLD_NEXT, "fd_dict_search");
	return post && incoming && outgoing && search;
}

/* From here, not passed on for another. */
static bool is_ours(struct msg *m)
{
	DiamId_t source = NULL;
	size_t len;

	return !fd_msg_source_get(m, &source, &len) && !source;
}

static bool is_request(struct msg *m)
{
	struct msg_hdr *hdr;

	return !fd_msg_hdr(m, &hdr) && (hdr->msg_flags & CMD_FLAG_REQUEST);
}

/* ---- the question ---- */

static struct peer_hdr *only_open_peer(void)
{
	struct peer_hdr *only = NULL;
	int open = 0;

	for (struct fd_list *l = fd_g_peers.next; l != &fd_g_peers; l = l->next) {
		int state = fd_peer_get_state(l->o);

		if (state != STATE_OPEN && state != STATE_OPEN_NEW)
			continue;
		only = l->o;
		open++;
	}
	return open == 1 ? only : NULL;
}

/* Its queue takes five, and then whoever posts waits. */
static bool has_room(struct peer_hdr *peer)
{
	int count, limit;

	return !fd_stat_getstats(STAT_P_TOSEND, peer, &count, &limit, NULL, NULL, NULL, NULL, NULL) && (!limit || count + OTHERS < limit);
}

static bool send_straight(struct msg *m)
{
	struct peer_hdr *peer;
	bool sent;

	if (!is_request(m) || !is_ours(m))
		return false;
	pthread_rwlock_rdlock(&fd_g_peers_rw);
	peer = only_open_peer();
	sent = peer && has_room(peer) && !fd_out_send(&m, NULL, (struct fd_peer *)peer, 0);
	pthread_rwlock_unlock(&fd_g_peers_rw);
	return sent;
}

/* ---- the answer ---- */

static bool deliver_straight(struct msg *m)
{
	void (*callback)(void *data, struct msg **answer) = NULL;
	struct msg *question = NULL, *error = NULL;
	void *data = NULL;

	if (is_request(m) || fd_msg_answ_getq(m, &question) || !question || !is_ours(question))
		return false;
	if (fd_msg_anscb_get(question, &callback, NULL, &data) || !callback || fd_msg_parse_or_error(&m, &error) || !m)
		return false;
	callback(data, &m);
	if (m)
		fd_msg_free(m);
	return true;
}

int fd_fifo_post_int(struct fifo *queue, void **item)
{
	if (queue && *item && ((queue == *outgoing && send_straight(*item)) || (queue == *incoming && deliver_straight(*item)))) {
		*item = NULL;
		return 0;
	}
	return post(queue, item);
}

/* ---- the meaning of an AVP ---- */

static struct dict_object *known_avp(int criteria, const void *what)
{
	const struct dict_avp_request_ex *of_vendor = what;

	if (criteria == AVP_BY_CODE)
		return dict_find(*(const avp_code_t *)what, 0);
	if (criteria == AVP_BY_STRUCT && of_vendor->avp_vendor.vendor_id == VENDOR_3GPP && !of_vendor->avp_data.avp_name)
		return dict_find(of_vendor->avp_data.avp_code, VENDOR_3GPP);
	return NULL;
}

/* For each that it reads freeDiameter walks the list of all that the vendor has, some hundreds: those of Cx are found at once. */
int fd_dict_search(struct dictionary *dict, enum dict_object_type type, int criteria, const void *what, struct dict_object **result, int none)
{
	struct dict_object *found = type == DICT_AVP && result ? known_avp(criteria, what) : NULL;

	if (!found)
		return search(dict, type, criteria, what, result, none);
	*result = found;
	return 0;
}
