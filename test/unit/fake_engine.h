// SPDX-License-Identifier: Apache-2.0
/* The SIP engine and Cx, played by the test: a procedure is called, and the test sees how its step ended and what it asked the
 * HSS. One request at a time. */
#pragma once
#include "common/diameter/cx.h"
#include "common/sip/agent.h"
#include "common/sip/proxy.h"

enum step_end { STEP_NONE, STEP_FORWARD, STEP_ONWARD, STEP_ANSWER, STEP_WAIT, STEP_DROP };

struct fake_target {
	char uri[256], route[512], flow[64], side[4];
};

struct fake {
	enum step_end end;                   /* how the last step ended */
	int status;
	char why[256];
	struct fake_target targets[8];       /* of the last forward */
	int target_count;
	int target_status;                   /* what each target said in the end */
	char reply[4096];                    /* header lines for the answer */
	bool trusted;
	void *daemon;
	char route_token[64];
	struct bytes sealed;                 /* the same as bytes, and what route_own was given */
	uint8_t sealed_data[64];
	const char *popped_purpose;          /* NULL: no Route entry of ours was popped */
	struct bytes popped_token;
	const char *source;                  /* "192.0.2.1:5060" */
	enum sip_transport transport;        /* of the endpoint and of flow_of */
	const char *dead_flow;               /* the name of a flow that is not alive */
	char began[128];                     /* identity of the last request_begin */
	uint64_t timer_ms;                   /* of the last timer */

	/* the last question, its strings copied, and who waits for the answer */
	enum { ASKED_NOTHING, ASKED_UAR, ASKED_MAR, ASKED_SAR, ASKED_LIR } asked;
	struct cx_uar uar;
	struct cx_mar mar;
	struct cx_sar sar;
	struct cx_lir lir;
	enum diameter_result answered;       /* our last RTA or PPA */
};
extern struct fake fake;

/* Begins a request by the wire text; the last one is gone. */
struct request *fake_request(const char *text);
void fake_reset(void *daemon);
const char *fake_sent(void);                 /* the message as the procedure left it */
void fake_answer_uaa(const struct cx_uaa *a, int err);
void fake_answer_maa(const struct cx_maa *a, int err);
void fake_answer_saa(const struct cx_saa *a, int err);
void fake_answer_lia(const struct cx_lia *a, int err);
