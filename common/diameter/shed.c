// SPDX-License-Identifier: Apache-2.0
/* Overload reports of those we ask, and the loss algorithm. What came in the last second tells which priorities make up the per cent
 * that shall go. [RFC 7683 5.2, 6.3] */
#include "common/diameter/shed.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/text.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOSTS_MAX = 32, NAME_LEN = 256, PRIORITIES = DRMP_LOWEST + 1 };
#define WINDOW_NS 1000000000ull

struct reporter {
	char name[NAME_LEN];
	uint64_t sequence, ends_ns;
	unsigned reduction;
};

struct shed {
	pthread_mutex_t mutex;
	atomic_bool in_use;
	struct reporter reporters[HOSTS_MAX];
	size_t count;
	uint64_t window_ns;                  /* its begin */
	unsigned came[PRIORITIES], before[PRIORITIES]; /* in this window, in the one before */
	unsigned seed;
	struct metric_cell *dropped, *reports;
};

/* ---- reports; all under the mutex ---- */

static struct reporter *find(struct shed *s, const char *host)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcasecmp(s->reporters[i].name, host))
			return &s->reporters[i];
	return NULL;
}

static struct reporter *make(struct shed *s, const char *host)
{
	struct reporter *r = find(s, host);

	if (r || s->count == HOSTS_MAX)
		return r;
	r = &s->reporters[s->count++];
	text_format(r->name, sizeof r->name, "%s", host);
	return r;
}

static uint64_t end_of(const struct overload_report *r, uint64_t now)
{
	uint32_t s = r->has_validity_s ? r->validity_s : OVERLOAD_VALIDITY_S;

	return now + (s < OVERLOAD_VALIDITY_MAX_S ? s : OVERLOAD_VALIDITY_MAX_S) * 1000000000ull;
}

void shed_learn(struct shed *s, const char *host, const struct overload_report *report)
{
	uint64_t now = clock_ns();
	struct reporter *r;

	if (report->reduction > 100) /* not a report [RFC 7683 7.7] */
		return;
	pthread_mutex_lock(&s->mutex);
	r = make(s, host);
	if (r && (report->sequence > r->sequence || r->ends_ns <= now)) {
		if (r->reduction != report->reduction)
			log_event(LOG_WARN, "diameter.overload", "peer=%s reduction=%u", host, report->reduction);
		*r = (struct reporter){ .sequence = report->sequence, .ends_ns = end_of(report, now), .reduction = report->reduction };
		text_format(r->name, sizeof r->name, "%s", host);
		atomic_store(&s->in_use, true);
	}
	pthread_mutex_unlock(&s->mutex);
	metric_add(s->reports, 1);
}

unsigned shed_reduction(struct shed *s, const char *host)
{
	const struct reporter *r;
	unsigned reduction = 0;

	pthread_mutex_lock(&s->mutex);
	r = find(s, host);
	if (r && r->ends_ns > clock_ns())
		reduction = r->reduction;
	pthread_mutex_unlock(&s->mutex);
	return reduction;
}

bool shed_in_use(const struct shed *s)
{
	return atomic_load_explicit(&s->in_use, memory_order_relaxed);
}

/* ---- the loss algorithm ---- */

void shed_parts(unsigned reduction, const unsigned count[PRIORITIES], unsigned part[PRIORITIES])
{
	uint64_t all = 0, left;

	for (int i = 0; i < PRIORITIES; i++)
		all += count[i];
	left = all * reduction; /* of hundredths */
	for (int i = DRMP_LOWEST; i >= 0; i--) {
		uint64_t of_this = (uint64_t)count[i] * 100;

		part[i] = i <= DRMP_KEPT ? 0 : !of_this ? (left ? 100 : 0) : left >= of_this ? 100 : (unsigned)(left / count[i]);
		if (i > DRMP_KEPT)
			left -= left >= of_this ? of_this : left;
	}
}

static void turn_window(struct shed *s)
{
	uint64_t now = clock_ns(), age = now - s->window_ns;

	if (age < WINDOW_NS)
		return;
	memcpy(s->before, s->came, sizeof s->before);
	if (age >= 2 * WINDOW_NS)
		memset(s->before, 0, sizeof s->before);
	memset(s->came, 0, sizeof s->came);
	s->window_ns = now;
}

/* Of a quiet time nothing is known: each is as likely to go. */
static unsigned part_of(struct shed *s, unsigned reduction, enum drmp priority)
{
	unsigned part[PRIORITIES], all = 0;

	for (int i = 0; i < PRIORITIES; i++)
		all += s->before[i];
	if (!all)
		return reduction;
	shed_parts(reduction, s->before, part);
	return part[priority];
}

bool shed_drop(struct shed *s, unsigned reduction, enum drmp priority)
{
	bool drop;

	pthread_mutex_lock(&s->mutex);
	turn_window(s);
	s->came[priority]++;
	drop = reduction && priority > DRMP_KEPT && (unsigned)rand_r(&s->seed) % 100 < part_of(s, reduction, priority);
	pthread_mutex_unlock(&s->mutex);
	if (drop)
		metric_add(s->dropped, 1);
	return drop;
}

/* ---- life ---- */

struct shed *shed_new(void)
{
	struct shed *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	pthread_mutex_init(&s->mutex, NULL);
	s->seed = (unsigned)clock_ns();
	s->dropped = metric_cell(metric_counter("minims_diameter_shed_total", "", "Questions not asked, for a peer is overloaded"), NULL, NULL);
	s->reports = metric_cell(metric_counter("minims_diameter_overload_reports_total", "", "Overload reports of peers"), NULL, NULL);
	return s;
}

void shed_free(struct shed *s)
{
	if (!s)
		return;
	pthread_mutex_destroy(&s->mutex);
	free(s);
}
