// SPDX-License-Identifier: Apache-2.0
/* Five of freeDiameter's habits, cured from outside: functions of the executable stand before those of a shared library.
 *  - its parser aborts the process on some bad answers (unknown command, Result-Code of a wrong size): ours hands any answer to
 *    whoever asked, who reads it with care;
 *  - it closes the connection instead of answering when a number has no octets at all: ours gives the AVP at fault zeroes;
 *  - it switches Nagle's algorithm on, which costs 40 ms an answer;
 *  - it listens some time after it said that it had started: ours tells when;
 *  - its log goes to standard output. */
#include "common/diameter/fd.h"
#include "common/log.h"
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LISTEN_S = 5 };

static int (*parse_request)(struct msg **msg, struct msg **error);

static struct dict_object *model_of(const struct avp_hdr *hdr, enum dict_avp_basetype *type)
{
	struct dict_avp_request which = { .avp_vendor = hdr->avp_flags & AVP_FLAG_VENDOR ? hdr->avp_vendor : 0, .avp_code = hdr->avp_code };
	struct dict_object *model = NULL;
	struct dict_avp_data data = { .avp_basetype = AVP_TYPE_OCTETSTRING };

	if (fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &which, &model, 0) || !model)
		return NULL;
	fd_dict_getval(model, &data);
	*type = data.avp_basetype;
	return model;
}

/* A number of a wrong length is told with zeroes of the right one; what has no data at all cannot be sent [RFC 6733 7.5]. */
static void give_value(struct avp *failed, struct avp *avp)
{
	enum dict_avp_basetype type = AVP_TYPE_OCTETSTRING;
	union avp_value zero = { .u64 = 0 };
	struct dict_object *model;
	struct avp *filled = NULL;
	struct avp_hdr *hdr;
	bool empty;

	if (fd_msg_avp_hdr(avp, &hdr) || hdr->avp_value)
		return;
	model = model_of(hdr, &type);
	empty = hdr->avp_len <= (hdr->avp_flags & AVP_FLAG_VENDOR ? 12 : 8);
	if (!empty && (!model || type == AVP_TYPE_OCTETSTRING || type == AVP_TYPE_GROUPED))
		return;
	if (type == AVP_TYPE_OCTETSTRING)
		zero.os.data = (uint8_t *)"";
	if (model && !fd_msg_avp_new(model, 0, &filled) && type != AVP_TYPE_GROUPED)
		fd_msg_avp_setvalue(filled, &zero);
	fd_msg_free(avp);
	if (filled)
		fd_msg_avp_add(failed, MSG_BRW_LAST_CHILD, filled);
}

static int mend(struct msg *refusal)
{
	struct avp *avp = NULL, *inner = NULL;
	struct avp_hdr *hdr;

	fd_msg_browse(refusal, MSG_BRW_FIRST_CHILD, &avp, NULL);
	while (avp && !fd_msg_avp_hdr(avp, &hdr)) {
		if (hdr->avp_code == AC_FAILED_AVP && !fd_msg_browse(avp, MSG_BRW_FIRST_CHILD, &inner, NULL) && inner)
			give_value(avp, inner);
		if (fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL))
			break;
	}
	return EBADMSG;
}

/* The parse of an answer: what fails stays, without values. [RFC 6733 7] Base messages that fail end the connection. */
int fd_msg_parse_or_error(struct msg **msg, struct msg **error)
{
	struct msg_hdr *hdr;
	int err;

	err = fd_msg_hdr(*msg, &hdr);
	if (err)
		return err;
	if (hdr->msg_flags & CMD_FLAG_REQUEST) {
		err = parse_request(msg, error);
		return err == EBADMSG && *error ? mend(*error) : err;
	}
	*error = NULL;
	if (hdr->msg_appl == 0)
		return fd_msg_parse_rules(*msg, fd_g_config->cnf_dict, NULL) ? EBADMSG : 0;
	fd_msg_parse_dict(*msg, fd_g_config->cnf_dict, NULL);
	return 0;
}

int setsockopt(int s, int level, int option, const void *value, socklen_t len)
{
	static const int on = 1;

	if (level == IPPROTO_TCP && option == TCP_NODELAY)
		value = &on;
	return (int)syscall(SYS_setsockopt, s, level, option, value, len);
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
	char line[1024];

	if (level < FD_LOG_ERROR)
		return; /* its notices repeat what our own lines say */
	vsnprintf(line, sizeof line, format, args);
	if (*line == ' ' || !strncmp(line, "Initiating ", 11))
		return; /* a message it could not place, AVP by AVP: keys and RES among them; and its end, which is no failure */
	log_event(level == FD_LOG_FATAL ? LOG_ERROR : LOG_WARN, "diameter.stack", "%s", line);
}

int fd_prepare(void)
{
	*(void **)&parse_request = dlsym(RTLD_NEXT, "fd_msg_parse_or_error");
	if (!parse_request)
		return -ENOSYS;
	return -fd_log_handler_register(write_log);
}
