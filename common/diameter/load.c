// SPDX-License-Identifier: Apache-2.0
/* How long questions wait here, and what is said of it. [RFC 7683 5.2.4]
 *
 * A burst makes a queue that goes again; overload one that stays. So what counts is the least that anything waited in half a second:
 * more than the target, and who asks is told to ask less, step by step, until it is not. freeDiameter notes how long the last message
 * waited in each of its queues; of one question in a few they are read. */
#include "common/diameter/load.h"
#include "common/log.h"
#include "common/metrics.h"
#include <freeDiameter/libfdcore.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { EVERY = 8, STEP = 10, MOST = 90, SAMPLES = 3 };
#define PERIOD_NS 500000000ull
#define FRESH_NS 50000000ull

struct load {
	struct diameter_load_options options;
	atomic_uint_fast64_t age_ns, measured_ns;  /* of the dispatch alone, and when */
	pthread_mutex_t mutex;
	uint64_t began_ns, least_ns;               /* the period */
	unsigned samples;
	uint64_t ends_ns;                          /* nothing is said of it from then on; 0: nothing was */
	struct overload_report report;
	atomic_bool reports;
	struct metric_cell *reduction, *wait, *refused;
};

/* ---- measuring ---- */

static uint64_t waited_in(enum fd_stat_type queue, struct peer_hdr *peer)
{
	struct timespec last = { 0 };

	if (fd_stat_getstats(queue, peer, NULL, NULL, NULL, NULL, NULL, NULL, &last))
		return 0;
	return (uint64_t)last.tv_sec * 1000000000u + (uint64_t)last.tv_nsec;
}

static uint64_t waited(struct msg *question)
{
	struct peer_hdr *peer = NULL;
	DiamId_t source = NULL;
	size_t len = 0;
	uint64_t ns = waited_in(STAT_G_LOCAL, NULL);

	if (!fd_msg_source_get(question, &source, &len) && source && !fd_peer_getbyid(source, len, 0, &peer) && peer)
		ns += waited_in(STAT_P_PSM, peer);
	return ns;
}

/* ---- the report ---- */

unsigned load_next(unsigned reduction, uint64_t least_ns, uint64_t target_ns)
{
	if (least_ns > target_ns)
		return reduction + STEP < MOST ? reduction + STEP : MOST;
	if (least_ns > target_ns / 2)
		return reduction;
	return reduction > STEP ? reduction - STEP : 0;
}

/* Under the mutex. One with a validity of 0 takes back what was said [RFC 7683 7.5]; it is said as long as somebody may remember. */
static void say(struct load *l, unsigned reduction, uint64_t now)
{
	bool changed = reduction != l->report.reduction, soon_over = reduction && now + l->options.validity_s * 500000000ull > l->ends_ns;

	if (!changed && !soon_over)
		return;
	if (changed)
		log_event(reduction > l->report.reduction ? LOG_WARN : LOG_INFO, "diameter.load", "reduction=%u waited_ms=%llu", reduction,
			  (unsigned long long)(l->least_ns / 1000000u));
	l->report.sequence++;
	l->report.reduction = reduction;
	l->report.validity_s = reduction ? l->options.validity_s : 0;
	l->ends_ns = now + l->options.validity_s * 1000000000ull;
	metric_set(l->reduction, reduction);
	atomic_store(&l->reports, true);
}

static void note(struct load *l, uint64_t waited_ns, uint64_t now)
{
	pthread_mutex_lock(&l->mutex);
	if (waited_ns < l->least_ns)
		l->least_ns = waited_ns;
	l->samples++;
	if (now - l->began_ns > PERIOD_NS) {
		say(l, load_next(l->report.reduction, l->samples < SAMPLES ? 0 : l->least_ns, l->options.target_ms * 1000000ull), now);
		l->began_ns = now;
		l->least_ns = UINT64_MAX;
		l->samples = 0;
	}
	pthread_mutex_unlock(&l->mutex);
}

static void measure(struct load *l, struct msg *question)
{
	uint64_t now = clock_ns(), ns = waited(question), behind = l->options.backlog_ns ? l->options.backlog_ns(l->options.context) : 0;

	atomic_store(&l->age_ns, ns);
	atomic_store(&l->measured_ns, now);
	metric_observe_ns(l->wait, ns);
	note(l, ns > behind ? ns : behind, now);
}

bool load_report(struct load *l, struct overload_report *out)
{
	bool said;

	if (!atomic_load_explicit(&l->reports, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&l->mutex);
	said = l->ends_ns > clock_ns();
	*out = l->report;
	atomic_store(&l->reports, said);
	pthread_mutex_unlock(&l->mutex);
	return said;
}

/* ---- a question ---- */

/* In quiet times and in bad ones each, else a few. */
static bool is_due(struct load *l)
{
	static _Thread_local unsigned turns;

	return turns++ % EVERY == 0 || atomic_load_explicit(&l->age_ns, memory_order_relaxed) > l->options.target_ms * 1000000ull ||
	       clock_ns() - atomic_load_explicit(&l->measured_ns, memory_order_relaxed) > FRESH_NS;
}

/* What was measured of another a moment ago holds for this one, too. */
bool load_admits(struct load *l, struct msg *question, enum drmp priority)
{
	if (!l)
		return true;
	if (is_due(l))
		measure(l, question);
	if (atomic_load_explicit(&l->age_ns, memory_order_relaxed) <= overload_limit_ns(l->options.limit_ms, priority))
		return true;
	metric_add(l->refused, 1);
	return false;
}

/* ---- life ---- */

struct load *load_new(const struct diameter_load_options *o)
{
	struct load *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->options = *o;
	l->least_ns = UINT64_MAX;
	l->began_ns = clock_ns();
	l->report = (struct overload_report){ .sequence = clock_wall_ns() / 1000000u, .type = OVERLOAD_HOST, .has_reduction = true,
					      .has_validity_s = true };
	pthread_mutex_init(&l->mutex, NULL);
	l->reduction = metric_cell(metric_gauge("minims_diameter_reduction_percent", "", "Per cent that who asks is told to ask less"), NULL, NULL);
	l->wait = metric_cell(metric_histogram("minims_diameter_wait_seconds", "", "From a question's receipt to its turn, of some"), NULL, NULL);
	l->refused = metric_cell(metric_counter("minims_diameter_refused_old_total", "", "Questions answered TOO_BUSY, as they had waited for too long"), NULL, NULL);
	return l;
}

void load_free(struct load *l)
{
	if (!l)
		return;
	pthread_mutex_destroy(&l->mutex);
	free(l);
}
