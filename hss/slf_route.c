// SPDX-License-Identifier: Apache-2.0
/* Which HSS has a user. [TS 23.228 5.8.1; TS 23.003 13.3, 13.4, 13.5]
 *
 *   public identity ─▶ private identity ─▶ wildcards of both ─▶ domains of both, those above them (".ims.test") ─▶ nobody's
 */
#include "hss/slf.h"
#include "common/text.h"
#include "hss/uri.h"
#include "hss/wildcard.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

static bool is_uri(const char *text)
{
	return !strncasecmp(text, "sip:", 4) || !strncasecmp(text, "sips:", 5) || !strncasecmp(text, "tel:", 4);
}

static bool is_clean(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p == 0x7f || strchr("<>\"", *p)) /* octets above 127 are negative */
			return false;
	return *text;
}

/* Labels of letters, digits and hyphens; a dot before the first one: all under it. */
static bool is_domain(const char *text)
{
	const char *p = text + (*text == '.');

	return isalnum((unsigned char)*p) && !p[strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-.")] && !strstr(p, "..") &&
	       p[strlen(p) - 1] != '.';
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* The host behind the expression in small letters, as an identity has it. */
static int name_wildcard(char *name, char *prefix)
{
	size_t n;

	if (wildcard_check(name, &n) || (!is_uri(name) && !strchr(strrchr(name, '!'), '@')))
		return -EINVAL;
	lower(strrchr(name, '!'));
	text_format(prefix, SLF_NAME_MAX, "%.*s", (int)n, name);
	return 0;
}

int slf_name(const char *text, char *out, char *prefix, struct slf_row *row)
{
	int err = 0;

	if (!is_clean(text) || strlen(text) >= SLF_NAME_MAX)
		return -EINVAL;
	text_format(out, SLF_NAME_MAX, "%s", text);
	*prefix = 0;
	*row = (struct slf_row){ .name = out, .prefix = prefix, .kind = "identity" };
	if (strchr(text, '!')) {
		row->kind = "wildcard";
		return name_wildcard(out, prefix);
	}
	if (is_uri(text)) {
		char uri[IMPU_MAX];

		err = impu_canonical(text, uri);
		if (!err)
			text_format(out, SLF_NAME_MAX, "%s", uri);
	} else if (!strchr(text, '@')) {
		row->kind = "domain";
		lower(out);
		err = is_domain(out) ? 0 : -EINVAL;
	}
	return err;
}

bool slf_host_valid(const char *host)
{
	const char *name = !strncmp(host, "aaa://", 6) ? host + 6 : !strncmp(host, "aaas://", 7) ? host + 7 : host;
	char copy[SLF_NAME_MAX], *rest;
	bool is_uri_form = name != host;

	if (!is_clean(host) || strlen(host) >= SLF_HSS_MAX / SLF_HOSTS_MAX || *name == '.')
		return false;
	text_format(copy, sizeof copy, "%s", name);
	rest = copy + strcspn(copy, ":;");
	if (*rest && !is_uri_form)
		return false;
	*rest = 0;
	lower(copy);
	return is_domain(copy);
}

/* ---- finding ---- */

struct search {
	const char *identity, *hss;
};

static bool try_wildcard(void *context, const char *wildcard, const char *hss)
{
	struct search *s = context;

	if (wildcard_matches(wildcard, s->identity))
		s->hss = hss;
	return !s->hss;
}

static int find_wildcard(struct store *s, struct obstack *pool, const char *identity, const char **hss)
{
	struct search search = { .identity = identity };
	int err = store_each_slf_wildcard(s, pool, identity, try_wildcard, &search);

	if (err)
		return err;
	*hss = search.hss;
	return search.hss ? 0 : -ENOENT;
}

/* ims.test of "sip:alice@ims.test;user=phone" and "alice@ims.test"; a tel URI has none. */
static bool domain_of(const char *identity, char *out)
{
	const char *at = strchr(identity, '@'), *host = at ? at + 1 : !strncmp(identity, "sip:", 4) ? identity + 4 : NULL;

	if (!host || !strncmp(identity, "tel:", 4))
		return false;
	text_format(out, SLF_NAME_MAX, "%.*s", (int)strcspn(host, ":;?"), host);
	lower(out);
	return *out;
}

static int find_domain(struct store *s, struct obstack *pool, const char *identity, const char **hss)
{
	char domain[SLF_NAME_MAX];
	int err;

	if (!domain_of(identity, domain))
		return -ENOENT;
	err = store_slf_find(s, pool, domain, hss);
	for (const char *above = strchr(domain, '.'); above && err == -ENOENT; above = strchr(above + 1, '.'))
		err = store_slf_find(s, pool, above, hss);
	return err;
}

int slf_find(struct store *s, struct obstack *pool, const char *public_identity, const char *private_identity, const char **hss)
{
	char uri[IMPU_MAX];
	const char *public = public_identity && !impu_canonical(public_identity, uri) ? uri : public_identity;
	int err = -ENOENT;

	if (public)
		err = store_slf_find(s, pool, public, hss);
	if (private_identity && err == -ENOENT)
		err = store_slf_find(s, pool, private_identity, hss);
	if (public && err == -ENOENT)
		err = find_wildcard(s, pool, public, hss);
	if (private_identity && err == -ENOENT)
		err = find_wildcard(s, pool, private_identity, hss);
	if (public && err == -ENOENT)
		err = find_domain(s, pool, public, hss);
	if (private_identity && err == -ENOENT)
		err = find_domain(s, pool, private_identity, hss);
	return err;
}
