// SPDX-License-Identifier: Apache-2.0
/* Sh in plain structs, in the manner of cx.h: what an application server asks of the HSS, and what the HSS tells it.
 * [TS 29.328 6.1] the information flows, [TS 29.329] commands and AVPs. What stands in User-Data is XML [TS 29.328 annex C]. */
#pragma once
#include "common/diameter/cx.h"

struct sh;       /* one per process that asks */

/* ---- parts ---- */

struct sh_user {                         /* User-Identity [TS 29.329 6.3.1]: one of them */
	const char *public_identity;     /* canonical SIP or tel URI, or a PSI */
	const char *msisdn;              /* digits of E.164 */
	const char *external_identifier; /* user@domain [TS 23.682 4.6.2] */
};

enum sh_reference {                      /* Data-Reference [TS 29.329 6.3.4, TS 29.328 table 7.6.1] */
	SH_REPOSITORY_DATA = 0, SH_IMS_PUBLIC_IDENTITY = 10, SH_IMS_USER_STATE = 11, SH_SCSCF_NAME = 12,
	SH_INITIAL_FILTER_CRITERIA = 13, SH_LOCATION_INFORMATION = 14, SH_USER_STATE = 15, SH_CHARGING_INFORMATION = 16,
	SH_MSISDN = 17, SH_PSI_ACTIVATION = 18, SH_DSAI = 19, SH_SERVICE_LEVEL_TRACE_INFO = 21,
	SH_IP_ADDRESS_SECURE_BINDING_INFORMATION = 22, SH_SERVICE_PRIORITY_LEVEL = 23, SH_SMS_REGISTRATION_INFO = 24,
	SH_UE_REACHABILITY_FOR_IP = 25, SH_T_ADS_INFORMATION = 26, SH_STN_SR = 27, SH_UE_SRVCC_CAPABILITY = 28,
	SH_EXTENDED_PRIORITY = 29, SH_CSRN = 30, SH_REFERENCE_LOCATION_INFORMATION = 31, SH_IMSI = 32, SH_IMS_PRIVATE_USER_IDENTITY = 33,
};
#define SH_REFERENCES_MAX 32

enum sh_identity_set {                   /* Identity-Set [TS 29.329 6.3.10] */
	SH_ALL_IDENTITIES = 0, SH_REGISTERED_IDENTITIES = 1, SH_IMPLICIT_IDENTITIES = 2, SH_ALIAS_IDENTITIES = 3,
};
enum sh_domain { SH_CS_DOMAIN = 0, SH_PS_DOMAIN = 1 };              /* Requested-Domain [6.3.7] */
enum sh_subscription { SH_SUBSCRIBE = 0, SH_UNSUBSCRIBE = 1 };      /* Subs-Req-Type [6.3.6] */
enum sh_time_zone { SH_ONLY_TIME_ZONE = 0, SH_TIME_ZONE_WITH_LOCATION = 1 }; /* Local-Time-Zone-Indication [6.3.22] */

/* ---- commands ---- */

struct sh_udr {                          /* Sh-Pull [TS 29.328 6.1.1] */
	struct cx_features features[CX_FEATURES_MAX];
	size_t feature_count;
	struct sh_user user;
	const char *wildcarded_psi, *wildcarded_impu;
	const char *server_name;         /* of the AS: for filter criteria, PSI activation and DSAI */
	struct cx_strings service_indications, dsai_tags;
	uint32_t references[SH_REFERENCES_MAX], identity_sets[CX_LIST_MAX];
	size_t references_count, identity_sets_count;
	bool has_requested_domain, has_session_priority, has_local_time_zone;
	enum sh_domain requested_domain;
	int session_priority;            /* 0 the highest [TS 29.229 6.3.56] */
	enum sh_time_zone local_time_zone;
	bool active_location, serving_nodes_only, prepaging;
	const char *private_identity;    /* User-Name: the one of several that share the public identity */
	uint32_t requested_nodes, flags; /* [6.3.18, 6.3.24] */
	struct bytes call_reference, as_number; /* Call-Reference-Info [6.3.25] */
	const char *destination_host, *trace_id;
};
struct sh_uda {
	enum diameter_result result;
	struct cx_features features[CX_FEATURES_MAX];
	size_t feature_count;
	const char *wildcarded_psi, *wildcarded_impu;
	struct bytes user_data;          /* <Sh-Data> */
	const char *origin_host;
};

struct sh_pur {                          /* Sh-Update [TS 29.328 6.1.2] */
	struct cx_features features[CX_FEATURES_MAX];
	size_t feature_count;
	struct sh_user user;
	const char *wildcarded_psi, *wildcarded_impu, *private_identity;
	uint32_t references[SH_REFERENCES_MAX];
	size_t references_count;
	struct bytes user_data;
	const char *destination_host, *trace_id;
};
struct sh_repository_id { const char *service_indication; uint32_t sequence_number; }; /* Repository-Data-ID [6.3.20] */
struct sh_pua {
	enum diameter_result result;
	struct cx_features features[CX_FEATURES_MAX];
	size_t feature_count;
	const char *wildcarded_psi, *wildcarded_impu;
	bool has_repository_id;          /* of what could not be written, when several were to be [TS 29.328 6.1.2.1] */
	struct sh_repository_id repository_id;
	bool has_reference;
	enum sh_reference reference;
	const char *origin_host;
};

