// SPDX-License-Identifier: Apache-2.0
/* How a question of Cx or Sh is answered: read where it arrives; if something would change, once more where changes are made. */
#pragma once
#include "common/diameter/cx.h"
#include "common/diameter/sh.h"
#include "hss/hss.h"
#include <obstack.h>

/* One question on its way. */
struct run {
	struct write_job job;                /* first: of the writer */
	const struct procedure *procedure;
	struct hss *hss;
	struct store *store;                 /* of this thread, while steps() runs */
	struct obstack pool;                 /* strings of the answer */
	struct store_plan plan;              /* what is to be written before it may go */
	struct cx_call *call;                /* NULL in a unit test, */
	struct sh_call *sh_call;             /* and one of the two else */
	const void *question;                /* struct cx_uar and the like */
	const char *origin_host, *identity, *private_identity;
	bool pushes;                         /* it left something for an S-CSCF to be told */
	const char *why;                     /* a refusal in plain words, for log and explain */
	uint64_t began_ns;
	int64_t reserves;                    /* a private identity of which sequence numbers may have been reserved; 0: none */
	struct claim *claims;                /* what it updates, so that nobody else does (hss/claim.h) */
	int64_t subscription;                /* whom a change concerns; 0: nobody known */
	int64_t gone_number;                 /* Sequence Number that removed repository data */
	union {
		struct cx_uaa uaa;
		struct cx_maa maa;
		struct cx_saa saa;
		struct cx_lia lia;
		struct sh_uda uda;
		struct sh_pua pua;
		struct sh_sna sna;
	} answer;
};

struct procedure {
	const char *name;                    /* "hss.user_authorization" */
	/* The clause's steps. 0 with r->answer filled; -ECANCELED: so, too, but what was written is taken back; -errno of the store:
	 * -EROFS asks for the writer. Runs again from the start. */
	int (*steps)(struct run *r);
	void (*answer)(struct run *r);       /* sends r->answer */
	enum diameter_result *(*result)(struct run *r);
	bool (*changes)(const struct run *r); /* it is sure to change something; NULL: it never is */
	bool tells_what_is_written;          /* its answer waits until what it has seen is on the disk, though it changed nothing */
};

/* Answers the question; in `call`'s thread or later in the writer's. */
void procedure_begin(struct hss *h, const struct procedure *p, struct cx_call *call, const void *question, const char *identity,
		     const char *private_identity);

/* The same for a question of Sh. */
void procedure_begin_sh(struct hss *h, const struct procedure *p, struct sh_call *call, const void *question, const char *identity,
			const char *private_identity);

/* Ends the steps with a refusal: the one place that sets result and reason. Always 0. */
int refuse(struct run *r, enum diameter_result result, const char *why);
/* The same, naming the AVP at fault: Failed-AVP holds it, or an empty one when it is missing [RFC 6733 7.5]. */
int refuse_for(struct run *r, enum diameter_result result, enum cx_avp avp, const char *why);

int refuse_sh(struct run *r, enum diameter_result result, enum sh_avp avp, const char *why);

extern const struct procedure user_authorization, multimedia_auth, server_assignment, location_info;
extern const struct procedure user_data_request, profile_update, subscribe_notifications;

/* For struct cx_server. */
void on_uar(void *hss, struct cx_call *call, const struct cx_uar *uar);
void on_mar(void *hss, struct cx_call *call, const struct cx_mar *mar);
void on_sar(void *hss, struct cx_call *call, const struct cx_sar *sar);
void on_lir(void *hss, struct cx_call *call, const struct cx_lir *lir);

/* For struct sh_server. */
void on_udr(void *hss, struct sh_call *call, const struct sh_udr *udr);
void on_pur(void *hss, struct sh_call *call, const struct sh_pur *pur);
void on_snr(void *hss, struct sh_call *call, const struct sh_snr *snr);
