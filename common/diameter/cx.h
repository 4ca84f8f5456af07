// SPDX-License-Identifier: Apache-2.0
/* Cx in plain structs. [TS 29.228 6.1] the information flows, [TS 29.229] commands and AVPs. The same structs serve CSCF, HSS,
 * load generator and fuzzer; no type of freeDiameter leaves common/diameter, except to the decode functions' callers there.
 * Strings in a question or answer given to us are borrowed for the call; those in one we hand out live until the callback ends. */
#pragma once
#include "common/base.h"
#include "common/diameter/node.h"
#include "common/diameter/overload.h"
#include "common/diameter/result.h"

struct cx;       /* one per process that asks */
struct request;  /* who asks: a SIP request in flight; never looked into here */

/* ---- parts ---- */

#define CX_LIST_MAX 16

struct cx_strings {                      /* an AVP that occurs several times */
	const char *item[CX_LIST_MAX];
	size_t count;
};

struct cx_capabilities {                 /* Server-Capabilities [TS 29.229 6.3.4] */
	uint32_t mandatory[CX_LIST_MAX], optional[CX_LIST_MAX];
	size_t mandatory_count, optional_count;
	struct cx_strings server_names;
};

struct cx_auth_item {                    /* SIP-Auth-Data-Item [TS 29.229 6.3.13] */
	uint32_t number;                 /* SIP-Item-Number; 0: absent */
	const char *scheme;              /* "SIP Digest", "Digest-AKAv1-MD5", "Unknown" */
	struct bytes authenticate;       /* RAND || AUTN; in a MAR of a resynchronisation: nothing */
	struct bytes authorization;      /* XRES; in a MAR of a resynchronisation: RAND || AUTS */
	struct bytes ck, ik;
	const char *realm, *algorithm, *qop, *ha1; /* SIP-Digest-Authenticate [6.3.36]; NULL without it */
	const char *alternate_algorithm, *alternate_ha1; /* inside it [6.3.76, 6.3.77]; NULL: none */
};

struct cx_subscription {                 /* Subscription-Info [TS 29.229 6.3.51], P-CSCF-Subscription-Info [6.3.74]: reg-event */
	const char *call_id, *from, *to, *contact;
	const char *record_route;        /* of the UE's */
};
struct cx_restoration_contact {          /* Restoration-Info [TS 29.229 6.3.52], one per contact */
	const char *path;                /* header value */
	const char *contact;             /* header value with its parameters, expires made absolute by the S-CSCF's own note */
	const char *call_id_sip_header;  /* NULL: absent */
	const char *initial_cseq;        /* idem */
	bool has_subscription, has_pcscf_subscription;
	struct cx_subscription subscription, pcscf_subscription;
};
struct cx_restoration {                  /* SCSCF-Restoration-Info [6.3.49] */
	const char *private_identity;
	int64_t time_out_s;              /* Registration-Time-Out, since 1970; 0: absent */
	const char *scheme;              /* SIP-Authentication-Scheme; NULL: absent */
	struct cx_restoration_contact contacts[CX_LIST_MAX];
	size_t count;
};

struct cx_charging { const char *ccf_primary, *ccf_secondary, *ecf_primary, *ecf_secondary; };

struct cx_features {                     /* Supported-Features [TS 29.229 6.3.29] */
	bool required;                   /* its M bit: who cannot do all of them refuses */
	uint32_t vendor, list_id, list;  /* list: bit n is feature n */
};
#define CX_FEATURES_MAX 4
#define CX_FEATURES struct cx_features features[CX_FEATURES_MAX]; size_t feature_count

enum {                                   /* Feature-List 1 of Cx [TS 29.229 7.1.1] */
	CX_SHARED_IFC = 1 << 0, CX_ALIAS_INDICATION = 1 << 1, CX_IMS_RESTORATION = 1 << 2, CX_PCSCF_RESTORATION = 1 << 3,
};
/* Those of list 1 of 3GPP that the peer said it supports. */
uint32_t cx_features_of(const struct cx_features *features, size_t count);
/* The peer demands one that is not among `own` [TS 29.229 7.2.1]. */
bool cx_features_lack(const struct cx_features *features, size_t count, uint32_t own);
/* `own` as an AVP; how many, always 1. */
size_t cx_features_put(struct cx_features *features, uint32_t own);

