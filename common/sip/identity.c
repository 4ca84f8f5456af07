// SPDX-License-Identifier: Apache-2.0
/* Identities in the one form that is compared, kept and asked the HSS for. [TS 23.003 13.3, 13.4; RFC 3261 10.3 step 5; RFC 3966 3] */
#include "common/sip/identity.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char hex[] = "0123456789ABCDEF";

static int hex_value(char c)
{
	const char *at = c ? strchr(hex, toupper((unsigned char)c)) : NULL;

	return at ? (int)(at - hex) : -1;
}

/* May stand in a user part as itself. [RFC 3261 25.1: unreserved / user-unreserved] */
static bool plain_in_user(int c)
{
	return isascii(c) && (isalnum(c) || (c && strchr("-_.!~*'()&=+$,;?/", c)));
}

/* The character at *s, unescaped; *s moves past it. */
static int next_character(const char **s)
{
	const char *p = *s;
	int high, low;

	if (*p == '%' && (high = hex_value(p[1])) >= 0 && (low = hex_value(p[2])) >= 0) {
		*s += 3;
		return high << 4 | low;
	}
	*s += 1;
	return (unsigned char)*p;
}

/* Unescaped where it may be; the rest escaped in one way, so that two spellings of a user are one. */
static char *user_in_one_form(char *out, const char *user)
{
	while (*user) {
		int c = next_character(&user);

		if (plain_in_user(c)) {
			*out++ = (char)c;
		} else {
			*out++ = '%';
			*out++ = hex[c >> 4];
			*out++ = hex[c & 15];
		}
	}
	*out = 0;
	return out;
}

static char *lower(char *out, const char *s)
{
	for (; *s; s++)
		*out++ = (char)tolower((unsigned char)*s);
	*out = 0;
	return out;
}

/* A number's digits, "-.()" left out [RFC 3966 3]; NULL when something else stands in it. */
static char *digits(char *out, const char *number)
{
	const char *begin = out;

	while (*number && *number != ';') {
		int c = next_character(&number);

		if (c && strchr("-.()", c))
			continue;
		if (!isascii(c) || !(isxdigit(c) || c == '*' || c == '#' || (c == '+' && out == begin)))
			return NULL;
		*out++ = (char)tolower(c);
	}
	*out = 0;
	return out > begin && strcmp(begin, "+") != 0 ? out : NULL;
}

/* A local number means nothing without its context; every other parameter is left out. */
static char *add_context(char *out, const char *params)
{
	char context[256];

	if (!params || url_param(params, "phone-context", context, sizeof context) <= 0)
		return out;
	out = stpcpy(out, ";phone-context=");
	return lower(out, context);
}

static const char *of_tel(su_home_t *home, const url_t *url)
{
	const char *number = url->url_user ? url->url_user : url->url_host;
	const char *params = url->url_params;
	char *text, *end;

	if (!number)
		return NULL;
	text = su_alloc(home, (isize_t)(strlen(number) + (params ? strlen(params) : 0) + 32));
	if (!text)
		return NULL;
	end = digits(stpcpy(text, "tel:"), number);
	if (!end)
		return NULL;
	if (text[4] != '+')
		add_context(end, params ? params : strchr(number, ';') ? strchr(number, ';') + 1 : NULL);
	return text;
}

static bool default_port(const url_t *url)
{
	return !url->url_port || !*url->url_port || strcmp(url->url_port, url->url_type == url_sips ? "5061" : "5060") == 0;
}

static bool is_phone(const url_t *url)
{
	char user[8];

	return url->url_params && url_param(url->url_params, "user", user, sizeof user) > 0 && strcasecmp(user, "phone") == 0;
}

static const char *of_sip(su_home_t *home, const url_t *url)
{
	const char *user = url->url_user ? url->url_user : "", *host = url->url_host;
	char *text, *out, *after;

	if (!host || !*host)
		return NULL;
	text = su_alloc(home, (isize_t)(3 * strlen(user) + strlen(host) + 16 + (url->url_port ? strlen(url->url_port) : 0)));
	if (!text)
		return NULL;
	out = stpcpy(text, "sip:");
	if (*user) {
		after = is_phone(url) && !strchr(user, ';') ? digits(out, user) : NULL;
		out = after ? after : user_in_one_form(out, user);
		*out++ = '@';
	}
	out = lower(out, host);
	if (out[-1] == '.')
		*--out = 0;
	if (!default_port(url))
		out = stpcpy(stpcpy(out, ":"), url->url_port);
	return text;
}

const char *identity_of_url(struct su_home_s *home, const url_t *url)
{
	switch (url ? url->url_type : url_unknown) {
	case url_sip:
	case url_sips:
		return of_sip(home, url);
	case url_tel:
		return of_tel(home, url);
	default: /* Sofia-SIP's list of schemes, not ours */
		return NULL;
	}
}

const char *identity_canonical(struct su_home_s *home, const char *uri)
{
	const url_t *url = uri && *uri ? url_hdup(home, URL_STRING_MAKE(uri)->us_url) : NULL;

	return identity_of_url(home, url);
}

int identity_text(const char *uri, char *out, size_t size)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	const char *text;
	size_t len;

	su_home_init(home);
	text = identity_canonical(home, uri);
	len = text ? strlen(text) : size;
	if (len < size)
		memcpy(out, text, len + 1);
	su_home_deinit(home);
	return len < size ? 0 : -EINVAL;
}

const char *identity_of_target(struct su_home_s *home, const struct sip_message *m)
{
	return m->sip->sip_request ? identity_of_url(home, m->sip->sip_request->rq_url) : NULL;
}

const char *identity_of_to(struct su_home_s *home, const struct sip_message *m)
{
	return m->sip->sip_to ? identity_of_url(home, m->sip->sip_to->a_url) : NULL;
}

/* The username of the first Authorization that has one. */
static const char *username(su_home_t *home, const struct sip_message *m)
{
	const sip_authorization_t *au;
	const char *quoted, *name;

	for (au = m->sip->sip_authorization; au; au = au->au_next) {
		quoted = msg_header_find_param(au->au_common, "username=");
		name = quoted ? msg_unquote_dup(home, quoted) : NULL;
		if (name && *name)
			return name;
	}
	return NULL;
}

const char *identity_private(struct su_home_s *home, const struct sip_message *m)
{
	const char *name = username(home, m), *impu;

	if (name)
		return name;
	impu = identity_of_to(home, m);
	return impu ? strchr(impu, ':') + 1 : NULL;
}

const char *identity_domain(const char *canonical)
{
	const char *at;

	if (!canonical || strncmp(canonical, "sip:", 4) != 0)
		return NULL;
	at = strrchr(canonical, '@');
	return at ? at + 1 : canonical + 4;
}
