// SPDX-License-Identifier: Apache-2.0
/* Reads the JSON of /trace/ID and finds out which two records are one message. */
#include "ctl/message.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DIAMETER_HEADER = 20 };

/* ---- SIP ---- */

bool sip_header(struct bytes m, const char *name, const char *compact, char *out, size_t size)
{
	const char *p = (const char *)m.data, *end = p + m.len, *eol;

	for (; (eol = memchr(p, '\n', (size_t)(end - p))) && eol > p + 1; p = eol + 1) {
		const char *colon = memchr(p, ':', (size_t)(eol - p));
		size_t n = colon ? (size_t)(colon - p) : 0;

		while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
			n--;
		if (!n || !((n == strlen(name) && !strncasecmp(p, name, n)) || (n == strlen(compact) && !strncasecmp(p, compact, n))))
			continue;
		for (colon++; colon < eol && (*colon == ' ' || *colon == '\t'); colon++)
			;
		while (eol > colon && (eol[-1] == '\r' || eol[-1] == ' '))
			eol--;
		snprintf(out, size, "%.*s", (int)(eol - colon), colon);
		return true;
	}
	return false;
}

bool sip_is_response(struct bytes m)
{
	return m.len > 8 && !strncasecmp((const char *)m.data, "SIP/2.0 ", 8);
}

/* Start line, branch of the topmost Via, Call-ID, CSeq: what a transport does not change. [RFC 3261 17.2.3, 18.2.1] */
static char *sip_key(struct bytes m)
{
	char via[512] = "", call_id[256] = "", cseq[64] = "", *key, *branch;
	int line = m.len ? (int)strcspn((const char *)m.data, "\r\n") : 0;

	sip_header(m, "Via", "v", via, sizeof via);
	sip_header(m, "Call-ID", "i", call_id, sizeof call_id);
	sip_header(m, "CSeq", "", cseq, sizeof cseq);
	branch = strcasestr(via, "branch=");
	if (branch)
		branch[strcspn(branch, ";, ")] = 0;
	return asprintf(&key, "sip %.*s %s %s %s", line, (const char *)m.data, branch ? branch : via, call_id, cseq) < 0 ? NULL : key;
}

/* Request or answer, command, end-to-end identifier. [RFC 6733 3] */
static char *diameter_key(struct bytes m)
{
	const uint8_t *p = m.data;
	char *key;

	if (m.len < DIAMETER_HEADER)
		return strdup("diameter");
	return asprintf(&key, "diameter %d %02x%02x%02x %02x%02x%02x%02x", p[4] >> 7, p[5], p[6], p[7], p[16], p[17], p[18], p[19]) < 0 ? NULL : key;
}

/* ---- reading ---- */

static struct bytes from_hex(const char *text)
{
	size_t n = strlen(text) / 2;
	uint8_t *out = calloc(n + 1, 1);
	unsigned octet;

	if (!out)
		abort(); /* out of memory */
	for (size_t i = 0; i < n; i++)
		out[i] = sscanf(text + 2 * i, "%2x", &octet) == 1 ? (uint8_t)octet : 0;
	return (struct bytes){ out, n };
}

static struct bytes read_bytes(const json_t *o)
{
	const json_t *message = json_object_get(o, "message");
	const char *encoding = json_string_value(json_object_get(o, "encoding")), *text = json_string_value(message);

	if (!text)
		text = "";
	if (encoding && !strcmp(encoding, "hex"))
		return from_hex(text);
	return (struct bytes){ (const uint8_t *)strdup(text), strlen(text) };
}

static char *member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return strdup(s ? s : "");
}

static void read_message(struct message *m, const struct ctl_options *options, const char *seen_by, const json_t *o)
{
	const char *protocol = json_string_value(json_object_get(o, "protocol"));
	char *from = member(o, "from"), *to = member(o, "to");

	*m = (struct message){ .time_ns = (uint64_t)json_integer_value(json_object_get(o, "time_ns")),
			       .protocol = protocol && !strcmp(protocol, "diameter") ? PROTOCOL_DIAMETER : PROTOCOL_SIP,
			       .summary = member(o, "summary"), .id = member(o, "id"), .call_id = member(o, "call_id"), .bytes = read_bytes(o) };
	node_name(options, from, m->from);
	node_name(options, to, m->to);
	snprintf(m->seen_by, sizeof m->seen_by, "%s", seen_by);
	m->key = m->protocol == PROTOCOL_SIP ? sip_key(m->bytes) : diameter_key(m->bytes);
	free(from);
	free(to);
}