struct cx_failed_pcscf {                 /* Failed-PCSCF [TS 29.229 6.3.78] */
	const char *fqdn;
	struct bytes address[2];         /* Address [RFC 6733 4.3.1] */
	size_t address_count;
};
struct cx_pair { const char *private_identity, *public_identity; };

/* ---- commands ---- */

enum cx_authorization { CX_REGISTRATION = 0, CX_DEREGISTRATION = 1, CX_REGISTRATION_AND_CAPABILITIES = 2 };

struct cx_uar {                          /* [TS 29.228 6.1.1] */
	const char *private_identity, *public_identity, *visited_network;
	enum cx_authorization authorization;
	bool emergency;
	CX_FEATURES;
	const char *destination_host;    /* NULL: any HSS of the realm, or the SLF */
	const char *trace_id;            /* may be NULL, in all questions */
};
struct cx_uaa {
	enum diameter_result result;
	const char *server_name;         /* NULL: none assigned */
	struct cx_capabilities capabilities;
	CX_FEATURES;
	const char *origin_host;
};

struct cx_mar {                          /* [TS 29.228 6.3.1] */
	const char *private_identity, *public_identity, *server_name;
	uint32_t items_wanted;           /* SIP-Number-Auth-Items */
	struct cx_auth_item item;        /* scheme asked for; authorization for a resynchronisation */
	CX_FEATURES;
	const char *destination_host, *trace_id;
};
struct cx_maa {
	enum diameter_result result;
	const char *private_identity, *public_identity;
	struct cx_auth_item items[CX_LIST_MAX];
	size_t item_count;
	uint32_t items_given;            /* SIP-Number-Auth-Items */
	CX_FEATURES;
	const char *origin_host;
};

enum cx_assignment {                     /* Server-Assignment-Type [TS 29.229 6.3.15] */
	CX_NO_ASSIGNMENT = 0, CX_ASSIGN_REGISTRATION = 1, CX_RE_REGISTRATION = 2, CX_UNREGISTERED_USER = 3,
	CX_TIMEOUT_DEREGISTRATION = 4, CX_USER_DEREGISTRATION = 5, CX_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME = 6,
	CX_USER_DEREGISTRATION_STORE_SERVER_NAME = 7, CX_ADMINISTRATIVE_DEREGISTRATION = 8, CX_AUTHENTICATION_FAILURE = 9,
	CX_AUTHENTICATION_TIMEOUT = 10, CX_DEREGISTRATION_TOO_MUCH_DATA = 11, CX_AAA_USER_DATA_REQUEST = 12, CX_PGW_UPDATE = 13,
	CX_RESTORATION = 14,
};
struct cx_sar {                          /* [TS 29.228 6.1.2] */
	const char *private_identity;    /* NULL where the flow allows */
	struct cx_strings public_identities;
	const char *server_name;
	enum cx_assignment assignment;
	bool user_data_available;        /* User-Data-Already-Available */
	bool multiple_registration;      /* Multiple-Registration-Indication */
	bool has_restoration;
	struct cx_restoration restoration;
	const char *wildcard;            /* Wildcarded-Public-Identity that the identity matches; NULL: none known */
	bool has_priority;
	int priority;                    /* Session-Priority, 0 the highest [6.3.56] */
	bool pcscf_restoration;          /* SAR-Flags, bit 0 [6.3.63] */
	bool has_failed_pcscf;
	struct cx_failed_pcscf failed_pcscf;
	CX_FEATURES;
	const char *destination_host, *trace_id;
};
struct cx_saa {
	enum diameter_result result;
	const char *private_identity;
	struct bytes user_data;          /* XML of [TS 29.228 annex E]; len 0: none */
	struct cx_charging charging;
	struct cx_strings associated_identities; /* private identities of the subscription */
	struct cx_restoration restorations[CX_LIST_MAX]; /* one per private identity */
	size_t restoration_count;
	const char *server_name;         /* of the S-CSCF that holds the user, with ALREADY_REGISTERED */
	const char *wildcard;            /* Wildcarded-Public-Identity */
	struct cx_strings associated_registered; /* private identities that registered the public one */
	bool loose_route;                /* Loose-Route-Indication [6.3.45] */
	bool privileged_sender;          /* Priviledged-Sender-Indication [6.3.58] */
	CX_FEATURES;
	const char *origin_host;
};

