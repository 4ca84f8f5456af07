// SPDX-License-Identifier: Apache-2.0
/* The SIP engine: carries transactions so that a procedure only has to decide. One per daemon; SIP thread only.
 *
 * A request arrives, the daemon's router names its procedure, and the procedure is called step by step. Each step
 * ends with exactly one of forward, answer, wait or drop; the engine asserts it. Everything else of RFC 3261 16 (Via,
 * Max-Forwards, Route, Record-Route, forking, best response, CANCEL, ACK, timers, retransmission) happens here.
 *
 * Before the router is asked, the engine has refused what no procedure should see (malformed 400, Max-Forwards 483,
 * unknown scheme 416, Proxy-Require 420, a loop 482, overload 503) and has popped the Route entries that name this node.
 */
#pragma once
#include "common/sip/header.h"

struct request; /* one request on its way through this node, from arrival until its last response has gone */
struct target;  /* one place it is sent to */
struct flow;
struct endpoint;
struct sip_agent;

/* What a daemon knows about one kind of request. Steps left NULL do nothing. */
struct procedure {
	const char *name;                                    /* "icscf.session": metrics, trace and log subject */
	bool record_route;                                   /* stay in the dialog it may create */
	void (*on_request)(struct request *r);               /* first step */
	void (*on_response)(struct request *r, struct target *t, struct sip_message *response); /* each that goes up; may edit it */
	void (*on_exhausted)(struct request *r, int status); /* all targets failed; best status, 0 when only our own timers spoke.
	                                                      * May forward again or answer or wait; if not, the best response goes up. */
	void (*on_cancel)(struct request *r);                /* the caller gave up; targets are being cancelled */
	void (*on_end)(struct request *r, int status);       /* once, last: the final status that went up; state is still there */
};

/* The procedure for a request, chosen by method, dialog and direction. Never NULL: the last resort answers 405. */
typedef const struct procedure *router(const struct request *r);

/* ---- the four ends of a step ---- */

/* Sends it to each of `n` targets in parallel; call again from on_exhausted for the next group. Takes the targets. */
void request_forward(struct request *r, struct target *targets[], int n);

/* Sends it where its Route header, or else its Request-URI, says: in-dialog requests. */
void request_forward_onward(struct request *r);

/* Answers it with the standard's phrase and the headers put into request_reply(). `why` never goes on the wire: it is the log
 * line, the counter's reason and what `imsctl explain` says, in one call, so that they cannot disagree. The reason label is
 * the format itself, not its filling. NULL for a success. */
void request_answer(struct request *r, int status, const char *why, ...) __attribute__((format(printf, 3, 4)));

/* A later call (an answer from Diameter or HTTP, a timer) goes on. The asker must guarantee that it comes. */
void request_wait(struct request *r);

/* Absorbs it without a word: a stray ACK, a retransmission that has its answer. */
void request_drop(struct request *r);

/* ---- what a procedure works with ---- */

struct sip_message *request_message(struct request *r); /* edit freely until the end of the step: what forward will send */
const struct sip_message *request_peek(const struct request *r);
struct sip_message *request_reply(struct request *r);   /* headers added here go with the next request_answer */
struct su_home_s *request_home(struct request *r);      /* strings and state of this request live and die here */
void *request_state(struct request *r, size_t size);    /* the procedure's own, zeroed at first use */
uint64_t request_id(const struct request *r);           /* give this to other threads, never the pointer */
struct request *request_by_id(uint64_t id);             /* NULL when it is gone: count, and forget the answer */
void *request_daemon(const struct request *r);          /* what sip_agent_start was given */
struct sip_agent *request_agent(const struct request *r);
const char *request_trace_id(const struct request *r);  /* icid, or the Call-ID while there is none */
void request_set_trace_id(struct request *r, const char *icid); /* the P-CSCF that made one */
void request_set_identity(struct request *r, const char *identity); /* whose procedure this is: log, trace, explain */
bool request_initial(const struct request *r);          /* no To tag: may begin a dialog */
bool request_cancelled(const struct request *r);

/* ---- our own entries in Route, Record-Route and Path ---- */

/* The opened tokens of the Route entries just popped, topmost first: what this node wrote into a Record-Route ("record-route")
 * or Path or Service-Route ("path", "service-route"). *purpose names which; -ENOENT when there are no more. An own entry
 * without a token, or with one that does not open, has purpose "" and no bytes. */
int request_popped_route(const struct request *r, int index, const char **purpose, struct bytes *token, bool *orig);
/* `orig`: that entry carried the ;orig parameter. */

/* What to seal into our Record-Route entry for this request (at most 64 bytes, copied); default none. */
void request_set_route_token(struct request *r, struct bytes token);

/* "<sip:TOKEN@127.0.0.11:5060;orig;lr>" for a Path or Service-Route, sealed for `purpose`; `params` ("orig") may be NULL; in `home`. */
const char *route_own(struct sip_agent *a, struct su_home_s *home, const struct endpoint *e, const char *purpose, struct bytes token, const char *params);

/* ---- targets ---- */

/* `uri` becomes the Request-URI (NULL: stays). `route` is a Route header value put before what is left of the request's own
 * ("<sip:a;lr>, <sip:b;lr>"), or a lone URI of a next hop that gets no Route header ("sip:icscf.ims.test;transport=tcp"
 * without angle brackets). NULL: by the Request-URI. Both are copied into the request's home. NULL: out of memory. */
struct target *target_new(struct request *r, const char *uri, const char *route);
void target_set_flow(struct target *t, struct flow *f);        /* sends over this flow whatever the URI says */
void target_set_side(struct target *t, const char *side);      /* which of our endpoints it leaves by, in Via and Record-Route */
void target_set_first_answer_ms(struct target *t, uint32_t ms);/* 0: none of our own; default: the agent's for core peers, 0 for flows */
const char *target_uri(const struct target *t);
int target_status(const struct target *t);                      /* last response; 0 none; 408 our timer */

/* ---- requests of our own ---- */

/* A piece of work that no message began (a binding ran out, an RTR came): has a home, an id and state like any request, and
 * may ask Cx. Ends with request_answer (200, NULL) or (a status, why). */
struct request *request_begin(struct sip_agent *a, const struct procedure *p, const char *identity);

/* Sends a request of ours (NOTIFY, BYE, OPTIONS, REGISTER to an AS) built by the caller: start line, From, To, Call-ID, CSeq
 * and what it needs; Via and Max-Forwards are added. `done` gets the final response once, or NULL after the first-answer
 * timer or transport failure. `route` and `flow` as for a target; may be NULL. 0 or -errno, then done is never called. */
int sip_send(struct sip_agent *a, msg_t *msg, const char *route, struct flow *flow,
	     void (*done)(void *context, int status, const struct sip_message *response), void *context);
