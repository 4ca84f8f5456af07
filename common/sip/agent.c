// SPDX-License-Identifier: Apache-2.0
/* The SIP thread: its root, its nta agent and sockets, and its clock. */
#include "common/sip/engine.h"
#include "common/address.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/sip/unread.h"
#include <arpa/inet.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/tport_tag.h>
#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

enum { TICK_MS = 50, T1_MS = 500, T2_MS = 4000, T4_MS = 5000, TIMER_C_MS = 185000, FIRST_ANSWER_MS = 2000, PEER_SKIP_MS = 10000,
       OVERLOAD_MS = 100, MESSAGE_MAX = 128 << 10, IDLE_MS = 3600000, STALLED_MS = 30000, STOOD_STILL_MS = 250 };

/* ---- endpoints ---- */

const struct endpoint *endpoint_find(const struct sip_agent *a, const char *side, enum sip_transport t)
{
	for (size_t i = 0; i < a->endpoint_count; i++)
		if (a->endpoints[i].transport == t && !strcmp(a->endpoints[i].side, side))
			return &a->endpoints[i];
	return NULL;
}

const char *endpoint_uri(const struct endpoint *e)
{
	return e->uri;
}

enum sip_transport endpoint_transport(const struct endpoint *e)
{
	return e->transport;
}

const char *endpoint_side(const struct endpoint *e)
{
	return e->side;
}

const struct endpoint *endpoint_of_tport(const struct sip_agent *a, const tport_t *tp)
{
	const tp_name_t *n = tport_name(tport_parent(tp));
	enum sip_transport t = tport_has_tls(tp) ? SIP_TLS : tport_is_udp(tp) ? SIP_UDP : SIP_TCP;

	for (size_t i = 0; i < a->endpoint_count; i++)
		if (a->endpoints[i].transport == t && n->tpn_ident && !strcmp(a->endpoints[i].ident, n->tpn_ident))
			return &a->endpoints[i];
	return &a->endpoints[0];
}

static int fill_endpoint(struct sip_agent *a, const struct endpoint_options *o)
{
	struct endpoint *e = &a->endpoints[a->endpoint_count];
	bool v6 = o->address[0] == '[';
	const char *colon = strrchr(o->address, ':');
	char host[64];
	int err = address_host(o->address, host, sizeof host);

	if (err || !colon)
		return -EINVAL;
	memcpy(e->host, host, sizeof host);
	e->fd = -1;
	a->edge |= !strcmp(o->side, "gm");
	e->side = e->ident = o->side;
	e->transport = o->transport;
	snprintf(e->port, sizeof e->port, "%s", colon + 1);
	if (o->transport == SIP_TLS)
		snprintf(e->uri, sizeof e->uri, "sip:%s:%s;transport=tls", a->o.name, colon + 1);
	else
		snprintf(e->uri, sizeof e->uri, v6 ? "sip:[%s]:%s%s" : "sip:%s:%s%s", host, colon + 1, o->transport == SIP_TCP ? ";transport=tcp" : "");
	a->endpoint_count++;
	return 0;
}

/* The socket that another side already has, or NULL. */
static struct endpoint *shared_socket(struct sip_agent *a, const struct endpoint *e)
{
	for (struct endpoint *other = a->endpoints; other < e; other++)
		if (other->transport == e->transport && !strcmp(other->host, e->host) && !strcmp(other->port, e->port))
			return other;
	return NULL;
}

