// SPDX-License-Identifier: Apache-2.0
/* URIs written in one way, and refused when they are none. */
#include "hss/uri.h"
#include "common/sip/identity.h"
#include <string.h>

static bool is_host(const char *p)
{
	return *p && p[strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-._:[]")] == 0;
}

int impu_canonical(const char *text, char *out)
{
	const char *at;

	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p == 0x7f || strchr("<>\"", *p)) /* octets above 127 are negative */
			return -EINVAL;
	if (strstr(text, ":@") || identity_text(text, out, IMPU_MAX))
		return -EINVAL;
	if (!strncmp(out, "tel:", 4))
		return 0;
	at = strrchr(out, '@');
	return at != out + 4 && is_host(at ? at + 1 : out + 4) ? 0 : -EINVAL;
}

bool is_sip_uri(const char *text)
{
	char out[IMPU_MAX];

	return !impu_canonical(text, out) && !strncmp(out, "sip:", 4);
}
