// SPDX-License-Identifier: Apache-2.0
/* The 3GPP headers Sofia-SIP has no class for: found, added and removed by name. [RFC 7315, TS 24.229 7.2]
 *
 * A received message keeps its text (MSG_DO_EXTRACT_COPY), and several headers of one line share theirs: every change goes
 * through msg_header_remove and msg_header_insert, which forget the text that no longer holds. */
#include "common/sip/header.h"
#include "common/text.h"
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_string.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define NAME(text) { text, sizeof text - 1 }

static const struct {
	const char *text;
	size_t len;
} names[HEADER_NAME_COUNT] = {
	[HEADER_P_ACCESS_NETWORK_INFO] = NAME("P-Access-Network-Info"),
	[HEADER_P_CHARGING_VECTOR] = NAME("P-Charging-Vector"),
	[HEADER_P_CHARGING_FUNCTION_ADDRESSES] = NAME("P-Charging-Function-Addresses"),
	[HEADER_P_ASSOCIATED_URI] = NAME("P-Associated-URI"),
	[HEADER_P_VISITED_NETWORK_ID] = NAME("P-Visited-Network-ID"),
	[HEADER_P_SERVED_USER] = NAME("P-Served-User"),
	[HEADER_P_PROFILE_KEY] = NAME("P-Profile-Key"),
	[HEADER_P_CALLED_PARTY_ID] = NAME("P-Called-Party-ID"),
	[HEADER_HISTORY_INFO] = NAME("History-Info"),
	[HEADER_P_USER_DATABASE] = NAME("P-User-Database"),
	[HEADER_P_ASSERTED_SERVICE] = NAME("P-Asserted-Service"),
	[HEADER_P_PREFERRED_SERVICE] = NAME("P-Preferred-Service"),
	[HEADER_P_EARLY_MEDIA] = NAME("P-Early-Media"),
	[HEADER_FEATURE_CAPS] = NAME("Feature-Caps"),
	[HEADER_RESOURCE_SHARE] = NAME("Resource-Share"),
};

/* What only the trust domain may say, of the headers above. [TS 24.229 4.4] */
static const enum header_name core_only[] = {
	HEADER_P_CHARGING_VECTOR,     /* 4.4.5 */
	HEADER_P_CHARGING_FUNCTION_ADDRESSES,
	HEADER_P_VISITED_NETWORK_ID,
	HEADER_P_SERVED_USER,         /* 4.4.7 */
	HEADER_P_PROFILE_KEY,         /* 4.4.8 */
	HEADER_P_USER_DATABASE,
	HEADER_P_ASSERTED_SERVICE,    /* 4.4.3 */
	HEADER_FEATURE_CAPS,          /* 4.4.13 */
	HEADER_RESOURCE_SHARE,        /* 4.4.16 */
};

/* The length and one letter past the common "P-" tell most names apart before a comparison. */
static bool is(const sip_unknown_t *u, const char *text, size_t len)
{
	return strlen(u->un_name) == len && len > 2 && ((u->un_name[2] ^ text[2]) & 0x5f) == 0 &&
	       strcasecmp(u->un_name, text) == 0;
}

static sip_unknown_t *find(const struct sip_message *m, const char *text, size_t len)
{
	sip_unknown_t *u = m->sip->sip_unknown;

	while (u && !is(u, text, len))
		u = u->un_next;
	return u;
}

const char *header_get(const struct sip_message *m, enum header_name name)
{
	const sip_unknown_t *u = find(m, names[name].text, names[name].len);

	return u ? u->un_value : NULL;
}

const char *header_get_by_text(const struct sip_message *m, const char *name)
{
	const sip_unknown_t *u = m->sip->sip_unknown;

	while (u && strcasecmp(u->un_name, name) != 0)
		u = u->un_next;
	return u ? u->un_value : NULL;
}

int header_remove(struct sip_message *m, enum header_name name)
{
	sip_unknown_t *u, *next;
	int n = 0;

	for (u = m->sip->sip_unknown; u; u = next) {
		next = u->un_next;
		if (!is(u, names[name].text, names[name].len))
			continue;
		msg_header_remove(m->msg, (msg_pub_t *)m->sip, (msg_header_t *)u);
		n++;
	}
	return n;
}

static int insert(struct sip_message *m, const char *name, const char *value)
{
	msg_header_t *h = msg_header_alloc(msg_home(m->msg), sip_unknown_class, 0);
	msg_unknown_t *u = (msg_unknown_t *)h;

	if (!h || !value)
		return -ENOMEM;
	u->un_name = name;
	u->un_value = value;
	return msg_header_insert(m->msg, (msg_pub_t *)m->sip, h) < 0 ? -ENOMEM : 0;
}

static char *home_vformat(su_home_t *home, const char *fmt, va_list ap)
{
	char text[512], *out;
	va_list again;
	size_t n;

	va_copy(again, ap);
	n = (size_t)text_vformat(text, sizeof text, fmt, ap);
	out = su_alloc(home, (isize_t)n + 1);
	if (out && n < sizeof text)
		memcpy(out, text, n + 1);
	else if (out)
		text_vformat(out, n + 1, fmt, again);
	va_end(again);
	return out;
}

char *home_format(su_home_t *home, const char *fmt, ...)
{
	va_list ap;
	char *out;

	va_start(ap, fmt);
	out = home_vformat(home, fmt, ap);
	va_end(ap);
	return out;
}

int header_set(struct sip_message *m, enum header_name name, const char *fmt, ...)
{
	va_list ap;
	char *value;

	va_start(ap, fmt);
	value = home_vformat(msg_home(m->msg), fmt, ap);
	va_end(ap);
	if (!value)
		return -ENOMEM;
	if (strpbrk(value, "\r\n"))
		return -EINVAL;
	header_remove(m, name);
	return insert(m, names[name].text, value);
}