struct cx_lir {                          /* [TS 29.228 6.1.4, table 6.1.4.1] */
	const char *public_identity;     /* canonical SIP or tel URI, or a PSI */
	bool originating;                /* [TS 29.229 6.3.34] an AS acts for the user */
	bool capabilities_wanted;        /* REGISTRATION_AND_CAPABILITIES: the known S-CSCF is dead */
	bool has_priority;
	int priority;                    /* Session-Priority */
	CX_FEATURES;
	const char *destination_host, *trace_id;
};
struct cx_lia {
	enum diameter_result result;
	const char *server_name;         /* the assigned S-CSCF, or the AS of a PSI; NULL if none */
	struct cx_capabilities capabilities;
	const char *wildcard;            /* Wildcarded-Public-Identity */
	bool direct_routing;             /* LIA-Flags, bit 0: server_name is an AS [6.3.59] */
	CX_FEATURES;
	const char *origin_host;
};

enum cx_deregistration_reason { CX_PERMANENT_TERMINATION = 0, CX_NEW_SERVER_ASSIGNED = 1, CX_SERVER_CHANGE = 2, CX_REMOVE_SCSCF = 3 };
struct cx_rtr {                          /* [TS 29.228 6.1.3], from the HSS */
	const char *private_identity;
	struct cx_strings public_identities;
	struct cx_strings associated_identities;
	enum cx_deregistration_reason reason;
	const char *reason_info;
	bool reference_location;         /* RTR-Flags, bit 0: that has changed [6.3.69] */
	CX_FEATURES;
	const char *destination_host;    /* the S-CSCF's Diameter identity */
	const char *origin_host;
};
struct cx_rta {
	enum diameter_result result;
	struct cx_strings associated_identities;
	struct cx_pair emergency[CX_LIST_MAX]; /* Identity-with-Emergency-Registration: these stay registered [6.3.57] */
	size_t emergency_count;
	CX_FEATURES;
};

struct cx_ppr {                          /* [TS 29.228 6.2.1], from the HSS */
	const char *private_identity;
	struct bytes user_data;
	struct cx_charging charging;
	bool has_item;
	struct cx_auth_item item;        /* SIP Digest credentials that have changed [TS 29.228 6.5.2.4] */
	CX_FEATURES;
	const char *destination_host, *origin_host;
};
struct cx_ppa { enum diameter_result result; CX_FEATURES; };

/* ---- asking ---- */

/* How answers find the asker: `post` runs fn(arg) on the SIP thread; `id_of` and `by_id` are the engine's. */
struct cx_host {
	int (*post)(void *loop, void (*fn)(void *arg), void *arg);
	void *loop;
	uint64_t (*id_of)(const struct request *r);
	struct request *(*by_id)(uint64_t id);
};
/* Before diameter_start: peers are told that we speak Cx. */
struct cx *cx_new(struct diameter_node *n, const struct cx_host *host, const char *destination_realm);
void cx_free(struct cx *cx);

/* Asks, and later calls `done` on the SIP thread exactly once: with the answer, or with NULL and -ETIMEDOUT or -ENOTCONN.
 * If the request is gone by then nothing is called (and the answer is counted). The question is copied. Never blocks: a
 * sender thread does fd_msg_send. A queue longer than 1,000 answers -EBUSY the same way. */
