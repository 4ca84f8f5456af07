// SPDX-License-Identifier: Apache-2.0
/* One line an event: time, level, subject, then key=value. Safe from every thread; never a key, RES, token or password. */
#pragma once
#include "common/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Opens `path` (NULL or "-": standard error). 0 or -errno with the old file kept. Again on SIGHUP: reopens. */
int log_open(const char *path, enum log_level least);
bool log_wants(enum log_level level);

/* log_event(LOG_INFO, "scscf.registration", "impu=%s expires=%u", ...); line breaks and controls in values are escaped. */
void log_event(enum log_level level, const char *subject, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
