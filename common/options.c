// SPDX-License-Identifier: Apache-2.0
/* One option: its default, and what may be wrong with it. The groups are in options_base.c, options_sip.c, options_diameter.c. */
#include "common/options.h"
#include "common/address.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const cyaml_schema_value_t option_string = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED) };
const cyaml_schema_value_t option_uint = { CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned) };
const cyaml_strval_t option_bools[] = { { "false", false }, { "true", true } };
const cyaml_strval_t option_choices[] = { { "false", OPTION_NO }, { "true", OPTION_YES } };

void option_default(char **option, const char *fmt, ...)
{
	va_list args;
	int n;

	if (*option && **option)
		return;
	free(*option);
	va_start(args, fmt);
	n = vasprintf(option, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
}

void option_default_uint(unsigned *option, unsigned value)
{
	if (!*option)
		*option = value;
}

int option_wrong(const struct option_error *e, const char *key, const char *fmt, ...)
{
	va_list args;

	snprintf(e->key, e->key_size, "%s", key);
	va_start(args, fmt);
	vsnprintf(e->why, e->why_size, fmt, args);
	va_end(args);
	return -EINVAL;
}

int option_need(const struct option_error *e, const char *key, const char *value)
{
	return value && *value ? 0 : option_wrong(e, key, "is needed");
}

int option_address(const struct option_error *e, const char *key, const char *value)
{
	struct sockaddr_storage a;

	if (!value || address_parse(value, &a) == 0)
		return 0;
	return option_wrong(e, key, "not an ADDRESS:PORT like 127.0.0.1:5060: '%s'", value);
}

int option_range(const struct option_error *e, const char *key, unsigned value, unsigned least, unsigned most)
{
	if (value >= least && value <= most)
		return 0;
	return option_wrong(e, key, "%u is not from %u to %u", value, least, most);
}

int option_one_of(const struct option_error *e, const char *key, const char *value, const char *const *words)
{
	char list[128] = "";

	if (!value)
		return 0;
	for (const char *const *w = words; *w; w++) {
		size_t n = strlen(list);

		if (!strcmp(*w, value))
			return 0;
		snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", *w);
	}
	return option_wrong(e, key, "'%s' is none of %s", value, list);
}

int option_cidrs(const struct option_error *e, const char *key, char *const *values, unsigned count)
{
	char entry[128];

	for (unsigned i = 0; i < count; i++) {
		if (cidr_valid(values[i]))
			continue;
		snprintf(entry, sizeof entry, "%s[%u]", key, i);
		return option_wrong(e, entry, "not an address or a range like 10.0.0.0/8: '%s'", values[i]);
	}
	return 0;
}

int option_file(const struct option_error *e, const char *key, const char *path)
{
	if (!path || access(path, R_OK) == 0)
		return 0;
	return option_wrong(e, key, "%s: %s", path, strerror(errno));
}
