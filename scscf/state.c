// SPDX-License-Identifier: Apache-2.0
/* Local state of the S-CSCF: contacts and profiles, challenges, calls. Read back whole at the start after a death. */
#include "scscf/state.h"
#include "common/log.h"
#include "scscf/cdr.h"
#include "scscf/dialog.h"
#include "scscf/user.h"
#include "scscf/vector.h"
#include <string.h>

static int failed(const char *what, const char *path, int err)
{
	log_event(LOG_ERROR, "scscf.state", "%s path=%s: %s", what, path, strerror(-err));
	return err;
}

static int open_files(struct scscf *s)
{
	const struct scscf_options *o = s->options;
	int err;

	err = token_key_load(o->token_key, &s->key);
	if (err)
		return failed("token key not read", o->token_key, err);
	err = keep_open(o->base.state, (size_t)o->state_mb << 20, &s->keep);
	if (err)
		return failed("local state not opened", o->base.state, err);
	s->cdr = o->cdr ? cdr_open(o->cdr) : -1;
	return o->cdr && s->cdr < 0 ? failed("charging records not opened", o->cdr, s->cdr) : 0;
}

int state_open(struct scscf *s)
{
	int err = open_files(s);

	if (err)
		return err;
	s->bindings_gauge = metric_cell(metric_gauge("minims_bindings", "", "Contacts registered"), NULL, NULL);
	s->dialogs_gauge = metric_cell(metric_gauge("minims_dialogs", "", "Calls in progress"), NULL, NULL);
	metric_set(s->bindings_gauge, 0);
	metric_set(s->dialogs_gauge, 0);
	s->users = users_new(s);
	s->vectors = vectors_new(s);
	s->dialogs = dialogs_new(s);
	if (!s->users || !s->vectors || !s->dialogs)
		return failed("no memory", "", -ENOMEM);
	err = users_load(s->users);
	if (!err)
		err = vectors_load(s->vectors);
	if (!err)
		err = dialogs_load(s->dialogs);
	return err ? failed("local state not read", s->options->base.state, err) : 0;
}

void state_start_timers(void *scscf)
{
	struct scscf *s = scscf;

	users_start_timers(s->users);
	vectors_start_timer(s->vectors);
	dialogs_start_timer(s->dialogs);
}

void state_close(struct scscf *s)
{
	users_free(s->users);
	vectors_free(s->vectors);
	dialogs_free(s->dialogs);
	if (s->keep)
		keep_close(s->keep);
	token_key_free(s->key);
}
