// SPDX-License-Identifier: Apache-2.0
/* The SIP thread: Sofia's su_root with its nta agent, the sockets it listens on, timers, and the way in from other threads. */
#pragma once
#include "common/base.h"
#include "common/sip/header.h"
#include "common/sip/proxy.h"
#include "common/token.h"

struct sip_agent;
struct endpoint;  /* one listening socket: a transport, an address and the URI others reach it by */
struct flow;      /* the way back to a UE: its socket or connection and the address it sent from */
struct sip_timer;

enum sip_transport { SIP_UDP, SIP_TCP, SIP_TLS };

struct endpoint_options {
	const char *side;       /* "gm" or "mw": P-CSCF only; else "mw" */
	enum sip_transport transport;
	const char *address;    /* "127.0.0.11:5060" */
};

struct sip_agent_options {
	const char *name;                     /* host name of this node, in its own URIs where TLS needs it: "pcscf.ims.test" */
	const struct endpoint_options *endpoints;
	size_t endpoint_count;
	const char *dns;                      /* "127.0.0.16" or "127.0.0.16:53"; NULL: the system's */
	const char *certificate, *ca;         /* PEM; NULL without TLS */
	const char *tls_minimum;
	bool tls_verify_peer;                 /* Mw: mutual */
	struct token_key *token_key;          /* seals our Route entries; NULL: entries carry no token (the I-CSCF's) */
	const char *const *trusted_addresses; /* CIDRs of core peers, NULL-terminated */
	const char *const *trusted_names;     /* certificate names of core peers: "icscf.ims.test", ".ims.test" */
	uint32_t t1_ms, t2_ms, t4_ms, timer_c_ms, first_answer_ms, peer_skip_ms, overload_queue_ms; /* 0: the default */
	size_t message_max;                   /* bytes; default 128 kB */
};

/* Starts the thread; `route` names the procedure of each request. 0, or -errno after logging which endpoint or file. */
int sip_agent_start(const struct sip_agent_options *o, router *route, void *daemon, struct sip_agent **out);
void sip_agent_drain(struct sip_agent *a);              /* new initial requests are answered 503 with Retry-After */
bool sip_agent_idle(struct sip_agent *a);               /* no request in flight */
void sip_agent_stop(struct sip_agent *a);               /* joins the thread; timers that were set are gone */

/* From any thread: runs fn(arg) on the SIP thread, in order. 0, -ENOMEM, or -ESHUTDOWN when that has ended. Fits cx_host.post. */
int sip_post(void *agent, void (*fn)(void *arg), void *arg);

/* SIP thread only. A timer owned by its setter; fn runs once; cancel is fine after it ran only if the setter cleared it. */
struct sip_timer *sip_timer_set(struct sip_agent *a, uint64_t ms, void (*fn)(void *arg), void *arg);
void sip_timer_cancel(struct sip_timer *t);

/* ---- endpoints ---- */
const struct endpoint *endpoint_find(const struct sip_agent *a, const char *side, enum sip_transport t); /* NULL: not listening */
const char *endpoint_uri(const struct endpoint *e);     /* "sip:127.0.0.11:5060" or "sip:pcscf.ims.test:5061;transport=tls" */
enum sip_transport endpoint_transport(const struct endpoint *e);
const char *endpoint_side(const struct endpoint *e);

/* ---- where a request came from ---- */
const struct endpoint *request_endpoint(const struct request *r);
bool request_trusted(const struct request *r);          /* from a core peer: its address or its certificate is known */
const char *request_source(const struct request *r);    /* "127.0.0.9:5070", the packet's own source */
const char *request_source_ip(const struct request *r);

/* ---- flows ---- */
struct flow *flow_of(struct request *r);                /* a reference to the flow the request came over; flow_free it */
struct flow *flow_ref(struct flow *f);
void flow_free(struct flow *f);                         /* NULL is fine */
bool flow_alive(const struct flow *f);                  /* UDP: always; else until the connection closed */
bool flow_same(const struct flow *f, const struct request *r); /* r came over this flow (UDP: same source address and port) */
const char *flow_name(const struct flow *f);            /* "udp 127.0.0.9:5070", for keep, logs; flow_parse reads it */
enum sip_transport flow_transport(const struct flow *f);
struct flow *flow_parse(struct sip_agent *a, const char *name); /* after a restart: UDP is alive, others are dead until the UE reconnects */