struct sh_snr {                          /* Sh-Subs-Notif [TS 29.328 6.1.3] */
	struct cx_features features[CX_FEATURES_MAX];
	size_t feature_count;
	struct sh_user user;
	const char *wildcarded_psi, *wildcarded_impu, *private_identity;
	struct cx_strings service_indications, dsai_tags;
	bool send_data;                  /* Send-Data-Indication: the answer has the data */
	const char *server_name;
	enum sh_subscription subscription;
	uint32_t references[SH_REFERENCES_MAX], identity_sets[CX_LIST_MAX];
	size_t references_count, identity_sets_count;
	int64_t expiry;                  /* Expiry-Time, seconds since 1970; 0: for ever */
	bool one_time;
	const char *destination_host, *trace_id;
};
struct sh_sna {
	enum diameter_result result;
	struct cx_features features[CX_FEATURES_MAX];
	size_t feature_count;
	const char *wildcarded_psi, *wildcarded_impu;
	struct bytes user_data;
	int64_t expiry;                  /* as the HSS granted it; 0: for ever */
	const char *origin_host;
};

struct sh_pnr {                          /* Sh-Notif [TS 29.328 6.1.4], from the HSS */
	struct cx_features features[CX_FEATURES_MAX];
	size_t feature_count;
	struct sh_user user;
	const char *wildcarded_psi, *wildcarded_impu, *private_identity;
	struct bytes user_data;
	const char *destination_host, *destination_realm; /* as the subscription's SNR came from */
	const char *origin_host;
};
struct sh_pna { enum diameter_result result; const char *origin_host; };

/* ---- asking ---- */

/* As cx_new(), cx_ask_uar() and cx_push_rtr() of cx.h, also in threads and ends. */
struct sh *sh_new(struct diameter_node *n, const struct cx_host *host, const char *destination_realm);
void sh_free(struct sh *sh);

typedef void sh_uda_done(struct request *r, const struct sh_uda *answer, int err);
typedef void sh_pua_done(struct request *r, const struct sh_pua *answer, int err);
typedef void sh_sna_done(struct request *r, const struct sh_sna *answer, int err);
void sh_ask_udr(struct sh *sh, struct request *r, const struct sh_udr *udr, sh_uda_done *done);
void sh_ask_pur(struct sh *sh, struct request *r, const struct sh_pur *pur, sh_pua_done *done);
void sh_ask_snr(struct sh *sh, struct request *r, const struct sh_snr *snr, sh_sna_done *done);
void sh_push_pnr(struct sh *sh, const struct sh_pnr *pnr, void (*done)(void *context, const struct sh_pna *answer, int err), void *context);

/* ---- answering ---- */

struct sh_call; /* as cx_call */

struct sh_server {
	void *self;
	void (*udr)(void *self, struct sh_call *call, const struct sh_udr *udr);
	void (*pur)(void *self, struct sh_call *call, const struct sh_pur *pur);
	void (*snr)(void *self, struct sh_call *call, const struct sh_snr *snr);
	void (*pnr)(void *self, struct sh_call *call, const struct sh_pnr *pnr); /* at an AS */
	const struct cx_host *host; /* not NULL: handlers are posted to the SIP thread */
};
int sh_serve(struct diameter_node *n, const struct sh_server *server); /* before diameter_start; borrowed */

void sh_answer_uda(struct sh_call *c, const struct sh_uda *uda);
void sh_answer_pua(struct sh_call *c, const struct sh_pua *pua);
void sh_answer_sna(struct sh_call *c, const struct sh_sna *sna);
void sh_answer_pna(struct sh_call *c, const struct sh_pna *pna);
void sh_answer_redirect(struct sh_call *c, const struct redirect *r); /* as cx_answer_redirect */

/* As cx_call_blame(). */
enum sh_avp { SH_AVP_NONE, SH_AVP_USER_IDENTITY, SH_AVP_DATA_REFERENCE, SH_AVP_SERVICE_INDICATION, SH_AVP_SERVER_NAME, SH_AVP_DSAI_TAG,
	      SH_AVP_REQUESTED_DOMAIN, SH_AVP_USER_DATA, SH_AVP_IDENTITY_SET, SH_AVP_SUPPORTED_FEATURES,
	      SH_AVP_EXPIRY_TIME };
void sh_call_blame(struct sh_call *c, enum sh_avp avp);

const char *sh_call_origin_host(const struct sh_call *c);
const char *sh_call_origin_realm(const struct sh_call *c);
enum drmp sh_call_priority(const struct sh_call *c);   /* as cx_call_priority, cx_call_peer */
uint32_t sh_call_peer(const struct sh_call *c);
const char *sh_call_trace_id(const struct sh_call *c);
