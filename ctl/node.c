// SPDX-License-Identifier: Apache-2.0
/* Names of nodes in traces. */
#include "ctl/node.h"
#include "common/address.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct ctl_daemon *by_name(const struct ctl_options *o, const char *name, size_t len)
{
	for (unsigned i = 0; i < o->ops_count; i++)
		if (strlen(o->ops[i].name) == len && !strncasecmp(o->ops[i].name, name, len))
			return &o->ops[i];
	return NULL;
}

static bool has_host(const struct ctl_daemon *d, const char *host)
{
	char own[64];

	return !address_host(d->address, own, sizeof own) && !strcasecmp(own, host);
}

/* Only when no other daemon has it: behind one address nobody can tell. */
static const struct ctl_daemon *by_host(const struct ctl_options *o, const char *text)
{
	const struct ctl_daemon *found = NULL;
	char host[64];

	if (address_host(text, host, sizeof host))
		return NULL;
	for (unsigned i = 0; i < o->ops_count; i++) {
		if (!has_host(&o->ops[i], host))
			continue;
		if (found)
			return NULL;
		found = &o->ops[i];
	}
	return found;
}

/* "scscf.ims.test" is the daemon "scscf" of the home domain. */
static size_t without_domain(const struct ctl_options *o, const char *text)
{
	size_t n = strlen(text), m = strlen(o->domain);

	if (n > m + 1 && text[n - m - 1] == '.' && !strcasecmp(text + n - m, o->domain))
		return n - m - 1;
	return n;
}

void node_name(const struct ctl_options *o, const char *text, char out[NODE_NAME_MAX])
{
	const struct ctl_daemon *d = by_name(o, text, without_domain(o, text));

	if (!d)
		d = by_host(o, text);
	snprintf(out, NODE_NAME_MAX, "%s", d ? d->name : text);
}

int node_rank(const char *name)
{
	static const char *const kinds[] = { "pcscf", "icscf", "scscf", "as", "hss", "slf" };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t n = strlen(kinds[i]);

		if (!strncasecmp(name, kinds[i], n) && strspn(name + n, "0123456789-_") == strlen(name + n))
			return 1 + (int)i;
	}
	return 0;
}

bool node_host(const struct ctl_options *o, const char *name, char *host, size_t size)
{
	const struct ctl_daemon *d = by_name(o, name, strlen(name));

	return !address_host(d ? d->address : name, host, size) && (d || strpbrk(host, ".:"));
}
