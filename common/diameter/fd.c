// SPDX-License-Identifier: Apache-2.0
/* What freeDiameter does that a daemon cannot live with, cured from outside: functions of the executable stand before those of a
 * shared library. fd_answer.c mends the answers it makes itself,
 * fd_short.c spares our own messages most of its threads, fd_writer.c keeps two of them from one connection,
 * fd_bound.c puts an end to what a peer may have waiting.
 *  - its parser aborts the process on some bad answers (unknown command, Result-Code of a wrong size): ours hands any answer to
 *    whoever asked, who reads it with care;
 *  - it keeps a session for each Session-Id, frees some too early, and ends for good when a peer's is not well-formed: ours knows
 *    none, for Cx keeps no state [TS 29.229 5.3];
 *  - it ends for good when the peer of an answer has just gone, and leaks one that still waits: ours drops both;
 *  - should it end for good all the same, the process ends with it, so that a service manager sees it;
 *  - it lets who connects and says nothing keep others waiting for 20 s: ours gives 2, and several threads serve them;
 *  - it ends for good when threads take longer than 20 ms to leave a queue: ours gives them 2 s;
 *  - it switches Nagle's algorithm on, which costs 40 ms an answer;
 *  - it listens some time after it said that it had started: ours tells when;
 *  - after a failure it lets the time of its next attempt to connect run on beside the first watchdogs: ours gives them Tw;
 *  - it asks the name server who connects, and takes no other connection until that answers: ours asks nobody;
 *  - its log goes to standard output. */
#include "common/diameter/fd.h"
#include "common/log.h"
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LISTEN_S = 5, FIRST_MESSAGE_S = 2, HANDSHAKE_MS = 2000, STATUS_DIED = 70, PATIENCE = 100 };

/* in no public header */
int fd_cnx_receive(struct cnxctx *connection, struct timespec *until, unsigned char **message, size_t *len);
int fd_p_dw_reopen(struct fd_peer *peer);

static int (*parse_request)(struct msg **msg, struct msg **error);
static int (*send_out)(struct msg **msg, struct cnxctx *connection, struct fd_peer *peer, int count);
static int (*shut_down)(void);
static int (*delete_queue)(struct fifo **queue);
static int (*receive)(struct cnxctx *connection, struct timespec *until, unsigned char **message, size_t *len);
static int (*reopen)(struct fd_peer *peer);
static void (*next_timeout)(struct fd_peer *peer, int spread, int seconds);
static void (*set_handshake_timeout)(gnutls_session_t session, unsigned ms);
static int (*name_of)(const struct sockaddr *a, socklen_t len, char *host, socklen_t host_len, char *service, socklen_t service_len, int flags);
static bool may_end;
static _Thread_local bool deletes;

/* The library's own function behind one of ours. */
static bool find(void *where, const char *name)
{
	return (*(void **)where = dlsym(RTLD_NEXT, name)) != NULL;
}

/* The parse of an answer: what fails stays, without values. [RFC 6733 7] Base messages that fail end the connection. */
int fd_msg_parse_or_error(struct msg **msg, struct msg **error)
{
	struct msg_hdr *hdr;
	int err;

	err = fd_msg_hdr(*msg, &hdr);
	if (err)
		return err;
	if (hdr->msg_flags & CMD_FLAG_REQUEST)
		return parse_request(msg, error);
	*error = NULL;
	if (hdr->msg_appl == 0)
		return fd_msg_parse_rules(*msg, fd_g_config->cnf_dict, NULL) ? EBADMSG : 0;
	fd_msg_parse_dict(*msg, fd_g_config->cnf_dict, NULL);
	return 0;
}

int fd_msg_sess_get(struct dictionary *dict, struct msg *msg, struct session **session, int *is_new)
{
	(void)dict, (void)msg;
	*session = NULL;
	if (is_new)
		*is_new = 0;
	return 0;
}

/* One that a peer's own thread sends: it knows when the connection goes. */
static bool of_peer_thread(const struct msg_hdr *hdr)
{
	return hdr->msg_appl == 0 && !(hdr->msg_flags & CMD_FLAG_ERROR) &&
	       (hdr->msg_code == CC_CAPABILITIES_EXCHANGE || hdr->msg_code == CC_DEVICE_WATCHDOG || hdr->msg_code == CC_DISCONNECT_PEER);
}

static bool takes_answers(struct peer_hdr *peer)
{
	int state = fd_peer_get_state(peer);

	return state == STATE_OPEN || state == STATE_OPEN_NEW || state == STATE_CLOSING_GRACE;
}

/* Other threads would use the connection while it is taken down. A request is tried at another peer by whoever sends it. */
int fd_out_send(struct msg **msg, struct cnxctx *connection, struct fd_peer *peer, int count)
{
	struct msg_hdr *hdr;

	if (connection || !peer || fd_msg_hdr(*msg, &hdr) || hdr->msg_flags & CMD_FLAG_REQUEST || of_peer_thread(hdr))
		return send_out(msg, connection, peer, count);
	if (takes_answers((struct peer_hdr *)(void *)peer) && !send_out(msg, NULL, peer, count)) /* the header is its first member */
		return 0;
	if (*msg)
		fd_msg_free(*msg);
	*msg = NULL;
	return 0;
}

