// SPDX-License-Identifier: Apache-2.0
/* Problems of provisioning, and the HTTP status for each errno of the store. [RFC 9457, RFC 9110 15] */
#include "hss/rest/problem.h"
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

const char *problem_of_json(json_error_t *e)
{
	char *repeated = strstr(e->text, " near ");

	if (repeated)
		*repeated = 0;
	return e->text;
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
	case -ERESTART:
		problem_set(p, 503, NULL, "the store is busy, or not to be reached; try again");
		break;
	case -ENOSPC:
		problem_set(p, 503, NULL, "the disk of the store is full");
		break;
	default:
		problem_set(p, 500, NULL, "the store: %s", strerror(-err));
	}
	return err;
}

/* ---- fields ---- */

void problem_field(char *out, size_t size, const char *where, const char *key)
{
	if (!*key || strpbrk(key, ".[]\"/~"))
		snprintf(out, size, "%s[\"%s\"]", where, key);
	else
		snprintf(out, size, "%s%s%s", where, *where ? "." : "", key);
}

/* [RFC 6901 3]: "~" and "/" inside a name are escaped. */
static void put(char **out, char *end, char c)
{
	const char *text = c == '~' ? "~0" : c == '/' ? "~1" : (char[]){ c, 0 };

	while (*text && *out < end)
		*(*out)++ = *text++;
}

static void put_slash(char **out, char *end)
{
	if (*out < end)
		*(*out)++ = '/';
}

void problem_pointer(const char *field, char *out, size_t size)
{
	char *end = out + size - 1;
	bool quoted = false;

	if (*field != '[')
		put_slash(&out, end);
	for (const char *p = field; *p; p++) {
		if (quoted && !strncmp(p, "\"]", 2))
			quoted = false, p++;
		else if (quoted)
			put(&out, end, *p);
		else if (!strncmp(p, "[\"", 2))
			put_slash(&out, end), quoted = true, p++;
		else if (*p == '.' || *p == '[')
			put_slash(&out, end);
		else if (*p != ']')
			put(&out, end, *p);
	}
	*out = 0;
}

void problem_reply(struct http_request *q, const struct problem *p)
{
	char pointer[2 * sizeof p->field];

	problem_pointer(p->field, pointer, sizeof pointer);
	http_problem_at(q, p->status, *p->field ? p->field : NULL, *p->field ? pointer : NULL, p->detail);
}
