// SPDX-License-Identifier: Apache-2.0
/* What the files of the engine share; procedures see agent.h and proxy.h only.
 *
 *   agent.c     the thread, its nta agent, what it listens on    arrival.c    a message comes: what no procedure should see
 *   request.c   one request, from arrival to its last response   forward.c    to its targets, and their responses back up
 *   target.c    one place it is sent to, hop by hop              outgoing.c   the message that goes there
 *   cancel.c    CANCEL of what was sent on                       own.c        requests of our own
 *   route.c     our own entries in Route and Record-Route
 *   hop.c       names to addresses                               peer.c       who of the core is silent
 *   flow.c      the way back to a UE                             stream.c     a stream, piece by piece
 *   completed.c answers kept for who asks again                  accepted.c   a 2xx that comes late
 *   deadline.c  many timers of few lengths                       poll.c       the thread sleeps when it can
 *   overload.c  is the queue too old                             tls.c        certificates and who must show one
 *   wire.c      trace and metrics of each message                datagram.c   one system call a datagram
 *   numeric.c   addresses to text and back                       mailbox.c    what other threads want done here
 *   unread.c    headers that go on as text
 */
#pragma once
#include "common/address.h"
#include "common/sip/agent.h"
#include <netinet/in.h>
#include <pthread.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <stdatomic.h>
#include <string.h>

enum { ENDPOINT_MAX = 6, HOP_MAX = 8, POPPED_MAX = 8, ROUTE_TOKEN_SIZE = 64 };

struct endpoint {
	const char *side, *ident;    /* ident: names the socket to Sofia-SIP; sides that share it have the same */
	enum sip_transport transport;
	char host[64], port[8];
	char uri[160];
	int fd;                      /* of a datagram socket; -1: not known */
};

/* ---- deadline.c: timers of few lengths, so that a list in order of time is all it takes ---- */

struct deadline {
	struct deadline *prev, *next;
	uint64_t at_ns;              /* 0: not set */
};
struct deadlines {
	struct deadline *first, *last;
	void (*due)(struct deadline *d);
};
void deadline_set(struct deadlines *l, struct deadline *d, uint64_t ms);  /* again: moves it */
void deadline_clear(struct deadlines *l, struct deadline *d);
void deadlines_run(struct deadlines *l, uint64_t now_ns);
void deadlines_postpone(struct deadlines *l, uint64_t ns);

/* ---- hop.c ---- */

struct peer;                         /* an address of the core that we sent to */
struct hop {
	char host[64], port[8];
	enum sip_transport transport;
	const char *name;            /* what a certificate must say; the host when it had none. Lives with the agent */
	struct peer *peer;           /* NULL: nobody watches it (a UE's address) */
};
struct hops {
	struct hop hop[HOP_MAX];
	size_t count, next;
};

struct hop_table;
struct hop_table *hop_table_new(struct sip_agent *a);
void hop_table_free(struct hop_table *t);

/* The addresses of a URI [RFC 3263], into *out now (0) or, after `done` was called once, later (-EINPROGRESS; hop_forget takes the
 * wish back). `done` gets 0, or -ENOENT for a name without an address. Another negative errno: nothing will be called. */
typedef void hop_done(void *context, int err);
int hop_find(struct hop_table *t, const url_t *url, struct hops *out, hop_done *done, void *context);
void hop_forget(struct hop_table *t, void *context);

/* ---- peer.c ---- */

struct peer_table;
struct peer_table *peer_table_new(struct sip_agent *a);
void peer_table_free(struct peer_table *t);
void peer_watch(struct peer_table *t, struct hop *h, const char *name); /* fills peer and name of a hop */
bool peer_usable(const struct hop *h);       /* false: it failed lately, and its probe was not answered since */
void peer_failed(const struct hop *h, uint64_t since_ns); /* no answer to what was sent then */
void peer_answered(const struct hop *h);
const char *peer_url(su_home_t *home, const struct hop *h); /* for Sofia-SIP: an address, so that nothing is asked again */

/* ---- flow.c ---- */

struct flow_table;
struct flow_table *flow_table_new(struct sip_agent *a);
void flow_table_free(struct flow_table *t);
tport_t *flow_tport(const struct flow *f);   /* the connection; NULL: a datagram socket, or gone */
const char *flow_url(const struct flow *f);  /* where Sofia-SIP sends */

/* ---- request.c, forward.c, target.c ---- */

struct popped {
	const char *purpose;
	struct bytes token;
	bool orig;
};

enum step_end { STEP_OPEN, STEP_FORWARD, STEP_ANSWER, STEP_WAIT, STEP_DROP };