/* What is parsed goes to the end of a message, after the blank line of one that was received: that and the body step aside. */
static int parse_into(struct sip_message *m, const char *line)
{
	msg_header_t *separator = (msg_header_t *)m->sip->sip_separator, *payload = (msg_header_t *)m->sip->sip_payload;
	int err;

	if (payload)
		msg_header_remove(m->msg, (msg_pub_t *)m->sip, payload);
	if (separator)
		msg_header_remove(m->msg, (msg_pub_t *)m->sip, separator);
	err = msg_header_add_str(m->msg, (msg_pub_t *)m->sip, line) < 0 ? -EINVAL : 0;
	if (separator && msg_header_insert(m->msg, (msg_pub_t *)m->sip, separator) < 0)
		err = -ENOMEM;
	if (payload && msg_header_insert(m->msg, (msg_pub_t *)m->sip, payload) < 0)
		err = -ENOMEM;
	return err;
}

int header_add_text(struct sip_message *m, const char *line)
{
	const msg_error_t *before = m->sip->sip_error;
	const char *colon = line ? strchr(line, ':') : NULL;
	int err;

	if (!line)
		return -ENOMEM;
	if (!colon || colon == line || strpbrk(line, "\r\n"))
		return -EINVAL;
	err = parse_into(m, line);
	return err ? err : m->sip->sip_error == before ? 0 : -EINVAL;
}

void header_drop(struct sip_message *m, void *header)
{
	if (header)
		msg_header_remove(m->msg, (msg_pub_t *)m->sip, header);
}

void header_drop_all(struct sip_message *m, void *first_header)
{
	msg_header_t *h = first_header, *next;

	for (; h; h = next) {
		next = h->sh_next;
		header_drop(m, h);
	}
}

/* The end of the entry of a comma-separated value that begins at `s`: commas in quotes and angle brackets do not count. */
static const char *end_of_part(const char *s, const char *separators)
{
	bool quoted = false, angle = false;

	for (; *s; s++) {
		if (quoted && *s == '\\' && s[1])
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (!quoted && (*s == '<' || *s == '>'))
			angle = *s == '<';
		else if (!quoted && !angle && strchr(separators, *s))
			break;
	}
	return s;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* The text after "name" within [s, end): at "=", at end, or NULL when it is another parameter. */
static const char *after_name(const char *s, const char *end, const char *name)
{
	size_t n = strlen(name);

	if ((size_t)(end - s) < n || strncasecmp(s, name, n) != 0)
		return NULL;
	s = skip_blanks(s + n);
	return s >= end ? end : *s == '=' ? s : NULL;
}

static const char *copy_value(su_home_t *home, const char *s, const char *end)
{
	char *copy;

	if (s == end)
		return su_strdup(home, "");
	s = skip_blanks(s + 1);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	copy = su_strndup(home, s, (isize_t)(end - s));
	return copy && *copy == '"' ? msg_unquote(copy, copy) : copy;
}

const char *header_list(su_home_t *home, const void *first_header)
{
	const msg_generic_t *h = first_header;
	const char *text = h ? h->g_string : NULL;

	for (h = h ? h->g_next : NULL; h && text; h = h->g_next)
		text = home_format(home, "%s, %s", text, h->g_string);
	return text;
}

const char *header_param(const struct sip_message *m, const char *value, const char *name)
{
	const char *s, *end, *rest;

	for (s = value; s && *s; s = *end ? end + 1 : end) {
		s = skip_blanks(s);
		end = end_of_part(s, ";,");
		rest = after_name(s, end, name);
		if (rest)
			return copy_value(msg_home(m->msg), rest, end);
	}
	return NULL;
}

static bool network_provided(const struct sip_message *m, const char *part)
{
	return header_param(m, part, "network-provided") || header_param(m, part, "np");
}

/* The entries of one P-Access-Network-Info that a UE may say; NULL when none is left. [TS 24.229 7.2A.4.2] */
static const char *access_of_ue(struct sip_message *m, const char *value)
{
	const char *left = NULL, *part, *s, *end;

	for (s = value; *s; s = *end ? end + 1 : end) {
		s = skip_blanks(s);
		end = end_of_part(s, ",");
		part = su_strndup(msg_home(m->msg), s, (isize_t)(end - s));
		if (!part || !*part || network_provided(m, part))
			continue;
		left = left ? home_format(msg_home(m->msg), "%s, %s", left, part) : part;
	}
	return left;
}

void header_strip_network_provided(struct sip_message *m)
{
	sip_unknown_t *u, *next;
	const char *left;

	for (u = m->sip->sip_unknown; u; u = next) {
		next = u->un_next;
		if (!is(u, names[HEADER_P_ACCESS_NETWORK_INFO].text, names[HEADER_P_ACCESS_NETWORK_INFO].len) ||
		    !network_provided(m, u->un_value))
			continue;
		left = access_of_ue(m, u->un_value);
		msg_header_remove(m->msg, (msg_pub_t *)m->sip, (msg_header_t *)u);
		if (left)
			insert(m, names[HEADER_P_ACCESS_NETWORK_INFO].text, left);
	}
}

void header_strip_trust_domain(struct sip_message *m)
{
	size_t i;

	header_drop_all(m, sip_p_asserted_identity(m->sip));
	header_strip_network_provided(m);
	for (i = 0; i < ARRAY_LEN(core_only); i++)
		header_remove(m, core_only[i]);
}
