// SPDX-License-Identifier: Apache-2.0
/* Where imsctl.yaml is, and how imsctl speaks. */
#include "ctl/settings.h"
#include "ctl/node.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *find_file(const char *path)
{
	static const char *const places[] = { "run/conf/imsctl.yaml", "/etc/minims/imsctl.yaml" };
	const char *named = getenv("IMSCTL_CONFIG");

	if (path || (named && *named))
		return path ? path : named;
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (!access(places[i], F_OK))
			return places[i];
	return NULL;
}

/* In the order of a request's way, however the file lists them. */
static int by_place(const void *a, const void *b)
{
	const struct ctl_daemon *x = a, *y = b;
	int ranks = node_rank(x->name) - node_rank(y->name);

	return ranks ? ranks : strcmp(x->name, y->name);
}

bool settings_load(const char *path, struct ctl_options **out)
{
	const char *file = find_file(path);
	void *options;

	if (!file)
		return ctl_complain(false, "neither run/conf/imsctl.yaml nor /etc/minims/imsctl.yaml is there; --config FILE or $IMSCTL_CONFIG "
					   "says where the daemons are");
	if (config_load(file, &ctl_schema, &options))
		return false;
	*out = options;
	qsort((*out)->ops, (*out)->ops_count, sizeof *(*out)->ops, by_place);
	return true;
}

bool settings_format(const char *name, enum output_format *out)
{
	static const char *const names[] = { [OUTPUT_TABLE] = "table", [OUTPUT_JSON] = "json", [OUTPUT_YAML] = "yaml" };

	*out = OUTPUT_TABLE;
	for (size_t i = 0; name && i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], name)) {
			*out = (enum output_format)i;
			return true;
		}
	return name ? ctl_complain(false, "--output: table, json or yaml is expected: '%s'", name) : true;
}

int ctl_complain(int status, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	for (char *p = line; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' ';
	fprintf(stderr, "imsctl: %s\n", line);
	return status;
}