struct request {
	su_home_t home[1];           /* first: it is one allocation */
	struct sip_agent *agent;
	uint64_t id;
	const struct procedure *procedure;
	struct sip_message message, reply;
	nta_incoming_t *server;      /* NULL: an ACK, or work that no message began */
	sip_method_t method;
	const struct endpoint *endpoint;
	tport_t *tport;              /* it came over this one; a reference */
	struct sockaddr_storage source;
	bool trusted, initial, cancelled, ended, let_go;
	struct popped popped[POPPED_MAX];
	size_t popped_count;
	uint8_t route_token[ROUTE_TOKEN_SIZE];
	size_t route_token_len;
	uint32_t fate;               /* as it arrived */
	const char *key;             /* of completed.c; NULL: none */
	size_t key_len;
	const char *trace_id, *identity, *source_text;
	struct flow *flow;           /* of flow_of; a reference */
	void *state;
	size_t state_size;
	struct target *targets;      /* all, the newest group first */
	size_t open;                 /* of them not finished */
	enum step_end step;          /* how the running step ended */
	const struct target *sent_with; /* went out as it is, not as a copy, with this target; NULL: it is as the procedure left it */
	url_t *original_uri;         /* what that target's URI replaced */
	int status;                  /* the final one that went up; 0: none */
	uint64_t begin_ns;
	struct deadline young;       /* has had no answer at all */
	struct request *prev, *next, *next_gone;
};

enum target_stage { TARGET_NEW, TARGET_FINDING, TARGET_SENT, TARGET_DONE };

struct target {
	struct request *request;
	struct target *next;         /* of the request */
	const char *uri, *route;
	url_t *hop_uri;              /* a next hop that gets no Route header */
	struct flow *flow;
	const char *side;
	uint32_t first_answer_ms;
	bool first_answer_given;     /* by the procedure */
	struct sip_message message;
	enum target_stage stage;
	struct hops hops;
	const struct endpoint *out;
	nta_outgoing_t *client;
	unsigned record_routes, routes; /* entries we put into it */
	const char *branch;          /* of the newest transaction; in the request's home */
	unsigned attempt;            /* counts the transactions begun for it */
	uint64_t sent_ns;            /* when the newest began */
	bool provisional, cancelling;
	int status;
	bool internal;               /* the status is our own word */
	msg_t *response;             /* final, not 2xx: a reference */
	struct deadline first_answer, ringing;
};

struct request *request_new(struct sip_agent *a);
void request_arrived(struct request *r);     /* runs the first step */
void request_finish(struct request *r, int status); /* its final response has gone, or never will; it is buried later */
void request_let_go(struct request *r);      /* a cancelled target of one that is over has ended */
void request_bury(struct sip_agent *a);      /* frees those that are over: when none of their code is running */
void request_failed(struct request *r, int status, const char *why); /* as request_answer, by the engine */
void request_slots_free(struct sip_agent *a);

void target_start(struct target *t);         /* finds its address and sends */
int target_make_ready(struct target *t);     /* outgoing.c: its message. 0, -EINVAL, -ENOMEM */
int target_renew(struct target *t);          /* a copy of it for another attempt. 0 or -ENOMEM */
void target_cancel(struct target *t);        /* cancel.c */
void target_cancel_held(struct target *t);   /* its first provisional response is here */
void target_forget(struct target *t);        /* its request is over: what comes late goes up without us */
void forward_provisional(struct target *t, msg_t *msg, sip_t *sip); /* both take msg */
void forward_final(struct target *t, msg_t *msg, sip_t *sip);
void forward_failed(struct target *t, int status, bool internal);   /* no response, or none to pass on */
void request_timer_c(struct deadline *d);
void target_first_answer_due(struct deadline *d);
void request_young_due(struct deadline *d);
void request_on_cancel(struct request *r);

/* ---- route.c ---- */

bool route_names_us(const struct sip_agent *a, const url_t *url);
void route_pop(struct request *r);
int route_record(struct target *t);          /* 0 or -ENOMEM */
int route_push(struct sip_message *m, const char *value); /* before what there is; 0, -EINVAL, -ENOMEM */
/* A branch carries what decided where the request goes: the same again is a loop, another a spiral. [RFC 3261 16.3, 16.6 step 8] */
uint32_t route_fate(const sip_t *sip);
const char *route_branch(su_home_t *home, uint32_t fate);
bool route_loops(const struct sip_agent *a, const sip_t *sip, uint32_t fate);

/* ---- own.c ---- */

/* OPTIONS to see whether a peer lives. As sip_send. */
int own_options(struct sip_agent *a, const struct hop *h, void (*done)(void *context, int status, const struct sip_message *response), void *context);

/* ---- overload.c ---- */

