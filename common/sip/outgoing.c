// SPDX-License-Identifier: Apache-2.0
/* The message of a target: the request as the procedure left it, or a copy, with its Request-URI, Route and Max-Forwards; and as it
 * was before it went out, for another attempt or another target. [RFC 3261 16.6 steps 1-6] */
#include "common/sip/engine.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/url.h>

enum { MAX_FORWARDS = 70 };

/* The line as it goes out; without it Sofia-SIP prints the URI part by part. */
static void write_request_line(struct target *t, sip_request_t *rq)
{
	const char *line = strpbrk(t->uri, " \t\r\n") ? NULL : home_format(t->message.home, "%s %s SIP/2.0\r\n", rq->rq_method_name, t->uri);

	msg_fragment_clear(rq->rq_common);
	if (!line)
		return;
	rq->rq_common->h_data = line;
	rq->rq_common->h_len = (usize_t)strlen(line);
}

static int set_uri(struct target *t)
{
	struct request *r = t->request;
	sip_request_t *rq = t->message.sip->sip_request;
	url_t *url = t->uri ? url_hdup(t->message.home, URL_STRING_MAKE(t->uri)->us_url) : NULL;

	if (!t->uri)
		return 0;
	if (!url)
		return -ENOMEM;
	if (r->sent_with == t)
		r->original_uri = url_hdup(r->home, rq->rq_url);
	*rq->rq_url = *url;
	write_request_line(t, rq);
	return 0;
}

static int set_max_forwards(struct sip_message *m)
{
	sip_max_forwards_t *mf = m->sip->sip_max_forwards;

	if (mf) {
		mf->mf_count -= mf->mf_count > 0;
		msg_fragment_clear(mf->mf_common);
		return 0;
	}
	mf = sip_max_forwards_format(m->home, "%u", MAX_FORWARDS);
	return mf && msg_header_insert(m->msg, (msg_pub_t *)m->sip, (msg_header_t *)mf) >= 0 ? 0 : -ENOMEM;
}

static int push_route(struct target *t)
{
	const sip_route_t *r;
	unsigned before = 0, after = 0;
	int err;

	if (!t->route)
		return 0;
	for (r = t->message.sip->sip_route; r; r = r->r_next)
		before++;
	err = route_push(&t->message, t->route);
	for (r = t->message.sip->sip_route; r; r = r->r_next)
		after++;
	t->routes = after - before;
	return err;
}

/* What was sent, as it was before: for another attempt, or another target. */
static void undo(const struct target *sent, struct sip_message *m, bool all)
{
	if (sent->attempt)
		header_drop(m, m->sip->sip_via);
	for (unsigned i = 0; i < sent->record_routes; i++)
		header_drop(m, m->sip->sip_record_route);
	if (!all)
		return;
	for (unsigned i = 0; i < sent->routes; i++)
		header_drop(m, m->sip->sip_route);
	if (m->sip->sip_max_forwards)
		m->sip->sip_max_forwards->mf_count++;
	if (sent->request->original_uri) {
		url_t *url = url_hdup(m->home, sent->request->original_uri);

		if (url)
			*m->sip->sip_request->rq_url = *url;
		msg_fragment_clear(m->sip->sip_request->rq_common);
	}
}

static int copy_of(msg_t *from, struct sip_message *to)
{
	to->msg = msg_dup(from);
	if (to->msg)
		msg_maxsize(to->msg, UINT32_MAX);
	to->sip = to->msg ? sip_object(to->msg) : NULL;
	to->home = to->msg ? msg_home(to->msg) : NULL;
	return to->sip ? 0 : -ENOMEM;
}

/* The first lone target takes the message as it is; others, a copy of it as the procedure left it. */
static int take_message(struct target *t)
{
	struct request *r = t->request;
	bool alone = r->targets == t && !t->next;

	if (alone && !r->sent_with) {
		r->sent_with = t;
		t->message = r->message;
		msg_ref_create(r->message.msg);
		return 0;
	}
	if (copy_of(r->message.msg, &t->message))
		return -ENOMEM;
	if (r->sent_with)
		undo(r->sent_with, &t->message, true);
	return 0;
}

int target_make_ready(struct target *t)
{
	int err = take_message(t);

	if (!err)
		err = set_uri(t);
	if (!err)
		err = push_route(t);
	return err ? err : set_max_forwards(&t->message);
}

/* Another attempt: Sofia-SIP may still send the old one again. */
int target_renew(struct target *t)
{
	struct sip_message old = t->message;

	if (copy_of(old.msg, &t->message)) {
		t->message = old;
		return -ENOMEM;
	}
	undo(t, &t->message, false);
	t->record_routes = 0;
	msg_destroy(old.msg);
	return 0;
}