static int bind_endpoint(struct sip_agent *a, struct endpoint *e, const char *tls_directory)
{
	static const char *const words[] = { [SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls" };
	struct endpoint *other = shared_socket(a, e);
	bool only_core = !strcmp(e->side, "mw") && !endpoint_find(a, "gm", e->transport);
	char url[200];
	int bound;

	if (other) {
		e->ident = other->ident;
		return 0;
	}
	snprintf(url, sizeof url, strchr(e->host, ':') ? "%s:[%s]:%s;transport=%s" : "%s:%s:%s;transport=%s", e->transport == SIP_TLS ? "sips" : "sip",
		 e->host, e->port, words[e->transport]);
	bound = nta_agent_add_tport(a->nta, (const url_string_t *)url, TPTAG_IDENT(e->ident), TPTAG_STUN_SERVER(0), TPTAG_SERVER(1),
				    TPTAG_IDLE(IDLE_MS), TPTAG_TIMEOUT(STALLED_MS), TPTAG_PONG2PING(1), TPTAG_QUEUESIZE(1024),
				    TAG_IF(e->transport == SIP_TLS, TPTAG_CERTIFICATE(tls_directory)),
				    TAG_IF(e->transport == SIP_TLS, TPTAG_TLS_VERIFY_DATE(1)),
				    TAG_IF(e->transport == SIP_TLS, TPTAG_TLS_VERIFY_POLICY(only_core && a->o.tls_verify_peer ? 0x1 | 0x2 | 0x8 : 0x2 | 0x8)),
				    TAG_END());
	if (bound < 0)
		log_event(LOG_ERROR, "sip.agent", "%s.%s=%s:%s not listening: %s", e->side, words[e->transport], e->host, e->port, strerror(errno));
	return bound < 0 ? -EADDRNOTAVAIL : 0;
}

static int bind_all(struct sip_agent *a)
{
	char directory[64] = "";
	int err = 0;

	if (a->o.certificate) {
		err = tls_directory_make(a->o.certificate, a->o.ca, directory, sizeof directory);
		if (err)
			log_event(LOG_ERROR, "sip.agent", "tls.certificate=%s tls.ca=%s: %s", a->o.certificate, a->o.ca ? a->o.ca : "-", strerror(-err));
	}
	tls_binding(a->o.tls_minimum ? a->o.tls_minimum : "1.2");
	for (size_t i = 0; !err && i < a->endpoint_count; i++)
		err = bind_endpoint(a, &a->endpoints[i], directory);
	tls_binding(NULL);
	if (*directory)
		tls_directory_remove(directory);
	return err;
}

/* ---- the clock ---- */

struct sip_timer {
	struct sip_agent *agent;
	struct sip_timer *prev, *next;
	su_timer_t *su;
	void (*fn)(void *arg);
	void *arg;
};

static void on_timer(su_root_magic_t *magic, su_timer_t *su, su_timer_arg_t *arg)
{
	struct sip_timer t = *(struct sip_timer *)arg;

	(void)magic, (void)su;
	sip_timer_cancel((struct sip_timer *)arg);
	t.fn(t.arg);
}

struct sip_timer *sip_timer_set(struct sip_agent *a, uint64_t ms, void (*fn)(void *arg), void *arg)
{
	struct sip_timer *t = malloc(sizeof *t);

	if (!t)
		abort(); /* a protocol timer that is not there leaves somebody waiting for ever */
	*t = (struct sip_timer){ .agent = a, .fn = fn, .arg = arg };
	t->su = su_timer_create(su_root_task(a->root), (su_duration_t)(ms > 2000000000 ? 2000000000 : ms ? ms : 1));
	if (!t->su || su_timer_set(t->su, on_timer, (su_timer_arg_t *)t) < 0)
		abort();
	DL_APPEND(a->timers, t);
	return t;
}

void sip_timer_cancel(struct sip_timer *t)
{
	if (!t)
		return;
	su_timer_destroy(t->su);
	DL_DELETE(t->agent->timers, t);
	free(t);
}

static void on_tick(su_root_magic_t *magic, su_timer_t *su, su_timer_arg_t *arg)
{
	struct sip_agent *a = (struct sip_agent *)arg;
	uint64_t now = clock_ns();

	(void)magic, (void)su;
	daemon_heartbeat(a->heartbeat);
	if (a->ticked_ns && now - a->ticked_ns > STOOD_STILL_MS * 1000000ull) /* what came meanwhile is still to be read: nobody was silent */
		deadlines_postpone(&a->first_answers, now - a->ticked_ns);
	a->ticked_ns = now;
	deadlines_run(&a->young, now);
	deadlines_run(&a->first_answers, now);
	deadlines_run(&a->ringing, now);
	completed_expire(a->completed, now);
	accepted_expire(a->accepted, now);
	request_bury(a);
	wire_tick(a);
}

/* ---- the thread ---- */

static void quiet(void *stream, const char *fmt, va_list ap)
{
	(void)stream, (void)fmt, (void)ap; /* it would name identities and print where we do not look */
}

static int make_agent(struct sip_agent *a)
{
	const struct sip_agent_options *o = &a->o;

	unread_prepare();
	su_log_redirect(NULL, quiet, NULL);
	a->root = su_root_create(NULL);
	if (!a->root || mailbox_open(&a->mailbox, a->root))
		return -ENOMEM;
	a->nta = nta_agent_create(a->root, (url_string_t *)-1, arrival_on_message, (nta_agent_magic_t *)a, NTATAG_UA(0), NTATAG_STATELESS(1),
				  NTATAG_CANCEL_487(0), NTATAG_MERGE_482(0), NTATAG_SERVER_RPORT(2), NTATAG_CLIENT_RPORT(1), NTATAG_PASS_100(1),
				  NTATAG_EXTRA_100(1), NTATAG_SIPFLAGS(MSG_DO_EXTRACT_COPY), NTATAG_MAXSIZE(o->message_max + STREAM_PIECE), NTATAG_UDP_MTU(65535),
				  NTATAG_SIP_T1(o->t1_ms), NTATAG_SIP_T1X64(64 * o->t1_ms), NTATAG_SIP_T2(o->t2_ms), NTATAG_SIP_T4(o->t4_ms),
				  NTATAG_TIMER_C(o->timer_c_ms + 65 * o->t1_ms), NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0), NTATAG_PRELOAD(4096), TAG_END());
	if (!a->nta)
		return -ENOMEM;
	if (bind_all(a))
		return -EADDRNOTAVAIL;
	a->tports = nta_agent_tports(a->nta);
	a->hops = hop_table_new(a);
	a->flows = flow_table_new(a);
	a->completed = completed_table_new();
	a->accepted = accepted_table_new();
	a->tick = su_timer_create(su_root_task(a->root), TICK_MS);
	if (!a->hops || !a->flows || !a->completed || !a->accepted || !a->tick)
		return -ENOMEM;
	overload_watch(a);
	su_timer_set_for_ever(a->tick, on_tick, (su_timer_arg_t *)a);
	return 0;
}

static void unmake_agent(struct sip_agent *a)
{
	request_slots_free(a);
	su_timer_destroy(a->tick);
	flow_table_free(a->flows);
	completed_table_free(a->completed);
	accepted_table_free(a->accepted);
	hop_table_free(a->hops);
	if (a->nta)
		nta_agent_destroy(a->nta);
	while (a->timers) /* their setters do not cancel them any more */
		sip_timer_cancel(a->timers);
	mailbox_close(&a->mailbox);
	if (a->root)
		su_root_destroy(a->root);
}

static void tell_started(struct sip_agent *a, int err)
{
	pthread_mutex_lock(&a->started.lock);
	a->started.done = true;
	a->started.err = err;
	pthread_cond_signal(&a->started.changed);
	pthread_mutex_unlock(&a->started.lock);
}

static void *run(void *arg)
{
	struct sip_agent *a = arg;
	int err = make_agent(a);

	poll_patiently();
	stream_read_in_pieces();
	tell_started(a, err);
	if (!err)
		su_root_run(a->root);
	unmake_agent(a);
	return NULL;
}

static void defaults(struct sip_agent_options *o)
{
	o->t1_ms = o->t1_ms ? o->t1_ms : T1_MS;
	o->t2_ms = o->t2_ms ? o->t2_ms : T2_MS;
	o->t4_ms = o->t4_ms ? o->t4_ms : T4_MS;
	o->timer_c_ms = o->timer_c_ms ? o->timer_c_ms : TIMER_C_MS;
	o->first_answer_ms = o->first_answer_ms ? o->first_answer_ms : FIRST_ANSWER_MS;
	o->peer_skip_ms = o->peer_skip_ms ? o->peer_skip_ms : PEER_SKIP_MS;
	o->overload_queue_ms = o->overload_queue_ms ? o->overload_queue_ms : OVERLOAD_MS;
	o->message_max = o->message_max ? o->message_max : MESSAGE_MAX;
}

static int read_trusted(struct sip_agent *a)
{
	const char *const *list = a->o.trusted_addresses;
	size_t n = 0;

	while (list && list[n])
		n++;
	a->trusted = calloc(n + 1, sizeof *a->trusted);
	for (; a->trusted && a->trusted_count < n; a->trusted_count++)
		if (cidr_parse(list[a->trusted_count], &a->trusted[a->trusted_count]))
			return -EINVAL;
	return a->trusted ? 0 : -ENOMEM;
}

static void agent_free(struct sip_agent *a)
{
	free(a->trusted);
	pthread_mutex_destroy(&a->started.lock);
	pthread_cond_destroy(&a->started.changed);
	free(a->counters);
	free(a);
}

static int wait_started(struct sip_agent *a)
{
	pthread_mutex_lock(&a->started.lock);
	while (!a->started.done)
		pthread_cond_wait(&a->started.changed, &a->started.lock);
	pthread_mutex_unlock(&a->started.lock);
	return a->started.err;
}

int sip_agent_start(const struct sip_agent_options *o, router *route, void *daemon, struct sip_agent **out)
{
	struct sip_agent *a = calloc(1, sizeof *a);
	int err;

	if (!a)
		return -ENOMEM;
	a->o = *o;
	err = read_trusted(a);
	a->route = route;
	a->daemon = daemon;
	a->first_answers.due = target_first_answer_due;
	a->ringing.due = request_timer_c;
	a->young.due = request_young_due;
	defaults(&a->o);
	mailbox_init(&a->mailbox);
	pthread_mutex_init(&a->started.lock, NULL);
	pthread_cond_init(&a->started.changed, NULL);
	wire_register(a);
	for (size_t i = 0; !err && i < o->endpoint_count && i < ENDPOINT_MAX; i++)
		err = fill_endpoint(a, &o->endpoints[i]);
	a->o.endpoints = NULL; /* the caller's */
	a->heartbeat = daemon_heartbeat_register("sip");
	su_init();
	*out = a; /* before the first request is handled */
	if (!err)
		err = -pthread_create(&a->thread, NULL, run, a);
	if (!err && (err = wait_started(a)))
		pthread_join(a->thread, NULL);
	if (err) {
		*out = NULL;
		agent_free(a);
	}
	return err;
}

void sip_agent_drain(struct sip_agent *a)
{
	atomic_store(&a->draining, true);
}

bool sip_agent_idle(struct sip_agent *a)
{
	return atomic_load(&a->in_flight) == 0;
}

static void stop(void *arg)
{
	struct sip_agent *a = arg;

	su_root_break(a->root);
}

void sip_agent_stop(struct sip_agent *a)
{
	if (!a)
		return;
	sip_post(a, stop, a);
	pthread_join(a->thread, NULL);
	/* its memory stays: a Diameter thread may still be about to post */
}
