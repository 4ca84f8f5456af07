// SPDX-License-Identifier: Apache-2.0
/* Which peers are open. [RFC 6733 5.6] freeDiameter tells of a connection before the peer is open, so its hooks only wake a
 * thread that looks. */
#include "common/diameter/node_private.h"
#include "common/log.h"
#include <freeDiameter/libfdcore.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 500, LOOK_SOON_MS = 20, SOON_LOOKS = 50 };

struct peers {
	const struct diameter_options *options;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	pthread_t thread;
	bool running, stopping, required;
	int looks_soon;        /* quick looks left after a hook */
	struct fd_hook_hdl *hook;
	int *up;               /* per configured peer: -1 unknown, 0, 1 */
	void (*on_look)(void *context);
	void *context;
};

static bool open_state(struct peer_hdr *peer)
{
	int state = fd_peer_get_state(peer);

	return state == STATE_OPEN || state == STATE_OPEN_NEW;
}

bool peers_reachable(void *unused)
{
	bool any = false;

	(void)unused;
	pthread_rwlock_rdlock(&fd_g_peers_rw);
	for (struct fd_list *l = fd_g_peers.next; l != &fd_g_peers && !any; l = l->next)
		any = open_state((struct peer_hdr *)l->o);
	pthread_rwlock_unlock(&fd_g_peers_rw);
	return any;
}

enum diameter_reach diameter_reach(const char *identity)
{
	struct peer_hdr *peer = NULL;

	fd_peer_getbyid((char *)identity, strlen(identity), 1, &peer);
	if (!peer)
		return DIAMETER_PEER_UNKNOWN;
	return open_state(peer) ? DIAMETER_PEER_OPEN : DIAMETER_PEER_AWAY;
}

/* With an SLF, no single HSS is one that nothing can be done without. */
static bool is_required(const struct peers *p, size_t i)
{
	for (size_t k = 0; k < p->options->peer_count; k++)
		if (p->options->peers[k].slf)
			return p->required && p->options->peers[i].slf;
	return p->required;
}

static void look_at(struct peers *p, size_t i)
{
	const char *identity = p->options->peers[i].identity;
	int up = diameter_reach(identity) == DIAMETER_PEER_OPEN;

	if (up == p->up[i])
		return;
	if (up || p->up[i] == 1)
		log_event(up ? LOG_INFO : LOG_WARN, "diameter.peer", "peer=%s state=%s", identity, up ? "up" : "down");
	p->up[i] = up;
	if (p->options->on_peer)
		p->options->on_peer(identity, up, is_required(p, i));
}

static void wait_for_change(struct peers *p)
{
	struct timespec until;
	uint64_t t = clock_ns() + (p->looks_soon ? LOOK_SOON_MS : LOOK_MS) * 1000000ull;

	until = (struct timespec){ (time_t)(t / 1000000000u), (long)(t % 1000000000u) };
	if (p->looks_soon)
		p->looks_soon--;
	pthread_cond_timedwait(&p->changed, &p->mutex, &until);
}

static void look_at_all(struct peers *p)
{
	for (size_t i = 0; i < p->options->peer_count; i++)
		look_at(p, i);
	if (p->on_look)
		p->on_look(p->context);
}

static void *run(void *arg)
{
	struct peers *p = arg;

	pthread_mutex_lock(&p->mutex);
	while (!p->stopping) {
		pthread_mutex_unlock(&p->mutex);
		look_at_all(p);
		pthread_mutex_lock(&p->mutex);
		if (!p->stopping)
			wait_for_change(p);
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

static void on_hook(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other, struct fd_hook_permsgdata *pmd,
		    void *context)
{
	struct peers *p = context;

	(void)type, (void)msg, (void)peer, (void)other, (void)pmd;
	pthread_mutex_lock(&p->mutex);
	p->looks_soon = SOON_LOOKS;
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->mutex);
}

struct peers *peers_new(const struct diameter_options *o)
{
	struct peers *p = calloc(1, sizeof *p);
	pthread_condattr_t monotonic;

	if (!p)
		return NULL;
	p->options = o;
	p->required = true;
	p->up = calloc(o->peer_count + 1, sizeof *p->up);
	if (!p->up) {
		free(p);
		return NULL;
	}
	for (size_t i = 0; i < o->peer_count; i++)
		p->up[i] = -1;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &monotonic);
	return p;
}

void peers_require(struct peers *p, bool required)
{
	p->required = required;
}

void peers_watch(struct peers *p, void (*on_look)(void *context), void *context)
{
	p->on_look = on_look;
	p->context = context;
}

int peers_start(struct peers *p)
{
	int err = fd_hook_register(HOOK_MASK(HOOK_PEER_CONNECT_SUCCESS, HOOK_PEER_CONNECT_FAILED), on_hook, p, NULL, &p->hook);

	if (!err) {
		look_at_all(p); /* so that nobody is ready before it knows whom it waits for */
		err = pthread_create(&p->thread, NULL, run, p);
	}
	p->running = !err;
	return -err;
}

void peers_stop(struct peers *p)
{
	if (p->hook)
		fd_hook_unregister(p->hook);
	p->hook = NULL;
	if (!p->running)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stopping = true;
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->mutex);
	pthread_join(p->thread, NULL);
	p->running = false;
}

void peers_free(struct peers *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->mutex);
	pthread_cond_destroy(&p->changed);
	free(p->up);
	free(p);
}
