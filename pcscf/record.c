// SPDX-License-Identifier: Apache-2.0
/* A binding as one text. */
#include "pcscf/record.h"
#include "common/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char version[] = "1";

static bool has_break(const char *s)
{
	return strchr(s, '\n') != NULL;
}

static bool fit(const struct binding_data *d)
{
	for (unsigned i = 0; i < d->identity_count; i++)
		if (has_break(d->identities[i]))
			return false;
	return !has_break(d->flow_name) && !has_break(d->private_identity) && !has_break(d->public_identity) &&
	       !has_break(d->contacts) && !has_break(d->service_route);
}

static size_t room_for(const struct binding_data *d)
{
	size_t n = 80 + strlen(d->flow_name) + strlen(d->private_identity) + strlen(d->public_identity) + strlen(d->contacts) +
		   strlen(d->service_route);

	for (unsigned i = 0; i < d->identity_count; i++)
		n += strlen(d->identities[i]) + 1;
	return n;
}

char *record_write(const struct binding_data *d)
{
	size_t room = room_for(d), n;
	char *text = fit(d) ? malloc(room) : NULL;

	if (!text)
		return NULL;
	n = (size_t)text_format(text, room, "%s\n%016" PRIx64 "\n%" PRIu64 "\n%d\n%s\n%s\n%s\n%s\n%s", version, d->id, d->expires_ms,
			     d->outbound, d->flow_name, d->private_identity, d->public_identity, d->contacts, d->service_route);
	for (unsigned i = 0; i < d->identity_count; i++)
		n += (size_t)text_format(text + n, room - n, "\n%s", d->identities[i]);
	return text;
}

static bool read_number(char **rest, int base, uint64_t *out)
{
	char *field = strsep(rest, "\n"), *end;

	if (!field || !*field)
		return false;
	*out = strtoull(field, &end, base);
	return !*end;
}

int record_read(char *text, struct binding_data *d)
{
	const char **strings[] = { &d->flow_name, &d->private_identity, &d->public_identity, &d->contacts, &d->service_route };
	char *rest = text, *field = strsep(&rest, "\n");
	uint64_t outbound;

	if (strcmp(field, version) != 0 || !read_number(&rest, 16, &d->id) || !read_number(&rest, 10, &d->expires_ms) ||
	    !read_number(&rest, 10, &outbound) || !d->id)
		return -EBADMSG;
	d->outbound = outbound != 0;
	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		if (!(*strings[i] = strsep(&rest, "\n")))
			return -EBADMSG;
	d->identity_count = 0;
	while ((field = strsep(&rest, "\n")) && d->identity_count < BINDING_IDENTITIES_MAX)
		d->identities[d->identity_count++] = field;
	return d->identity_count ? 0 : -EBADMSG;
}
