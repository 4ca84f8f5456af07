// SPDX-License-Identifier: Apache-2.0
/* Calls in progress. A proxy may miss the BYE of a call whose phones died: such a dialog is forgotten after dialog_max_s. */
#include "scscf/dialog.h"
#include "common/log.h"
#include "common/text.h"
#include "scscf/cdr.h"
#include "scscf/pack.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

enum { KEEP_VERSION = 1, SWEEP_MS = 10000, TEXTS = 6, KEY_MAX = 400 };

struct entry {
	struct dialog dialog;
	char *key;                   /* case and Call-ID */
	char *texts[TEXTS];          /* what dialog points to */
	UT_hash_handle hh;
	struct entry *prev, *next;   /* the oldest first */
};

struct dialogs {
	struct scscf *scscf;
	struct entry *by_key, *all;
	struct sip_timer *timer;
};

const char *session_case_name(enum session_case c)
{
	switch (c) {
	case CASE_ORIGINATING:
		return "originating";
	case CASE_TERMINATING:
		return "terminating";
	}
	return "";
}

struct dialogs *dialogs_new(struct scscf *s)
{
	struct dialogs *t = calloc(1, sizeof *t);

	if (t)
		t->scscf = s;
	return t;
}

static void make_key(char key[KEY_MAX], const char *call_id, enum session_case c)
{
	text_format(key, KEY_MAX, "%c%s", c == CASE_ORIGINATING ? 'O' : 'T', call_id);
}

static void free_entry(struct dialogs *t, struct entry *e)
{
	HASH_DELETE(hh, t->by_key, e);
	DL_DELETE(t->all, e);
	for (int i = 0; i < TEXTS; i++)
		free(e->texts[i]);
	free(e->key);
	free(e);
	metric_add(t->scscf->dialogs_gauge, -1);
}

/* Takes the texts: Call-ID, icid, from, to, ioi of both sides. */
static struct entry *insert(struct dialogs *t, char *texts[TEXTS], const struct dialog *d)
{
	struct entry *e = calloc(1, sizeof *e);
	char key[KEY_MAX];

	if (e && texts[0]) {
		make_key(key, texts[0], d->session_case);
		e->key = strdup(key);
	}
	if (!e || !e->key) {
		free(e);
		for (int i = 0; i < TEXTS; i++)
			free(texts[i]);
		return NULL;
	}
	memcpy(e->texts, texts, sizeof e->texts);
	e->dialog = (struct dialog){ texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], d->session_case, d->start_ms, d->answer_ms };
	HASH_ADD_KEYPTR(hh, t->by_key, e->key, strlen(e->key), e);
	DL_APPEND(t->all, e);
	metric_add(t->scscf->dialogs_gauge, 1);
	return e;
}

static void save(const struct dialogs *t, const struct entry *e)
{
	struct pack p = { .data = NULL };
	int err = -ENOMEM;

	pack_number(&p, KEEP_VERSION);
	for (int i = 0; i < TEXTS; i++)
		pack_text(&p, e->texts[i]);
	pack_number(&p, e->dialog.session_case);
	pack_number(&p, e->dialog.start_ms);
	pack_number(&p, e->dialog.answer_ms);
	if (!p.failed)
		err = keep_put(t->scscf->keep, "dialog", e->key, pack_value(&p));
	if (err)
		log_event(LOG_ERROR, "scscf.dialog", "call=%s not kept: %s", e->dialog.call_id, strerror(-err));
	free(p.data);
}

static void load_one(void *context, const char *key, struct bytes value)
{
	struct unpack in = { .left = value };
	struct dialog d = { .call_id = NULL };
	char *texts[TEXTS];

	(void)key;
	if (unpack_number(&in) != KEEP_VERSION)
		return;
	for (int i = 0; i < TEXTS; i++)
		texts[i] = unpack_text(&in);
	d.session_case = unpack_number(&in) ? CASE_TERMINATING : CASE_ORIGINATING;
	d.start_ms = unpack_number(&in);
	d.answer_ms = unpack_number(&in);
	insert(context, texts, &d);
}

static int by_age(const struct entry *a, const struct entry *b)
{
	return (a->dialog.start_ms > b->dialog.start_ms) - (a->dialog.start_ms < b->dialog.start_ms);
}

int dialogs_load(struct dialogs *t)
{
	int err = keep_each(t->scscf->keep, "dialog", load_one, t);

	DL_SORT(t->all, by_age);
	return err;
}

static struct entry *find(const struct dialogs *t, const char *call_id, enum session_case c)
{
	char key[KEY_MAX];
	struct entry *e;

	make_key(key, call_id, c);
	HASH_FIND_STR(t->by_key, key, e);
	return e;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

void dialog_began(struct dialogs *t, const struct dialog *d)
{
	char *texts[TEXTS] = { copy(d->call_id), copy(d->icid), copy(d->from), copy(d->to), copy(d->orig_ioi), copy(d->term_ioi) };
	struct entry *e = NULL;

	if (!find(t, d->call_id, d->session_case)) {
		e = insert(t, texts, d);
	} else {
		for (int i = 0; i < TEXTS; i++)
			free(texts[i]);
	}
	if (e)
		save(t, e);
}

static void end(struct dialogs *t, struct entry *e, int result)
{
	const struct dialog *d = &e->dialog;

	cdr_session(t->scscf, &(struct cdr_session){ .type = "call", .session_case = session_case_name(d->session_case), .icid = d->icid,
						     .orig_ioi = d->orig_ioi, .term_ioi = d->term_ioi, .from = d->from, .to = d->to,
						     .call_id = d->call_id, .start_ms = d->start_ms, .answer_ms = d->answer_ms,
						     .end_ms = clock_wall_ns() / 1000000, .result = result });
	log_event(LOG_INFO, "scscf.dialog", "case=%s trace=%s from=%s to=%s ended", session_case_name(d->session_case), d->icid ? d->icid : "",
		  d->from ? d->from : "", d->to ? d->to : "");
	keep_remove(t->scscf->keep, "dialog", e->key);
	free_entry(t, e);
}

void dialog_ended(struct dialogs *t, const char *call_id, enum session_case c, int result)
{
	struct entry *e = find(t, call_id, c);

	if (e)
		end(t, e, result);
}

static void on_timer(void *arg)
{
	struct dialogs *t = arg;
	uint64_t oldest = clock_wall_ns() / 1000000 - t->scscf->options->dialog_max_s * UINT64_C(1000);

	while (t->all && t->all->dialog.start_ms < oldest)
		end(t, t->all, 408);
	t->timer = sip_timer_set(t->scscf->agent, SWEEP_MS, on_timer, t);
}

void dialogs_start_timer(struct dialogs *t)
{
	t->timer = sip_timer_set(t->scscf->agent, SWEEP_MS, on_timer, t);
}

void dialogs_each(const struct dialogs *t, void (*each)(void *context, const struct dialog *d), void *context)
{
	const struct entry *e;

	DL_FOREACH(t->all, e)
		each(context, &e->dialog);
}

void dialogs_free(struct dialogs *t)
{
	if (!t)
		return;
	while (t->all)
		free_entry(t, t->all);
	free(t);
}