void overload_watch(struct sip_agent *a);    /* after the sockets are bound */
bool overload_now(struct sip_agent *a);

/* ---- wire.c ---- */

void wire_register(struct sip_agent *a);
void wire_tick(struct sip_agent *a);
void wire_request_in(struct request *r);
void wire_response_up(struct request *r, msg_t *msg);  /* counted and traced; the message is prepared */
void wire_request_out(struct target *t, msg_t *msg);
void wire_response_in(struct target *t, msg_t *msg);
void wire_own(const char *id, msg_t *msg, const char *to);  /* a request of ours; wire_own_answer its response */
void wire_own_answer(const char *id, msg_t *msg, const char *from);
void wire_ack_or_cancel(struct request *r, nta_incoming_t *server);
void wire_ended(struct request *r);
void wire_refused(struct request *r, int status, const char *reason, const char *why);
const char *wire_phrase(int status);

/* ---- tls.c ---- */

/* A directory as Sofia-SIP wants it, with links to the files; tls_directory_remove when all sockets are bound. 0 or -errno. */
int tls_directory_make(const char *certificate, const char *ca, char *path, size_t size);
void tls_directory_remove(const char *path);
void tls_binding(const char *minimum);       /* this thread makes TLS sockets now: this floor; NULL: not any more */

/* ---- completed.c ---- */

struct completed_table;
struct completed_table *completed_table_new(void);
void completed_table_free(struct completed_table *t);
void completed_note_key(struct request *r);
void completed_pretend(const struct request *r); /* while its transaction is begun; NULL: no more */
void completed_keep(struct request *r, struct bytes text); /* its final response */
bool completed_answer(struct sip_agent *a, const struct endpoint *e, msg_t *msg, const sip_t *sip); /* true: it was sent again */
void completed_expire(struct completed_table *t, uint64_t now_ns);

/* ---- accepted.c ---- */

struct accepted_table;
struct accepted_table *accepted_table_new(void);
void accepted_table_free(struct accepted_table *t);
void accepted_note(struct sip_agent *agent, const char *branch); /* an INVITE's, that has its 2xx or is given up; copied */
bool accepted_knows(struct sip_agent *agent, const char *branch);
void accepted_expire(struct accepted_table *t, uint64_t now_ns);

/* ---- datagram.c ---- */

void datagram_watch(int s);                  /* a datagram socket of this thread */
bool datagram_is(int s);
ssize_t datagram_fetch(int s);               /* takes the next datagram: its length, or -1; su_vrecv() hands it out */

/* ---- poll.c, stream.c ---- */

enum { STREAM_PIECE = 32 << 10 };            /* octets of a stream that are read at once */

void poll_patiently(void);                   /* this thread */
void stream_read_in_pieces(void);            /* this thread */

/* ---- mailbox.c ---- */

struct mailbox {
	pthread_mutex_t lock;
	int fd;                              /* -1: closed */
	struct post *first, **end;
};
void mailbox_init(struct mailbox *m);
int mailbox_open(struct mailbox *m, su_root_t *root); /* SIP thread; 0 or -errno */
void mailbox_close(struct mailbox *m);       /* SIP thread */

/* ---- agent.c ---- */

struct wire_counters;
struct sip_agent {
	struct sip_agent_options o;  /* strings borrowed; defaults filled in */
	router *route;
	void *daemon;
	struct cidr *trusted;        /* of o.trusted_addresses */
	size_t trusted_count;
	su_root_t *root;
	nta_agent_t *nta;
	tport_t *tports;
	su_timer_t *tick;
	pthread_t thread;
	struct mailbox mailbox;
	struct { pthread_mutex_t lock; pthread_cond_t changed; bool done; int err; } started;
	struct endpoint endpoints[ENDPOINT_MAX];
	size_t endpoint_count;
	bool edge;                   /* has a side towards UEs */
	struct hop_table *hops;
	struct flow_table *flows;
	struct completed_table *completed;
	struct accepted_table *accepted;
	struct request_slot *slots;
	uint32_t slot_count, slot_free;
	struct request *requests, *gone;
	struct deadlines first_answers, ringing, young;
	uint64_t ticked_ns;
	struct sip_timer *timers;    /* set and not yet over */
	int heartbeat;
	atomic_bool draining;
	atomic_size_t in_flight;
	struct { int fd[ENDPOINT_MAX]; size_t count; uint64_t checked_ns, since_ns; bool now; } overload;
	struct wire_counters *counters;
};
const struct endpoint *endpoint_of_tport(const struct sip_agent *a, const tport_t *tp);

/* arrival.c: nta calls it */
int arrival_on_message(nta_agent_magic_t *agent, nta_agent_t *nta, msg_t *msg, sip_t *sip);