static void message_free(struct message *m)
{
	free(m->summary);
	free(m->id);
	free(m->call_id);
	free((void *)(uintptr_t)m->bytes.data);
	free(m->key);
}

/* Told by the same daemon before: it was asked by two names. */
static bool is_known(const struct messages *all, const struct message *m)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct message *o = &all->item[i];

		if (o->time_ns == m->time_ns && !strcmp(o->seen_by, m->seen_by) && !strcmp(o->from, m->from) && !strcmp(o->to, m->to) &&
		    !strcmp(o->key, m->key))
			return true;
	}
	return false;
}

void messages_add(struct messages *all, const struct ctl_options *o, const char *seen_by, const json_t *list)
{
	const json_t *v;
	size_t i;

	all->item = realloc(all->item, (all->count + json_array_size(list) + 1) * sizeof *all->item);
	if (!all->item)
		abort(); /* out of memory */
	json_array_foreach(list, i, v) {
		struct message *m = &all->item[all->count];

		read_message(m, o, seen_by, v);
		if (!m->key || is_known(all, m))
			message_free(m);
		else
			all->count++;
	}
}

/* ---- merging ---- */

static int by_time(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Seen at the two ends of the same way. */
static bool is_other_end(const struct message *a, const struct message *b)
{
	if (strcmp(a->from, b->from) || strcmp(a->to, b->to) || a->protocol != b->protocol || strcmp(a->key, b->key))
		return false;
	return strcmp(a->seen_by, b->seen_by) || !strcmp(a->from, a->to);
}

/* The n-th time that it was sent belongs to the n-th time that it came: each record has at most one other end. */
void messages_merge(struct messages *all)
{
	bool *gone = calloc(all->count + 1, sizeof *gone);
	size_t kept = 0;

	if (!gone)
		abort(); /* out of memory */
	if (all->count)
		qsort(all->item, all->count, sizeof *all->item, by_time);
	for (size_t i = 0; i < all->count; i++) {
		for (size_t k = i + 1; k < all->count && !gone[i]; k++) {
			if (gone[k] || !is_other_end(&all->item[i], &all->item[k]))
				continue;
			gone[k] = true;
			break;
		}
	}
	for (size_t i = 0; i < all->count; i++) {
		if (gone[i])
			message_free(&all->item[i]);
		else
			all->item[kept++] = all->item[i];
	}
	all->count = kept;
	free(gone);
}

void messages_free(struct messages *all)
{
	for (size_t i = 0; i < all->count; i++)
		message_free(&all->item[i]);
	free(all->item);
	*all = (struct messages){ 0 };
}

/* ---- for programs ---- */

static json_t *hex_json(struct bytes b)
{
	char *text = malloc(2 * b.len + 1);
	json_t *j;

	if (!text)
		abort(); /* out of memory */
	for (size_t i = 0; i < b.len; i++)
		snprintf(text + 2 * i, 3, "%02x", b.data[i]);
	j = json_stringn(text, 2 * b.len);
	free(text);
	return j;
}

json_t *messages_json(const struct messages *all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < all->count; i++) {
		const struct message *m = &all->item[i];
		json_t *text = m->protocol == PROTOCOL_SIP && !memchr(m->bytes.data, 0, m->bytes.len) ?
				       json_stringn((const char *)m->bytes.data, m->bytes.len) : NULL;

		json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "time_ns", (json_int_t)m->time_ns, "from",
						      m->from, "to", m->to, "protocol", m->protocol == PROTOCOL_SIP ? "sip" : "diameter",
						      "summary", m->summary, "id", m->id, "call_id", m->call_id, "encoding",
						      text ? "utf-8" : "hex", "message", text ? text : hex_json(m->bytes)));
	}
	return list;
}
