// SPDX-License-Identifier: Apache-2.0
/* What other threads want done on the SIP thread: a list under a lock, and an eventfd that wakes the thread for the first of a batch.
 * Sofia-SIP's own way costs a message object and a datagram each. */
#include "common/sip/engine.h"
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct post {
	struct post *next;
	void (*fn)(void *arg);
	void *arg;
};

static struct post *take_all(struct mailbox *m)
{
	struct post *list;

	pthread_mutex_lock(&m->lock);
	list = m->first;
	m->first = NULL;
	m->end = &m->first;
	pthread_mutex_unlock(&m->lock);
	return list;
}

static int on_wake(su_root_magic_t *magic, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	struct mailbox *m = (struct mailbox *)arg;
	eventfd_t unused;

	(void)magic, (void)wait;
	eventfd_read(m->fd, &unused); /* before the list is taken: what is posted from here on wakes anew */
	for (struct post *p = take_all(m), *next; p; p = next) {
		next = p->next;
		p->fn(p->arg);
		free(p);
	}
	return 0;
}

void mailbox_init(struct mailbox *m)
{
	*m = (struct mailbox){ .fd = -1 };
	m->end = &m->first;
	pthread_mutex_init(&m->lock, NULL);
}

int mailbox_open(struct mailbox *m, su_root_t *root)
{
	su_wait_t wait[1] = { SU_WAIT_INIT };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (su_wait_create(wait, fd, SU_WAIT_IN) < 0 || su_root_register(root, wait, on_wake, (su_wakeup_arg_t *)m, su_pri_normal) < 0) {
		close(fd);
		return -ENOMEM;
	}
	pthread_mutex_lock(&m->lock);
	m->fd = fd;
	pthread_mutex_unlock(&m->lock);
	return 0;
}

/* The root is about to go, and its watch with it. What nobody will do any more is forgotten. */
void mailbox_close(struct mailbox *m)
{
	int fd;

	pthread_mutex_lock(&m->lock);
	fd = m->fd;
	m->fd = -1; /* nothing can be posted from now on */
	pthread_mutex_unlock(&m->lock);
	for (struct post *p = take_all(m), *next; p; p = next) {
		next = p->next;
		free(p);
	}
	if (fd >= 0)
		close(fd);
}

int sip_post(void *agent, void (*fn)(void *arg), void *arg)
{
	struct mailbox *m = &((struct sip_agent *)agent)->mailbox;
	struct post *p = malloc(sizeof *p);
	bool first;

	if (!p)
		return -ENOMEM;
	*p = (struct post){ NULL, fn, arg };
	pthread_mutex_lock(&m->lock);
	if (m->fd < 0) {
		pthread_mutex_unlock(&m->lock);
		free(p);
		return -ESHUTDOWN;
	}
	first = !m->first;
	*m->end = p;
	m->end = &p->next;
	if (first)
		eventfd_write(m->fd, 1);
	pthread_mutex_unlock(&m->lock);
	return 0;
}
