// SPDX-License-Identifier: Apache-2.0
/* The short way through freeDiameter, of our own question and its answer and of a question to us and ours.
 *
 *   asker ─▶ [queue, routing thread] ─▶ queue ─▶ sending thread ─▶ network
 *   network ─▶ receiving thread ─▶ queue ─▶ peer's thread ─▶ [queue, routing thread ─▶ queue, dispatch thread] ─▶ the asker's callback
 *   network ─▶ receiving thread ─▶ queue ─▶ peer's thread ─▶ [queue, routing thread] ─▶ queue ─▶ dispatch thread ─▶ the server's handler
 *   server ─▶ [queue, routing thread] ─▶ queue ─▶ sending thread ─▶ network
 *
 * What stands in brackets finds where a message of any kind shall go. A question of ours goes to the one peer that is open, of several
 * to the one that it names or to the SLF; an answer only to who asked; and a question that names us goes no further. Each hand-over costs
 * as much as all else that is done with the message. Everything that is not so plain takes the long way. The queues are found at
 * fd_fifo_post_int(), of this executable first. */
#include "common/diameter/command.h"
#include "common/diameter/fd.h"
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>

enum { OTHERS = 2,      /* that may post to a peer's queue at this moment, too */
       UNREAD_MAX = 500 /* answers that a peer has not read */ };

static int (*search)(struct dictionary *dict, enum dict_object_type type, int criteria, const void *what, struct dict_object **result, int none);
static int (*post)(struct fifo *queue, void **item), (*post_at_once)(struct fifo *queue, void **item);
static _Thread_local bool at_once;
static struct fifo **incoming, **outgoing, **local;
static bool (*asks_first)(const char *identity);

void fd_short_first(bool (*first)(const char *identity))
{
	asks_first = first;
}

bool fd_short_prepare(void)
{
	*(void **)&post = dlsym(RTLD_NEXT, "fd_fifo_post_int");
	*(void **)&post_at_once = dlsym(RTLD_NEXT, "fd_fifo_post_noblock");
	*(void **)&incoming = dlsym(RTLD_DEFAULT, "fd_g_incoming");
	*(void **)&outgoing = dlsym(RTLD_DEFAULT, "fd_g_outgoing");
	*(void **)&local = dlsym(RTLD_DEFAULT, "fd_g_local");
	*(void **)&search = dlsym(RTLD_NEXT, "fd_dict_search");
	return post && post_at_once && incoming && outgoing && local && search;
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

static bool is(const union avp_value *v, const char *name, size_t len)
{
	return v && v->os.len == len && !strncasecmp((const char *)v->os.data, name, len);
}

/* ---- the question ---- */

static bool is_open(struct peer_hdr *peer)
{
	int state = fd_peer_get_state(peer);

	return state == STATE_OPEN || state == STATE_OPEN_NEW;
}

/* Where there are several: the one that is named, or nobody being named the SLF. */
static struct peer_hdr *meant_peer(struct msg *m)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr = NULL;

	if (!fd_msg_search_avp(m, dict_avp(AVP_DESTINATION_HOST), &avp) && avp && (fd_msg_avp_hdr(avp, &hdr) || !hdr->avp_value))
		return NULL;
	for (struct fd_list *l = fd_g_peers.next; l != &fd_g_peers; l = l->next) {
		struct peer_hdr *peer = l->o;
		const char *name = peer->info.pi_diamid;

		if (is_open(peer) && (hdr ? is(hdr->avp_value, name, peer->info.pi_diamidlen) : asks_first && asks_first(name)))
			return peer;
	}
	return NULL;
}

static struct peer_hdr *peer_for(struct msg *m)
{
	struct peer_hdr *only = NULL;
	int open = 0;

	for (struct fd_list *l = fd_g_peers.next; l != &fd_g_peers; l = l->next)
		if (is_open(l->o)) {
			only = l->o;
			open++;
		}
	return open > 1 || asks_first ? meant_peer(m) : only;
}

/* Its queue takes five, and then whoever posts waits. */
static bool has_room(struct peer_hdr *peer)
{
	int count, limit;

	return !fd_stat_getstats(STAT_P_TOSEND, peer, &count, &limit, NULL, NULL, NULL, NULL, NULL) && (!limit || count + OTHERS < limit);
}

static bool ask_straight(struct msg *m)
{
	struct peer_hdr *peer;
	bool sent;

	if (!is_ours(m))
		return false;
	pthread_rwlock_rdlock(&fd_g_peers_rw);
	peer = peer_for(m);
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

	if (fd_msg_answ_getq(m, &question) || !question || !is_ours(question))
		return false;
	if (fd_msg_anscb_get(question, &callback, NULL, &data) || !callback || fd_msg_parse_or_error(&m, &error) || !m)
		return false;
	callback(data, &m);
	if (m)
		fd_msg_free(m);
	return true;
}

