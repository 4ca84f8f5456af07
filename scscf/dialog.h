// SPDX-License-Identifier: Apache-2.0
/* Calls in progress, counted: for imsctl, the gauge and the charging record at their end. Kept on disk. [TS 24.229 5.4.3] */
#pragma once
#include "scscf/scscf.h"

enum session_case { CASE_ORIGINATING, CASE_TERMINATING };

struct dialog {                      /* borrowed by dialog_began, owned by the table after that */
	const char *call_id, *icid, *from, *to, *orig_ioi, *term_ioi;
	enum session_case session_case;
	uint64_t start_ms, answer_ms;
};

struct dialogs *dialogs_new(struct scscf *s);
void dialogs_free(struct dialogs *t);
int dialogs_load(struct dialogs *t);
void dialogs_start_timer(struct dialogs *t);

void dialog_began(struct dialogs *t, const struct dialog *d);       /* again for the same: nothing */
void dialog_ended(struct dialogs *t, const char *call_id, enum session_case c, int result); /* writes the record */
void dialogs_each(const struct dialogs *t, void (*each)(void *context, const struct dialog *d), void *context);
const char *session_case_name(enum session_case c);
