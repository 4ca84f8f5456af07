// SPDX-License-Identifier: Apache-2.0
/* What every verb is given: where the daemons are, and how the answer shall look. */
#pragma once
#include "common/base.h"
#include "ctl/options.h"

enum { CTL_DONE = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_NOT_REACHED = 3 }; /* exit statuses */

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_YAML };

struct ctl {
	struct ctl_options *options;
	enum output_format format;
};

/* One line to standard error, "imsctl: …", without what could move a terminal's cursor. Returns `status`. */
int ctl_complain(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
