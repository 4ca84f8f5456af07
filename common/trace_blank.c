// SPDX-License-Identifier: Apache-2.0
/* Secrets in a message, found before it enters the ring: what proves a password (response, rspauth), AKA's keys and
 * re-synchronisation (ck, ik, auts), any credential that is not Digest [RFC 8898 Bearer, RFC 7617 Basic], and in Cx XRES, CK, IK
 * and HA1. Lines are looked at to the very end: the body of a third-party REGISTER is a SIP message with the same headers
 * [TS 24.229 5.4.1.7A]. */
#include "common/trace_blank.h"
#include <string.h>
#include <strings.h>

static void add(struct trace_span *spans, size_t *n, struct bytes m, size_t at, size_t len)
{
	if (!len)
		return;
	if (*n == TRACE_SPANS_MAX) {
		spans[*n - 1].len = (uint32_t)(m.len - spans[*n - 1].at);
		return;
	}
	spans[(*n)++] = (struct trace_span){ (uint32_t)at, (uint32_t)len };
}

/* ---- SIP ---- */

struct text {
	const char *p, *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct text *t)
{
	while (t->p < t->end && is_space(*t->p))
		t->p++;
}

static struct text word(struct text *t)
{
	static const bool ends[256] = { [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, ['='] = true, [','] = true,
					[';'] = true, ['"'] = true, [':'] = true };
	struct text w = { t->p, t->p };

	while (t->p < t->end && !ends[(uint8_t)*t->p])
		t->p++;
	w.end = t->p;
	return w;
}

static bool is(struct text w, const char *name)
{
	return (size_t)(w.end - w.p) == strlen(name) && !strncasecmp(w.p, name, (size_t)(w.end - w.p));
}

static bool is_any(struct text w, const char *const *names)
{
	for (; *names && w.p < w.end; names++)
		if ((**names | 0x20) == (*w.p | 0x20) && is(w, *names))
			return true;
	return false;
}

/* An odd number of backslashes before it takes a quote its meaning. [RFC 3261 25.1 quoted-pair] */
static bool is_escaped(const char *quote, const char *begin)
{
	const char *p = quote;

	while (p > begin && p[-1] == '\\')
		p--;
	return (quote - p) % 2;
}

/* A quoted string without its quotes, or a token. */
static struct text value(struct text *t)
{
	struct text v;

	if (t->p == t->end || *t->p != '"')
		return word(t);
	v.p = v.end = ++t->p;
	while ((v.end = memchr(v.end, '"', (size_t)(t->end - v.end))) && is_escaped(v.end, v.p))
		v.end++;
	v.end = v.end ? v.end : t->end;
	t->p = v.end < t->end ? v.end + 1 : t->end;
	return v;
}

static void blank_parameters(struct text t, struct bytes m, struct trace_span *spans, size_t *n)
{
	static const char *const secret[] = { "response", "rspauth", "ck", "ik", "auts", NULL };

	for (skip_space(&t); t.p < t.end; skip_space(&t)) {
		struct text name = word(&t), v;

		skip_space(&t);
		if (t.p == t.end)
			return;
		if (*t.p == '=') {
			t.p++;
			skip_space(&t);
			v = value(&t);
			if (is_any(name, secret))
				add(spans, n, m, (size_t)(v.p - (const char *)m.data), (size_t)(v.end - v.p));
		} else if (name.p == name.end) {
			t.p++; /* a comma, or what does not belong here */
		}
	}
}

/* `t`: from the start of the header's line to the end of its last continuation. */
static void blank_header(struct text t, struct bytes m, struct trace_span *spans, size_t *n)
{
	static const char *const credentials[] = { "Authorization", "Proxy-Authorization", NULL };
	static const char *const others[] = { "WWW-Authenticate", "Proxy-Authenticate", "Authentication-Info", "Proxy-Authentication-Info", NULL };
	struct text name, scheme;
	bool credential;

	name = word(&t);
	credential = is_any(name, credentials);
	if (!credential && !is_any(name, others))
		return;
	skip_space(&t);
	if (t.p == t.end || *t.p != ':')
		return;
	t.p++;
	skip_space(&t);
	if (!credential)
		return blank_parameters(t, m, spans, n);
	scheme = word(&t);
	if (is(scheme, "Digest"))
		return blank_parameters(t, m, spans, n);
	skip_space(&t);
	while (t.end > t.p && is_space(t.end[-1]))
		t.end--;
	add(spans, n, m, (size_t)(t.p - (const char *)m.data), (size_t)(t.end - t.p));
}

/* Past the end of the header that begins at `p`, continuation lines included. */
static const char *header_end(const char *p, const char *end)
{
	do {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return end;
		p++;
	} while (p < end && (*p == ' ' || *p == '\t'));
	return p;
}

size_t trace_blank_sip(struct bytes m, struct bytes suspect, struct trace_span *spans)
{
	const char *p = (const char *)suspect.data, *end = p + suspect.len, *next;
	size_t n = 0;

	for (; p < end; p = next) {
		char c = (char)(*p | 0x20);

		next = header_end(p, end);
		if (c == 'a' || c == 'p' || c == 'w')
			blank_header((struct text){ p, next }, m, spans, &n);
	}
	return n;
}

/* ---- Diameter ---- */

static uint32_t be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | be24(p + 1);
}

enum { VENDOR_3GPP = 10415, HEADER = 20, GROUPS_MAX = 4 };

/* SIP-Authenticate, SIP-Authorization, Confidentiality-Key, Integrity-Key, Alternate-Digest-HA1; Digest-HA1.
 * [TS 29.229 table 6.3.1; RFC 4740 9.5.3.1] */
static bool is_secret(uint32_t code, uint32_t vendor)
{
	if (vendor == VENDOR_3GPP)
		return code == 609 || code == 610 || code == 625 || code == 626 || code == 663;
	return !vendor && code == 121;
}

/* SIP-Auth-Data-Item, SIP-Digest-Authenticate [TS 29.229 6.3.13, 6.3.36] */
static bool is_group(uint32_t code, uint32_t vendor)
{
	return vendor == VENDOR_3GPP && (code == 612 || code == 635);
}

static void blank_avps(struct bytes m, size_t at, size_t end, int depth, struct trace_span *spans, size_t *n)
{
	while (at + 8 <= end) {
		const uint8_t *p = m.data + at;
		uint32_t code = be32(p), len = be24(p + 5), head = p[4] & 0x80 ? 12 : 8;
		uint32_t vendor = head == 12 && at + 12 <= end ? be32(p + 8) : 0;

		if (len < head || at + len > end)
			return add(spans, n, m, at, end - at); /* what cannot be read is not shown */
		if (is_secret(code, vendor))
			add(spans, n, m, at + head, len - head);
		else if (is_group(code, vendor) && depth < GROUPS_MAX)
			blank_avps(m, at + head, at + len, depth + 1, spans, n);
		at += (len + 3) & ~3u;
	}
}

size_t trace_blank_diameter(struct bytes m, struct trace_span *spans)
{
	size_t n = 0;

	if (m.len > HEADER)
		blank_avps(m, HEADER, m.len, 0, spans, &n);
	return n;
}