/* The three watchdogs of a connection after a failure. When the old time ended before their answers came, the peer was suspected, and
 * was of no use, for one or two Tw. [RFC 3539 3.4.1] */
int fd_p_dw_reopen(struct fd_peer *peer)
{
	next_timeout(peer, 1, fd_g_config->cnf_timer_tw);
	return reopen(peer);
}

/* At its end a queue holds nothing but answers to a peer that is gone. */
int fd_fifo_del(struct fifo **queue)
{
	struct msg_hdr *hdr;
	void *item;
	int err;

	while (queue && *queue && !fd_fifo_tryget_int(*queue, &item))
		if (!fd_msg_hdr(item, &hdr))
			fd_msg_free(item);
	deletes = true;
	err = delete_queue(queue);
	deletes = false;
	return err;
}

/* Who waits at a queue that goes has 20 times 1 ms to leave, and then freeDiameter aborts; a busy machine takes longer. */
int usleep(useconds_t us)
{
	struct timespec t = { .tv_nsec = (long)us * 1000 * (deletes ? PATIENCE : 1) };

	t.tv_sec = t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return nanosleep(&t, NULL);
}

int fd_core_shutdown(void)
{
	if (may_end)
		return shut_down();
	log_event(LOG_ERROR, "diameter.stack", "event=died");
	_exit(STATUS_DIED);
}

void fd_end(void)
{
	may_end = true;
	fd_core_shutdown();
}

/* With a time only for the first message of a connection. */
int fd_cnx_receive(struct cnxctx *connection, struct timespec *until, unsigned char **message, size_t *len)
{
	struct timespec soon;

	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_sec += FIRST_MESSAGE_S;
	return receive(connection, until && until->tv_sec > soon.tv_sec ? &soon : until, message, len);
}

/* GnuTLS's: freeDiameter leaves it at 40 s. In this process it is for Diameter only. */
void gnutls_handshake_set_timeout(gnutls_session_t session, unsigned ms)
{
	if (set_handshake_timeout)
		set_handshake_timeout(session, ms > HANDSHAKE_MS ? HANDSHAKE_MS : ms);
}

int setsockopt(int s, int level, int option, const void *value, socklen_t len)
{
	static const int on = 1;

	if (level == IPPROTO_TCP && option == TCP_NODELAY)
		value = &on;
	return (int)syscall(SYS_setsockopt, s, level, option, value, len);
}

int getnameinfo(const struct sockaddr *a, socklen_t len, char *host, socklen_t host_len, char *service, socklen_t service_len, int flags)
{
	if (!name_of && !find(&name_of, "getnameinfo")) /* others in the process may ask before we have begun */
		return EAI_SYSTEM;
	return name_of(a, len, host, host_len, service, service_len, flags | NI_NUMERICHOST);
}

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t more;
	uint16_t ports[8]; /* that this process listens at */
	size_t count;
} listening = { .mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

int listen(int s, int backlog)
{
	int result = (int)syscall(SYS_listen, s, backlog);
	struct sockaddr_in a = { 0 };
	socklen_t len = sizeof a;

	if (result || getsockname(s, (struct sockaddr *)&a, &len) || a.sin_family != AF_INET)
		return result;
	pthread_mutex_lock(&listening.mutex);
	if (listening.count < ARRAY_LEN(listening.ports))
		listening.ports[listening.count++] = ntohs(a.sin_port);
	pthread_cond_broadcast(&listening.more);
	pthread_mutex_unlock(&listening.mutex);
	return result;
}

static bool listens_at(uint16_t port)
{
	for (size_t i = 0; i < listening.count; i++)
		if (listening.ports[i] == port)
			return true;
	return false;
}

int fd_wait_listening(uint16_t port)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LISTEN_S;
	pthread_mutex_lock(&listening.mutex);
	while (!err && !listens_at(port))
		err = pthread_cond_timedwait(&listening.more, &listening.mutex, &until);
	pthread_mutex_unlock(&listening.mutex);
	return -err;
}

static void write_log(int level, const char *format, va_list args)
{
	char line[1024], *whole;

	if (level < FD_LOG_ERROR)
		return; /* its notices repeat what our own lines say */
	vsnprintf(line, sizeof line, format, args);
	whole = strstr(line, "buffer from '"); /* and then all its octets */
	if (whole && (whole = strstr(whole, "': ")))
		whole[1] = 0;
	if (*line == ' ' || !strncmp(line, "Initiating ", 11))
		return; /* a message it could not place, AVP by AVP: keys and RES among them; and its end, which is no failure */
	log_event(level == FD_LOG_FATAL ? LOG_ERROR : LOG_WARN, "diameter.stack", "%s", line);
}

int fd_prepare(void)
{
	if (!find(&parse_request, "fd_msg_parse_or_error") || !find(&send_out, "fd_out_send") || !find(&shut_down, "fd_core_shutdown") ||
	    !find(&delete_queue, "fd_fifo_del") || !find(&receive, "fd_cnx_receive") ||
	    !find(&reopen, "fd_p_dw_reopen") || !find(&next_timeout, "fd_psm_next_timeout") ||
	    !find(&set_handshake_timeout, "gnutls_handshake_set_timeout") || !fd_answer_prepare() || !fd_short_prepare() || !fd_writer_prepare() ||
	    !fd_bound_prepare())
		return -ENOSYS;
	return -fd_log_handler_register(write_log);
}
