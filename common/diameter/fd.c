// SPDX-License-Identifier: Apache-2.0
/* Three of freeDiameter's habits, cured from outside: functions of the executable stand before those of a shared library.
 *  - its parser aborts the process on some bad answers (unknown command, Result-Code of a wrong size): ours hands any answer to
 *    whoever asked, who reads it with care;
 *  - it switches Nagle's algorithm on, which costs 40 ms an answer;
 *  - its log goes to standard output. */
#include "common/diameter/fd.h"
#include "common/log.h"
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int (*parse_request)(struct msg **msg, struct msg **error);

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

int setsockopt(int s, int level, int option, const void *value, socklen_t len)
{
	static const int on = 1;

	if (level == IPPROTO_TCP && option == TCP_NODELAY)
		value = &on;
	return (int)syscall(SYS_setsockopt, s, level, option, value, len);
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
