// SPDX-License-Identifier: Apache-2.0
/* Option groups that several daemons share, as structs and as libcyaml schema fields, so that a name means one thing everywhere. */
#pragma once
#include "common/base.h"
#include <cyaml/cyaml.h>

struct base_options {            /* first in every daemon's options */
	char *instance;          /* default: the daemon's name */
	char *domain;            /* home network domain: "ims.test"; needed */
	char *dns;               /* default: the system's */
	struct { char *file; char *level; } log;              /* default standard error, info */
	struct { char *address; char **allow; unsigned allow_count; } ops; /* default: instance address:9090, 127.0.0.0/8 */
	struct { char *mode; unsigned ring_mb; } trace;       /* default failures, 16 */
	struct { char *certificate, *key, *ca, *minimum; } tls; /* minimum: default "1.2" */
	char *state;             /* directory of local state, default /var/lib/minims/INSTANCE */
	unsigned drain_s;        /* default 30 */
};
