// SPDX-License-Identifier: Apache-2.0
/* The table of counters, gauges and histograms. A cell is found under the lock and lives as long as the process; counting is
 * an atomic add on it. Text form: Prometheus exposition format 0.0.4. */
#include "common/metrics.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { CELLS_MAX = 1000, LABELS_MAX = 2, KEY_MAX = 128, BUCKETS = 14 };
enum kind { COUNTER, GAUGE, HISTOGRAM };

static const char *const kind_names[] = { [COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram" };
static const uint64_t bucket_ns[BUCKETS] = { 500000, 1000000, 2500000, 5000000, 10000000, 25000000, 50000000, 100000000, 250000000,
					     500000000, 1000000000, 2500000000, 5000000000, 10000000000 };

struct metric_cell {
	_Atomic int64_t value;               /* of a histogram: the sum in nanoseconds */
	_Atomic uint64_t *buckets;           /* BUCKETS + 1 of a histogram, not cumulative; the last is +Inf */
	char labels[3 * KEY_MAX];            /* method="INVITE",code="200" */
	UT_hash_handle hh;
	char key[];                          /* the values, a line break between */
};

struct metric {
	struct metric *next;
	enum kind kind;
	const char *name, *help;
	char labels[LABELS_MAX][32];
	struct metric_cell *cells;           /* under lock */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *first, **last = &first;

static void split_labels(struct metric *m, const char *labels)
{
	for (int i = 0; i < LABELS_MAX && *labels; i++) {
		size_t n = strcspn(labels, ",");

		snprintf(m->labels[i], sizeof m->labels[i], "%.*s", (int)n, labels);
		labels += n + (labels[n] == ',');
	}
	if (*labels)
		abort(); /* metric_cell() has two values */
}

static struct metric *find(const char *name)
{
	for (struct metric *m = first; m; m = m->next)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

static struct metric *metric_register(enum kind kind, const char *name, const char *labels, const char *help)
{
	struct metric *m = calloc(1, sizeof *m), *old;

	if (!m)
		abort();
	*m = (struct metric){ .kind = kind, .name = name, .help = help };
	split_labels(m, labels);
	pthread_mutex_lock(&lock);
	old = find(name);
	if (!old) {
		*last = m;
		last = &m->next;
	}
	pthread_mutex_unlock(&lock);
	if (!old)
		return m;
	if (old->kind != kind || memcmp(old->labels, m->labels, sizeof m->labels) != 0)
		abort();
	free(m);
	return old;
}

struct metric *metric_counter(const char *name, const char *labels, const char *help)
{
	return metric_register(COUNTER, name, labels, help);
}

struct metric *metric_gauge(const char *name, const char *labels, const char *help)
{
	return metric_register(GAUGE, name, labels, help);
}

struct metric *metric_histogram(const char *name, const char *labels, const char *help)
{
	return metric_register(HISTOGRAM, name, labels, help);
}

/* ---- cells ---- */

/* name="value", the value escaped as the text form wants; `out` is large enough for any value of KEY_MAX. */
static size_t write_label(char *out, size_t size, const char *name, const char *value)
{
	size_t n = (size_t)snprintf(out, size, "%s=\"", name);

	for (; *value && n + 4 < size; value++) {
		if (*value == '\\' || *value == '"' || *value == '\n')
			out[n++] = '\\';
		out[n++] = *value == '\n' ? 'n' : *value;
	}
	out[n++] = '"';
	out[n] = 0;
	return n;
}

static struct metric_cell *cell_new(struct metric *m, const char *key, const char *value1, const char *value2)
{
	struct metric_cell *c = calloc(1, sizeof *c + strlen(key) + 1);
	size_t half = sizeof c->labels / 2, n = 0;

	if (!c || (m->kind == HISTOGRAM && !(c->buckets = calloc(BUCKETS + 1, sizeof *c->buckets))))
		abort(); /* a bounded table: at start, or at most CELLS_MAX times */
	strcpy(c->key, key);
	if (*m->labels[0])
		n = write_label(c->labels, half, m->labels[0], value1);
	if (*m->labels[1]) {
		c->labels[n++] = ',';
		write_label(c->labels + n, half - 1, m->labels[1], value2);
	}
	HASH_ADD_STR(m->cells, key, c);
	return c;
}

struct metric_cell *metric_cell(struct metric *m, const char *value1, const char *value2)
{
	struct metric_cell *c;
	char key[KEY_MAX];

	value1 = value1 ? value1 : "";
	value2 = value2 ? value2 : "";
	snprintf(key, sizeof key, "%s\n%s", value1, value2);
	pthread_mutex_lock(&lock);
	HASH_FIND_STR(m->cells, key, c);
	if (!c && HASH_COUNT(m->cells) >= CELLS_MAX) {
		value1 = value2 = "other";
		snprintf(key, sizeof key, "other\nother");
		HASH_FIND_STR(m->cells, key, c);
	}
	if (!c)
		c = cell_new(m, key, value1, value2);
	pthread_mutex_unlock(&lock);
	return c;
}

void metric_add(struct metric_cell *c, int64_t n)
{
	atomic_fetch_add_explicit(&c->value, n, memory_order_relaxed);
}

void metric_set(struct metric_cell *c, int64_t value)
{
	atomic_store_explicit(&c->value, value, memory_order_relaxed);
}

void metric_observe_ns(struct metric_cell *c, uint64_t ns)
{
	int i = 0;

	while (i < BUCKETS && ns > bucket_ns[i])
		i++;
	atomic_fetch_add_explicit(&c->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->value, (int64_t)ns, memory_order_relaxed);
}

int64_t metric_read(const struct metric_cell *c)
{
	return atomic_load_explicit(&c->value, memory_order_relaxed);
}

/* ---- text ---- */

static void write_histogram(FILE *f, const char *name, const struct metric_cell *c)
{
	const char *comma = *c->labels ? "," : "";
	uint64_t total = 0;

	for (int i = 0; i <= BUCKETS; i++) {
		total += atomic_load_explicit(&c->buckets[i], memory_order_relaxed);
		if (i < BUCKETS)
			fprintf(f, "%s_bucket{%s%sle=\"%g\"} %lu\n", name, c->labels, comma, (double)bucket_ns[i] / 1e9, total);
		else
			fprintf(f, "%s_bucket{%s%sle=\"+Inf\"} %lu\n", name, c->labels, comma, total);
	}
	fprintf(f, *c->labels ? "%s_sum{%s} %.9f\n" : "%s_sum%s %.9f\n", name, c->labels, (double)metric_read(c) / 1e9);
	fprintf(f, *c->labels ? "%s_count{%s} %lu\n" : "%s_count%s %lu\n", name, c->labels, total);
}

static void write_metric(FILE *f, const struct metric *m)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, kind_names[m->kind]);
	for (const struct metric_cell *c = m->cells; c; c = c->hh.next) {
		if (m->kind == HISTOGRAM)
			write_histogram(f, m->name, c);
		else
			fprintf(f, *c->labels ? "%s{%s} %ld\n" : "%s%s %ld\n", m->name, c->labels, metric_read(c));
	}
}

char *metrics_text(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	pthread_mutex_lock(&lock);
	for (const struct metric *m = first; m; m = m->next)
		write_metric(f, m);
	pthread_mutex_unlock(&lock);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}
