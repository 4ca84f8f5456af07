// SPDX-License-Identifier: Apache-2.0
/* Names a message from its bytes alone; what cannot be read is "?". */
#include "common/trace_summary.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- SIP ---- */

/* The method in the CSeq header; empty when there is none. */
static void cseq_method(const char *p, const char *end, char *out, size_t size)
{
	int from = 0, to = 0;
	char line[128];

	*out = 0;
	while ((p = memchr(p, '\n', (size_t)(end - p))) && ++p < end && *p != '\r' && *p != '\n') {
		if (end - p < 6 || strncasecmp(p, "CSeq", 4) || (p[4] != ':' && p[4] != ' ' && p[4] != '\t'))
			continue;
		snprintf(line, sizeof line, "%.*s", (int)(end - p < 127 ? end - p : 127), p + 4);
		sscanf(line, "%*[ \t:]%*u%*[ \t]%n%*[A-Za-z0-9.!%%*_+`'~-]%n", &from, &to);
		if (to > from && from)
			snprintf(out, size, "%.*s", to - from, line + from);
		return;
	}
}

static void summary_sip(struct bytes m, char *out, size_t size)
{
	const char *p = (const char *)m.data, *end = p + m.len, *eol = memchr(p, '\r', m.len);
	char method[32];
	int n;

	if (!eol)
		eol = memchr(p, '\n', m.len);
	n = (int)((eol ? eol : end) - p);
	if (n < 8) {
		snprintf(out, size, "?");
	} else if (!strncasecmp(p, "SIP/2.0 ", 8)) {
		cseq_method(p, end, method, sizeof method);
		snprintf(out, size, "%.*s%s%s%s", n - 8 < 48 ? n - 8 : 48, p + 8, *method ? " (" : "", method, *method ? ")" : "");
	} else {
		const char *space = memchr(p, ' ', (size_t)n);

		n = space ? (int)(space - p) : n;
		snprintf(out, size, "%.*s", n < 32 ? n : 32, p);
	}
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

enum { HEADER = 20, RESULT_CODE = 268, EXPERIMENTAL_RESULT = 297, EXPERIMENTAL_RESULT_CODE = 298 };

/* Result-Code, or Experimental-Result-Code inside its group; 0: none. [RFC 6733 7.1, 7.6] */
static uint32_t result_of(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 8) {
		uint32_t code = be32(p), len = be24(p + 5), head = p[4] & 0x80 ? 12 : 8;

		if (len < head || len > (size_t)(end - p))
			return 0;
		if (code == EXPERIMENTAL_RESULT)
			return result_of(p + head, p + len);
		if ((code == RESULT_CODE || code == EXPERIMENTAL_RESULT_CODE) && len >= head + 4)
			return be32(p + head);
		len = (len + 3) & ~3u;
		if (len >= (size_t)(end - p))
			return 0;
		p += len;
	}
	return 0;
}

static const char *command_name(uint32_t code)
{
	static const struct { uint32_t code; const char *name; } names[] = {
		{ 257, "CE" }, { 280, "DW" }, { 282, "DP" }, { 300, "UA" }, { 301, "SA" }, { 302, "LI" }, { 303, "MA" },
		{ 304, "RT" }, { 305, "PP" }, { 306, "UD" }, { 307, "PU" }, { 308, "SN" }, { 309, "PN" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}

static void summary_diameter(struct bytes m, char *out, size_t size)
{
	char name[24];
	uint32_t code;

	if (m.len < HEADER) {
		snprintf(out, size, "?");
		return;
	}
	code = be24(m.data + 5);
	if (command_name(code))
		snprintf(name, sizeof name, "%s%c", command_name(code), m.data[4] & 0x80 ? 'R' : 'A');
	else
		snprintf(name, sizeof name, "command %u", code);
	if (m.data[4] & 0x80)
		snprintf(out, size, "%s", name);
	else
		snprintf(out, size, "%s %u", name, result_of(m.data + HEADER, m.data + m.len));
}

void trace_summary(enum trace_protocol protocol, struct bytes m, char *out, size_t size)
{
	switch (protocol) {
	case TRACE_SIP:
		return summary_sip(m, out, size);
	case TRACE_DIAMETER:
		return summary_diameter(m, out, size);
	}
}