/* ---- a question to us ---- */

static const union avp_value *value_of(struct avp *avp, const struct avp_hdr *hdr)
{
	fd_msg_parse_dict(avp, fd_g_config->cnf_dict, NULL);
	return hdr->avp_value;
}

/* It names this node, or this realm and no node, and has not been here. A User-Name that says where to go on is looked at by the
 * routing thread. [RFC 6733 6.1.3, 6.1.4; RFC 5729 4.4] */
static bool is_for_us(struct msg *m)
{
	const struct fd_config *c = fd_g_config;
	const union avp_value *host = NULL, *realm = NULL, *user = NULL;
	struct avp *avp = NULL;
	struct avp_hdr *hdr;
	struct msg_hdr *head;

	if (fd_msg_hdr(m, &head) || !command_application(head->msg_appl) || head->msg_flags & CMD_FLAG_ERROR)
		return false;
	fd_msg_browse(m, MSG_BRW_FIRST_CHILD, &avp, NULL);
	for (; avp && !fd_msg_avp_hdr(avp, &hdr); fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL)) {
		if (dict_is(AVP_DESTINATION_HOST, hdr))
			host = value_of(avp, hdr);
		else if (dict_is(AVP_DESTINATION_REALM, hdr))
			realm = value_of(avp, hdr);
		else if (dict_is(AVP_USER_NAME, hdr))
			user = value_of(avp, hdr);
		else if (dict_is(AVP_ROUTE_RECORD, hdr) && is(value_of(avp, hdr), c->cnf_diamid, c->cnf_diamid_len))
			return false;
	}
	if (!realm) /* which is what we answer then */
		return !host || is(host, c->cnf_diamid, c->cnf_diamid_len);
	if (!is(realm, c->cnf_diamrlm, c->cnf_diamrlm_len))
		return false;
	return host ? is(host, c->cnf_diamid, c->cnf_diamid_len) : !user || !memchr(user->os.data, '!', user->os.len);
}

static bool dispatch_straight(void **item)
{
	return is_for_us(*item) && !post(*local, item);
}

/* ---- our answer ---- */

/* Whoever waited here until a peer reads its answers would keep all others waiting, and freeDiameter closes the connection only after a
 * second. So nobody does: a few answers more than the queue takes are kept for it, the rest is dropped. */
static bool send_or_drop(struct msg *m, struct peer_hdr *peer)
{
	int count, limit;
	bool sent;

	if (fd_stat_getstats(STAT_P_TOSEND, peer, &count, &limit, NULL, NULL, NULL, NULL, NULL))
		return false;
	if (count >= UNREAD_MAX) {
		fd_msg_free(m);
		return true;
	}
	at_once = true;
	sent = !fd_out_send(&m, NULL, (struct fd_peer *)peer, 0);
	at_once = false;
	return sent;
}

static bool answer_straight(struct msg *m)
{
	struct msg *question = NULL;
	struct msg_hdr *asked, *hdr;
	struct peer_hdr *peer = NULL;
	DiamId_t source = NULL;
	size_t len = 0;

	if (fd_msg_answ_getq(m, &question) || !question || fd_msg_source_get(question, &source, &len) || !source ||
	    fd_peer_getbyid(source, len, 0, &peer) || !peer || fd_msg_hdr(question, &asked) || fd_msg_hdr(m, &hdr))
		return false;
	hdr->msg_hbhid = asked->msg_hbhid;
	return send_or_drop(m, peer);
}

/* ---- the fork ---- */

/* True: it is gone. */
static bool went_straight(struct fifo *queue, void **item)
{
	if (queue == *outgoing)
		return is_request(*item) ? ask_straight(*item) : answer_straight(*item);
	if (queue == *incoming)
		return is_request(*item) ? dispatch_straight(item) : deliver_straight(*item);
	return false;
}

int fd_fifo_post_int(struct fifo *queue, void **item)
{
	if (at_once)
		return post_at_once(queue, item);
	if (!queue || !*item || !went_straight(queue, item))
		return post(queue, item);
	*item = NULL;
	return 0;
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

/* For each that it reads freeDiameter walks the list of all that the vendor has, some hundreds: ours are found at once. */
int fd_dict_search(struct dictionary *dict, enum dict_object_type type, int criteria, const void *what, struct dict_object **result, int none)
{
	struct dict_object *found = type == DICT_AVP && result ? known_avp(criteria, what) : NULL;

	if (!found)
		return search(dict, type, criteria, what, result, none);
	*result = found;
	return 0;
}