typedef void cx_uaa_done(struct request *r, const struct cx_uaa *answer, int err);
typedef void cx_maa_done(struct request *r, const struct cx_maa *answer, int err);
typedef void cx_saa_done(struct request *r, const struct cx_saa *answer, int err);
typedef void cx_lia_done(struct request *r, const struct cx_lia *answer, int err);
void cx_ask_uar(struct cx *cx, struct request *r, const struct cx_uar *uar, cx_uaa_done *done);
void cx_ask_mar(struct cx *cx, struct request *r, const struct cx_mar *mar, cx_maa_done *done);
void cx_ask_sar(struct cx *cx, struct request *r, const struct cx_sar *sar, cx_saa_done *done);
void cx_ask_lir(struct cx *cx, struct request *r, const struct cx_lir *lir, cx_lia_done *done);

/* The HSS's own questions to an S-CSCF: `done` runs on a Diameter thread, exactly once; err as above. */
void cx_push_rtr(struct cx *cx, const struct cx_rtr *rtr, void (*done)(void *context, const struct cx_rta *answer, int err), void *context);
void cx_push_ppr(struct cx *cx, const struct cx_ppr *ppr, void (*done)(void *context, const struct cx_ppa *answer, int err), void *context);

/* ---- answering ---- */

struct cx_call; /* a question that waits for our answer; answered exactly once, from any thread */

/* Handlers run on freeDiameter's dispatch thread; the decoded question lives until the answer is given. A question that does
 * not decode never arrives: it was answered 5xxx with Failed-AVP [RFC 6733 7.5]. NULL handler: COMMAND_UNSUPPORTED. */
struct cx_server {
	void *self;
	void (*uar)(void *self, struct cx_call *call, const struct cx_uar *uar);
	void (*mar)(void *self, struct cx_call *call, const struct cx_mar *mar);
	void (*sar)(void *self, struct cx_call *call, const struct cx_sar *sar);
	void (*lir)(void *self, struct cx_call *call, const struct cx_lir *lir);
	void (*rtr)(void *self, struct cx_call *call, const struct cx_rtr *rtr); /* at an S-CSCF; there self's thread is the SIP thread if `post` was given */
	void (*ppr)(void *self, struct cx_call *call, const struct cx_ppr *ppr);
	const struct cx_host *host; /* not NULL: handlers are posted to the SIP thread */
};
int cx_serve(struct diameter_node *n, const struct cx_server *server); /* before diameter_start; borrowed */

void cx_answer_uaa(struct cx_call *c, const struct cx_uaa *uaa);
void cx_answer_maa(struct cx_call *c, const struct cx_maa *maa);
void cx_answer_saa(struct cx_call *c, const struct cx_saa *saa);
void cx_answer_lia(struct cx_call *c, const struct cx_lia *lia);
void cx_answer_rta(struct cx_call *c, const struct cx_rta *rta);
void cx_answer_ppa(struct cx_call *c, const struct cx_ppa *ppa);
/* To a question of any kind: others serve this user. common/diameter/redirect.h */
struct redirect;
void cx_answer_redirect(struct cx_call *c, const struct redirect *r);
/* Before the answer, which then carries Failed-AVP with this AVP of the question, or an empty one when that is what is missing
 * [RFC 6733 7.5]. CX_AVP_NONE takes it back. */
enum cx_avp { CX_AVP_NONE, CX_AVP_USER_NAME, CX_AVP_PUBLIC_IDENTITY, CX_AVP_SIP_AUTH_DATA_ITEM, CX_AVP_SCSCF_RESTORATION_INFO };
void cx_call_blame(struct cx_call *c, enum cx_avp avp);

const char *cx_call_origin_host(const struct cx_call *c);
enum drmp cx_call_priority(const struct cx_call *c);   /* what its DRMP says, or what a question of its kind has */
uint32_t cx_call_peer(const struct cx_call *c);        /* a number of the peer that it came from; never 0 */
const char *cx_call_trace_id(const struct cx_call *c); /* from the Session-Id's last part; "" for none */
