// SPDX-License-Identifier: Apache-2.0
/* The six commands of Cx. [TS 29.229 6.1] */
#include "common/diameter/cx_kind.h"
#include "common/metrics.h"
#include <pthread.h>

/* Q: asked by a CSCF; P: pushed by the HSS */
#define Q(up, req, ans) { CX_##up, #up, cx_##req##_fields, cx_##ans##_fields, sizeof(struct cx_##req), sizeof(struct cx_##ans), \
	offsetof(struct cx_##ans, origin_host), offsetof(struct cx_##req, destination_host), offsetof(struct cx_##req, trace_id), NOWHERE }
#define P(up, req, ans) { CX_##up, #up, cx_##req##_fields, cx_##ans##_fields, sizeof(struct cx_##req), sizeof(struct cx_##ans), \
	NOWHERE, offsetof(struct cx_##req, destination_host), NOWHERE, offsetof(struct cx_##req, origin_host) }

const struct cx_kind cx_kinds[] = {
	Q(UAR, uar, uaa), Q(MAR, mar, maa), Q(SAR, sar, saa), Q(LIR, lir, lia), P(RTR, rtr, rta), P(PPR, ppr, ppa),
};

static struct metric *total;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_metric(void)
{
	total = metric_counter("minims_diameter_total", "command,result", "Diameter questions ended, by result");
}

void cx_count(const struct cx_kind *kind, const char *result)
{
	pthread_once(&once, make_metric);
	metric_add(metric_cell(total, kind->name, result), 1);
}

const struct cx_kind *cx_kind(enum cx_command code)
{
	for (int i = 0; i < CX_KINDS; i++)
		if (cx_kinds[i].code == code)
			return &cx_kinds[i];
	return NULL;
}
