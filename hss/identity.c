// SPDX-License-Identifier: Apache-2.0
/* Identities: found in the store, and written in one way. */
#include "hss/identity.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- finding ---- */

int find_impu(struct run *r, const char *impu, struct impu *u)
{
	int err = store_impu(r->store, &r->pool, impu, u);

	if (err == -ENOENT)
		return refuse(r, RESULT_ERROR_USER_UNKNOWN, "the public identity is not provisioned");
	return err ? err : 1;
}

int find_pair(struct run *r, const char *impi, const char *impu, struct private_identity *p, struct impu *u)
{
	int found, err = store_private(r->store, &r->pool, impi, p);

	if (err == -ENOENT) /* step 1: both exist */
		return refuse(r, RESULT_ERROR_USER_UNKNOWN, "the private identity is not provisioned");
	if (err)
		return err;
	found = find_impu(r, impu, u);
	if (found <= 0)
		return found;
	found = store_linked(r->store, p->id, u->id); /* step 2: one belongs to the other */
	if (!found)
		return refuse(r, RESULT_ERROR_IDENTITIES_DONT_MATCH, "the private identity may not use this public identity");
	return found;
}

/* ---- writing ---- */

static int canonical_tel(const char *number, char *out)
{
	size_t n = (size_t)snprintf(out, IMPU_MAX, "tel:");

	for (const char *p = number; *p && *p != ';'; p++) {
		if (strchr("-.()", *p))
			continue;
		if (!isxdigit((unsigned char)*p) && !strchr("+*#", *p))
			return -EINVAL;
		if (n + 1 >= IMPU_MAX)
			return -EINVAL;
		out[n++] = (char)tolower((unsigned char)*p);
	}
	out[n] = 0;
	return n > strlen("tel:") ? 0 : -EINVAL;
}

static bool is_host(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)p[i]) && !strchr("-._:[]", p[i]))
			return false;
	return n > 0;
}

static int canonical_sip(const char *rest, char *out)
{
	const char *at = strrchr(rest, '@'), *host = at ? at + 1 : rest;
	size_t host_len = strcspn(host, ";?");
	int n;

	if (at == rest || strpbrk(rest, " \t\r\n<>\"") || !is_host(host, host_len))
		return -EINVAL;
	if (host_len > 5 && !strncmp(host + host_len - 5, ":5060", 5))
		host_len -= 5;
	n = snprintf(out, IMPU_MAX, "sip:%.*s%.*s", (int)(host - rest), rest, (int)host_len, host);
	if (n >= IMPU_MAX)
		return -EINVAL;
	for (char *p = out + 4 + (host - rest); *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return 0;
}

int impu_canonical(const char *text, char *out)
{
	if (!strncasecmp(text, "tel:", 4))
		return canonical_tel(text + 4, out);
	if (!strncasecmp(text, "sip:", 4))
		return canonical_sip(text + 4, out);
	if (!strncasecmp(text, "sips:", 5))
		return canonical_sip(text + 5, out);
	return -EINVAL;
}
