// SPDX-License-Identifier: Apache-2.0
/* The configuration file, the output format, and complaints. */
#pragma once
#include "ctl/ctl.h"

/* `path` NULL: the first that is there of $IMSCTL_CONFIG, run/conf/imsctl.yaml, /etc/minims/imsctl.yaml. False after saying what
 * is wrong. */
bool settings_load(const char *path, struct ctl_options **out);
bool settings_format(const char *name, enum output_format *out); /* NULL: a table */
