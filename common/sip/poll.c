// SPDX-License-Identifier: Apache-2.0
/* The SIP thread sleeps until it has something to do.
 *
 * Sofia-SIP rounds the time until its next timer down to whole milliseconds, so that it asks the kernel again and again, without
 * waiting, for the last part of a millisecond before each timer: a third of an idle-looking thread's time. Here the second such
 * question in a row waits for one millisecond. epoll_wait() of the library is found in this executable first. */
#include "common/sip/engine.h"
#include <sys/epoll.h>

static _Thread_local bool patient;
static _Thread_local unsigned idle_rounds;

void poll_patiently(void)
{
	patient = true;
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	int n;

	if (!patient)
		return epoll_pwait(fd, events, max, timeout_ms, NULL);
	if (timeout_ms == 0 && idle_rounds++)
		timeout_ms = 1;
	n = epoll_pwait(fd, events, max, timeout_ms, NULL);
	if (n || timeout_ms > 1)
		idle_rounds = 0;
	return n;
}
