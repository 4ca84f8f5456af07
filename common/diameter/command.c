// SPDX-License-Identifier: Apache-2.0
/* The six commands of Cx and the four of Sh. [TS 29.229 6.1, TS 29.329 6.1] */
#include "common/diameter/command.h"
#include "common/diameter/cx_field.h"
#include "common/diameter/sh_field.h"
#include "common/metrics.h"
#include <pthread.h>

/* ---- how each ends ---- */

#define END_OF(app, ans, who_type) \
	static void end_##ans(command_done *done, void *who, const void *answer, int err) \
	{ \
		((void (*)(who_type *, const struct app##_##ans *, int))done)(who, answer, err); \
	}
END_OF(cx, uaa, struct request)
END_OF(cx, maa, struct request)
END_OF(cx, saa, struct request)
END_OF(cx, lia, struct request)
END_OF(cx, rta, void)
END_OF(cx, ppa, void)
END_OF(sh, uda, struct request)
END_OF(sh, pua, struct request)
END_OF(sh, sna, struct request)
END_OF(sh, pna, void)

/* ---- the table ---- */

#define HEAD(app, APP, code, up, req, ans, name) APPLICATION_##APP, code, #up, name "-Request", name "-Answer", \
	app##_##req##_fields, app##_##ans##_fields, sizeof(struct app##_##req), sizeof(struct app##_##ans)
/* ASKED: of the HSS; PUSHED: by it */
#define ASKED(app, APP, code, up, req, ans, name) { HEAD(app, APP, code, up, req, ans, name), offsetof(struct app##_##ans, origin_host), \
	offsetof(struct app##_##req, destination_host), offsetof(struct app##_##req, trace_id), NOWHERE, NOWHERE, end_##ans }
#define PUSHED(app, APP, code, up, req, ans, name, answer_at, realm_at) { HEAD(app, APP, code, up, req, ans, name), answer_at, \
	offsetof(struct app##_##req, destination_host), NOWHERE, offsetof(struct app##_##req, origin_host), realm_at, end_##ans }

/* In the order of their codes, which have no gap: one is found by its place. */
const struct command commands[] = {
	ASKED(cx, CX, CX_UAR, UAR, uar, uaa, "User-Authorization"),
	ASKED(cx, CX, CX_SAR, SAR, sar, saa, "Server-Assignment"),
	ASKED(cx, CX, CX_LIR, LIR, lir, lia, "Location-Info"),
	ASKED(cx, CX, CX_MAR, MAR, mar, maa, "Multimedia-Auth"),
	PUSHED(cx, CX, CX_RTR, RTR, rtr, rta, "Registration-Termination", NOWHERE, NOWHERE),
	PUSHED(cx, CX, CX_PPR, PPR, ppr, ppa, "Push-Profile", NOWHERE, NOWHERE),
	ASKED(sh, SH, SH_UDR, UDR, udr, uda, "User-Data"),
	ASKED(sh, SH, SH_PUR, PUR, pur, pua, "Profile-Update"),
	ASKED(sh, SH, SH_SNR, SNR, snr, sna, "Subscribe-Notifications"),
	PUSHED(sh, SH, SH_PNR, PNR, pnr, pna, "Push-Notification",
	       offsetof(struct sh_pna, origin_host), offsetof(struct sh_pnr, destination_realm)),
};
const size_t command_count = ARRAY_LEN(commands);

const struct command *command_find(uint32_t application, uint32_t code)
{
	uint32_t i = code - CX_UAR;

	return i < ARRAY_LEN(commands) && commands[i].application == application ? &commands[i] : NULL;
}

bool command_application(uint32_t application)
{
	return application == APPLICATION_CX || application == APPLICATION_SH;
}

/* ---- counting ---- */

static struct metric *total;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_metric(void)
{
	total = metric_counter("minims_diameter_total", "command,result", "Diameter questions ended, by result");
}

void command_count_result(const struct command *c, const char *result)
{
	pthread_once(&once, make_metric);
	metric_add(metric_cell(total, c->name, result), 1);
}
