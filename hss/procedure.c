// SPDX-License-Identifier: Apache-2.0
/* A question's way.
 *
 *   Diameter thread: steps on a reading connection ─┬─ nothing changes ──────────────── what was seen is on the disk ─▶ answer
 *                                                   ├─ changes noted ─▶ writer: all as it was? written ─▶ on the disk ─▶ answer
 *                                                   │                                └─ no ─┐
 *                                                   └─ -EROFS ─────────────▶ writer: steps again ─▶ on the disk ─────▶ answer
 *
 * What is sure to change something goes to the writer at once, if that reads as well as others do: in SQLite it reads better, for each
 * commit empties the caches of all other connections. In PostgreSQL it would hold up who waits behind it.
 */
#include "hss/procedure.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/trace.h"
#include "hss/claim.h"
#include "hss/notify.h"
#include <stdlib.h>
#include <string.h>

static struct metric *seconds, *rejected;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_metrics(void)
{
	seconds = metric_histogram("minims_procedure_seconds", "procedure", "Seconds from a request to its answer");
	rejected = metric_counter("minims_rejected_total", "procedure,reason", "Requests refused");
}

int refuse(struct run *r, enum diameter_result result, const char *why)
{
	*r->procedure->result(r) = result;
	r->why = why;
	return 0;
}

int refuse_for(struct run *r, enum diameter_result result, enum cx_avp avp, const char *why)
{
	if (r->call)
		cx_call_blame(r->call, avp);
	return refuse(r, result, why);
}

int refuse_sh(struct run *r, enum diameter_result result, enum sh_avp avp, const char *why)
{
	if (r->sh_call)
		sh_call_blame(r->sh_call, avp);
	return refuse(r, result, why);
}

/* ---- the end, well or badly ---- */

static const char *trace_of(const struct run *r)
{
	return r->call ? cx_call_trace_id(r->call) : r->sh_call ? sh_call_trace_id(r->sh_call) : "";
}

static void note(struct run *r, enum diameter_result result)
{
	const char *trace = trace_of(r);
	uint64_t ns = clock_ns() - r->began_ns;

	pthread_once(&once, make_metrics);
	metric_observe_ns(metric_cell(seconds, r->procedure->name, NULL), ns);
	log_event(LOG_DEBUG, r->procedure->name, "impu=%s impi=%s trace=%s result=%s", r->identity ? r->identity : "-",
		  r->private_identity ? r->private_identity : "-", trace, result_name(result));
	if (!r->why)
		return;
	log_event(LOG_INFO, r->procedure->name, "impu=%s impi=%s trace=%s result=%s why=\"%s\"", r->identity ? r->identity : "-",
		  r->private_identity ? r->private_identity : "-", trace, result_name(result), r->why);
	metric_add(metric_cell(rejected, r->procedure->name, result_name(result)), 1);
	if (r->identity)
		trace_failure(r->identity, trace, r->procedure->name, (int)(result & ~RESULT_3GPP), r->why);
}

static void end(struct run *r)
{
	note(r, *r->procedure->result(r));
	claims_release(r);
	r->procedure->answer(r);
	obstack_free(&r->pool, NULL);
	free(r);
}

static void end_badly(struct run *r, int err)
{
	bool busy = err == -EBUSY || err == -ERESTART;

	if (!busy)
		log_event(LOG_ERROR, r->procedure->name, "impu=%s error=\"%s\"", r->identity ? r->identity : "-", strerror(-err));
	memset(&r->answer, 0, sizeof r->answer);
	if (busy)
		refuse(r, RESULT_TOO_BUSY, "the store is busy, or not to be reached");
	else
		refuse(r, RESULT_UNABLE_TO_COMPLY, err == -ENOSPC ? "the disk of the store is full" : "the store does not work");
	end(r);
}

/* ---- the writer's turn ---- */

static int apply_plan(struct run *r)
{
	return store_plan_apply(r->store, &r->plan);
}

static int on_write(struct write_job *j, struct store *s)
{
	struct run *r = (struct run *)(void *)j;

	if (r->plan.changes)
		return notify_around(r, s, apply_plan);
	memset(&r->answer, 0, sizeof r->answer);
	r->why = NULL;
	r->pushes = false;
	if (r->call)
		cx_call_blame(r->call, CX_AVP_NONE);
	if (r->sh_call)
		sh_call_blame(r->sh_call, SH_AVP_NONE);
	return notify_around(r, s, r->procedure->steps);
}

static void on_written(struct write_job *j, int err)
{
	struct run *r = (struct run *)(void *)j;

	if (err == -EAGAIN && r->plan.changes) {
		r->plan.changes = false;
		err = writer_submit(r->hss->writer, j);
		if (!err)
			return;
	}
	if (r->reserves)
		sequences_settle(r->hss->sequences, r->reserves, !err);
	if (err == -ECANCELED) /* refused when a part was written already */
		err = 0;
	if (!err && r->pushes)
		pusher_wake(r->hss->pusher);
	if (err)
		end_badly(r, err);
	else
		end(r);
}

/* ---- the reader's ---- */

static int read_first(struct run *r)
{
	int err;

	r->store = hss_reader(r->hss);
	if (!r->store)
		return -EIO;
	err = store_begin(r->store);
	if (err)
		return err;
	store_plan_begin(r->store, &r->pool, &r->plan);
	err = r->procedure->steps(r);
	store_plan_end(r->store);
	r->plan.changes = r->plan.changes && !err;
	if (!err && r->plan.changes)
		err = -EROFS;
	store_rollback(r->store); /* it only read */
	return err;
}

static uint32_t peer_of(const struct run *r)
{
	return r->call ? cx_call_peer(r->call) : r->sh_call ? sh_call_peer(r->sh_call) : 0;
}

static enum drmp priority_of(const struct run *r)
{
	return r->call ? cx_call_priority(r->call) : r->sh_call ? sh_call_priority(r->sh_call) : DRMP_DEFAULT;
}

/* It would be read twice. */
static bool is_for_writer(const struct run *r)
{
	return r->procedure->changes && r->procedure->changes(r) && writer_reads_well(r->hss->writer);
}

static void begin(struct run *r)
{
	int err;

	r->job = (struct write_job){ .run = on_write, .done = on_written, .owner = peer_of(r), .priority = priority_of(r) };
	r->began_ns = clock_ns();
	obstack_init(&r->pool);
	err = is_for_writer(r) ? -EROFS : read_first(r);
	if (err == -EROFS)
		err = writer_submit(r->hss->writer, &r->job);
	else if (!err && !(r->procedure->tells_what_is_written && writer_after(r->hss->writer, &r->job)))
		end(r);
	if (err)
		end_badly(r, err);
}

static struct run *run_new(void)
{
	struct run *r = calloc(1, sizeof *r);

	if (!r)
		abort();
	return r;
}

void procedure_begin(struct hss *h, const struct procedure *p, struct cx_call *call, const void *question, const char *identity,
		     const char *private_identity)
{
	struct run *r = run_new();

	*r = (struct run){ .procedure = p, .hss = h, .call = call, .question = question, .identity = identity,
			   .origin_host = call ? cx_call_origin_host(call) : NULL, .private_identity = private_identity };
	begin(r);
}

void procedure_begin_sh(struct hss *h, const struct procedure *p, struct sh_call *call, const void *question, const char *identity,
			const char *private_identity)
{
	struct run *r = run_new();

	*r = (struct run){ .procedure = p, .hss = h, .sh_call = call, .question = question, .identity = identity,
			   .origin_host = sh_call_origin_host(call), .private_identity = private_identity };
	begin(r);
}
