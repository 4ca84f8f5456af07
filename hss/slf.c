// SPDX-License-Identifier: Apache-2.0
/* Dx and Dh: a redirect agent that knows users. [TS 29.228 6.4, TS 29.328 6.5, RFC 6733 6.1.8]
 *
 *   question ─▶ identities in it ─▶ slf_find() ─┬─ found ──▶ REDIRECT_INDICATION with its HSS, for all questions of this user
 *                                               └─ nobody's ▶ USER_UNKNOWN
 */
#include "hss/slf.h"
#include "common/diameter/redirect.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/text.h"
#include "common/trace.h"
#include "hss/hss.h"
#include <stdio.h>
#include <string.h>

static struct metric *seconds, *rejected;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_metrics(void)
{
	seconds = metric_histogram("minims_procedure_seconds", "procedure", "Seconds from a request to its answer");
	rejected = metric_counter("minims_rejected_total", "procedure,reason", "Requests refused");
}

/* One question. */
struct search {
	struct hss *hss;
	const char *public_identity, *private_identity, *trace;
	enum diameter_result result;
	struct redirect redirect;        /* with REDIRECT_INDICATION */
	struct obstack pool;
};

/* ---- the answer ---- */

/* A Diameter identity becomes a URI without port, which is the one that everybody has. [RFC 6733 4.3.1] */
static const char *uri_of(struct search *s, const char *host, size_t len)
{
	const char *scheme = len > 3 && !strncmp(host, "aaa", 3) && memchr(host, '/', len) ? "" : "aaa://";

	obstack_printf(&s->pool, "%s%.*s", scheme, (int)len, host);
	obstack_1grow(&s->pool, 0);
	return obstack_finish(&s->pool);
}

static void redirect_to(struct search *s, const char *hss)
{
	struct cx_strings *hosts = &s->redirect.hosts;

	for (const char *p = hss; *p && hosts->count < SLF_HOSTS_MAX; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		hosts->item[hosts->count++] = uri_of(s, p, n);
		p += n;
	}
	s->redirect.has_usage = true;
	s->redirect.usage = REDIRECT_ALL_USER;
	s->redirect.max_cache_s = s->hss->options->slf.cache_s;
	s->result = RESULT_REDIRECT_INDICATION;
}

static void note(const struct search *s, uint64_t began_ns, const char *why)
{
	const char *identity = s->public_identity ? s->public_identity : s->private_identity;

	pthread_once(&once, make_metrics);
	metric_observe_ns(metric_cell(seconds, "hss.slf", NULL), clock_ns() - began_ns);
	log_event(why ? LOG_INFO : LOG_DEBUG, "hss.slf", "impu=%s impi=%s trace=%s result=%s hss=%s%s%s%s", s->public_identity ? s->public_identity : "-",
		  s->private_identity ? s->private_identity : "-", s->trace, result_name(s->result),
		  s->redirect.hosts.count ? s->redirect.hosts.item[0] : "-", why ? " why=\"" : "", why ? why : "", why ? "\"" : "");
	if (!why)
		return;
	metric_add(metric_cell(rejected, "hss.slf", result_name(s->result)), 1);
	if (identity)
		trace_failure(identity, s->trace, "hss.slf", (int)(s->result & ~RESULT_3GPP), why);
}

/* ---- the search ---- */

static int look(struct search *s, const char **hss)
{
	struct store *store = hss_reader(s->hss);
	int err = store ? store_begin(store) : -EIO;

	if (err)
		return err;
	err = slf_find(store, &s->pool, s->public_identity, s->private_identity, hss);
	store_rollback(store);
	return err;
}

static void search(struct search *s)
{
	uint64_t began_ns = clock_ns();
	const char *hss = NULL;
	int err;

	obstack_init(&s->pool);
	err = look(s, &hss);
	if (!err) {
		redirect_to(s, hss);
		return note(s, began_ns, NULL);
	}
	s->result = err == -ENOENT ? RESULT_ERROR_USER_UNKNOWN : RESULT_UNABLE_TO_COMPLY;
	note(s, began_ns, err == -ENOENT ? "no HSS has this user" : "the store does not work");
}

/* ---- Dx ---- */

#define ON_CX(ask, ans, public, private) \
	static void on_##ask(void *hss, struct cx_call *call, const struct cx_##ask *q) \
	{ \
		struct search s = { .hss = hss, .public_identity = public, .private_identity = private, .trace = cx_call_trace_id(call) }; \
		\
		search(&s); \
		if (s.result == RESULT_REDIRECT_INDICATION) \
			cx_answer_redirect(call, &s.redirect); \
		else \
			cx_answer_##ans(call, &(struct cx_##ans){ .result = s.result }); \
		obstack_free(&s.pool, NULL); \
	}
ON_CX(uar, uaa, q->public_identity, q->private_identity)
ON_CX(mar, maa, q->public_identity, q->private_identity)
ON_CX(lir, lia, q->public_identity, NULL)
ON_CX(sar, saa, q->public_identities.count ? q->public_identities.item[0] : NULL, q->private_identity)

struct cx_server slf_cx_server(struct hss *h)
{
	return (struct cx_server){ .self = h, .uar = on_uar, .mar = on_mar, .sar = on_sar, .lir = on_lir };
}

/* ---- Dh ---- */

/* An MSISDN is looked for as the tel URI that it makes [TS 29.328 7.1]. */
static const char *number_of(const struct sh_user *u, char *out)
{
	text_format(out, SLF_NAME_MAX, "tel:+%s", u->msisdn);
	return out;
}

#define ON_SH(ask, ans) \
	static void on_##ask(void *hss, struct sh_call *call, const struct sh_##ask *q) \
	{ \
		char number[SLF_NAME_MAX]; \
		struct search s = { .hss = hss, .public_identity = q->user.msisdn ? number_of(&q->user, number) : q->user.public_identity, \
				    .private_identity = q->user.external_identifier, .trace = sh_call_trace_id(call) }; \
		\
		search(&s); \
		if (s.result == RESULT_REDIRECT_INDICATION) \
			sh_answer_redirect(call, &s.redirect); \
		else \
			sh_answer_##ans(call, &(struct sh_##ans){ .result = s.result }); \
		obstack_free(&s.pool, NULL); \
	}
ON_SH(udr, uda)
ON_SH(pur, pua)
ON_SH(snr, sna)

struct sh_server slf_sh_server(struct hss *h)
{
	return (struct sh_server){ .self = h, .udr = on_udr, .pur = on_pur, .snr = on_snr };
}
