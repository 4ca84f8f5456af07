// SPDX-License-Identifier: Apache-2.0
/* Counters, gauges and histograms in the Prometheus text form. Registered once at start, by hand after that: the hot path
 * is an atomic add, no lookup by name. Names and labels as the interfaces page says; never an identity as a label. */
#pragma once
#include "common/base.h"

struct metric;

/* Registers `name{label="",...}`; `labels` is a comma-separated list of label names, "" for none. Never NULL (aborts on a
 * name registered twice with other labels: our own mistake). */
struct metric *metric_counter(const char *name, const char *labels, const char *help);
struct metric *metric_gauge(const char *name, const char *labels, const char *help);
struct metric *metric_histogram(const char *name, const char *labels, const char *help);

/* The cell for one set of label values: look it up once and keep it where values are few, or per event where they are not
 * hot. Values beyond 1,000 sets fall into one named "other". */
struct metric_cell;
struct metric_cell *metric_cell(struct metric *m, const char *value1, const char *value2);

void metric_add(struct metric_cell *c, int64_t n);
void metric_set(struct metric_cell *c, int64_t value);
void metric_observe_ns(struct metric_cell *c, uint64_t ns);
int64_t metric_read(const struct metric_cell *c);

/* The whole table as text for /metrics; caller frees. NULL: out of memory. */
char *metrics_text(void);
