// SPDX-License-Identifier: Apache-2.0
/* Problems of provisioning, and the HTTP status for each errno of the store. [RFC 9457, RFC 9110 15] */
#include "hss/problem.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int problem_set(struct problem *p, int status, const char *field, const char *fmt, ...)
{
	va_list args;

	p->status = status;
	snprintf(p->field, sizeof p->field, "%s", field ? field : "");
	va_start(args, fmt);
	vsnprintf(p->detail, sizeof p->detail, fmt, args);
	va_end(args);
	return -EINVAL;
}

int problem_of_store(struct problem *p, int err)
{
	if (p->status)
		return err;
	switch (err) {
	case -ENOENT:
		problem_set(p, 404, NULL, "not there");
		break;
	case -EEXIST:
		problem_set(p, 409, NULL, "it contradicts what is there");
		break;
	case -EBUSY:
		problem_set(p, 503, NULL, "the store has more to write than it can");
		break;
	case -ENOSPC:
		problem_set(p, 503, NULL, "the disk of the store is full");
		break;
	default:
		problem_set(p, 500, NULL, "the store: %s", strerror(-err));
	}
	return err;
}
