// SPDX-License-Identifier: Apache-2.0
/* What a peer has sent and nobody has read is bounded.
 *
 *   network ─▶ receiving thread ─▶ [queue of the peer's events] ─▶ peer's thread ─▶ ...
 *
 * freeDiameter puts no end to that queue: who sends faster than can be answered filled the memory. Here the receiving thread waits while
 * it is long; then the network's buffers fill, and who sends waits, too. */
#include "common/diameter/fd.h"
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { CNX_MSG_RECV = 1501, /* in no public header */ MESSAGES = 400, OCTETS = 1 << 20, LOOK_NS = 500000 };

static int (*send_event)(struct fifo *queue, int code, size_t size, void *data);

/* The fewer the larger they are. */
static int most(size_t size)
{
	size_t n = size ? OCTETS / size : MESSAGES;

	return n > MESSAGES ? MESSAGES : n < 1 ? 1 : (int)n;
}

/* The thread may be ended meanwhile, with the connection. */
static void wait_for_room(struct fifo *queue, size_t size, void *message)
{
	static const struct timespec a_little = { 0, LOOK_NS };

	pthread_cleanup_push(free, message);
	while (fd_fifo_length(queue) >= most(size))
		nanosleep(&a_little, NULL);
	pthread_cleanup_pop(0);
}

int fd_event_send(struct fifo *queue, int code, size_t size, void *data)
{
	if (code == CNX_MSG_RECV) {
		fd_frame_mend(data, size);
		wait_for_room(queue, size, data);
	}
	return send_event(queue, code, size, data);
}

bool fd_bound_prepare(void)
{
	*(void **)&send_event = dlsym(RTLD_NEXT, "fd_event_send");
	return send_event;
}
