// SPDX-License-Identifier: Apache-2.0
/* The text of a message under its arrow: SIP line by line, Diameter AVP by AVP. */
#include "ctl/ladder.h"
#include "ctl/output.h"
#include <stdlib.h>
#include <string.h>

enum { HEADER = 20, DEPTH_MAX = 5, VALUE_MAX = 160 };

/* ---- SIP ---- */

static void print_sip(FILE *f, struct bytes m, const char *indent)
{
	const char *p = (const char *)m.data, *end = p + m.len;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((eol ? eol : end) - p);
		char *line = strndup(p, n && p[n - 1] == '\r' ? n - 1 : n);

		fputs(line && *line ? indent : "", f);
		text_print(f, line ? line : "");
		fputc('\n', f);
		free(line);
		p += n + 1;
	}
	fputc('\n', f);
}

/* ---- Diameter ---- */

enum kind { OCTETS, TEXT, NUMBER, GROUP };

/* Those of Cx [RFC 6733 4.5, TS 29.229 6.3, RFC 4740 9]; others show their number. */
static const struct {
	uint32_t vendor, code;
	const char *name;
	enum kind kind;
} avps[] = {
	{ 0, 1, "User-Name", TEXT }, { 0, 104, "Digest-Realm", TEXT }, { 0, 110, "Digest-QoP", TEXT }, { 0, 111, "Digest-Algorithm", TEXT },
	{ 0, 121, "Digest-HA1", TEXT }, { 0, 258, "Auth-Application-Id", NUMBER }, { 0, 260, "Vendor-Specific-Application-Id", GROUP },
	{ 0, 263, "Session-Id", TEXT }, { 0, 264, "Origin-Host", TEXT }, { 0, 266, "Vendor-Id", NUMBER }, { 0, 268, "Result-Code", NUMBER },
	{ 0, 277, "Auth-Session-State", NUMBER }, { 0, 279, "Failed-AVP", GROUP }, { 0, 281, "Error-Message", TEXT },
	{ 0, 282, "Route-Record", TEXT }, { 0, 283, "Destination-Realm", TEXT }, { 0, 284, "Proxy-Info", GROUP },
	{ 0, 293, "Destination-Host", TEXT }, { 0, 296, "Origin-Realm", TEXT }, { 0, 297, "Experimental-Result", GROUP },
	{ 0, 298, "Experimental-Result-Code", NUMBER },
	{ 10415, 600, "Visited-Network-Identifier", TEXT }, { 10415, 601, "Public-Identity", TEXT }, { 10415, 602, "Server-Name", TEXT },
	{ 10415, 603, "Server-Capabilities", GROUP }, { 10415, 604, "Mandatory-Capability", NUMBER },
	{ 10415, 605, "Optional-Capability", NUMBER }, { 10415, 606, "User-Data", TEXT }, { 10415, 607, "SIP-Number-Auth-Items", NUMBER },
	{ 10415, 608, "SIP-Authentication-Scheme", TEXT }, { 10415, 609, "SIP-Authenticate", OCTETS },
	{ 10415, 610, "SIP-Authorization", OCTETS }, { 10415, 612, "SIP-Auth-Data-Item", GROUP }, { 10415, 613, "SIP-Item-Number", NUMBER },
	{ 10415, 614, "Server-Assignment-Type", NUMBER }, { 10415, 615, "Deregistration-Reason", GROUP }, { 10415, 616, "Reason-Code", NUMBER },
	{ 10415, 617, "Reason-Info", TEXT }, { 10415, 618, "Charging-Information", GROUP },
	{ 10415, 619, "Primary-Event-Charging-Function-Name", TEXT }, { 10415, 620, "Secondary-Event-Charging-Function-Name", TEXT },
	{ 10415, 621, "Primary-Charging-Collection-Function-Name", TEXT }, { 10415, 622, "Secondary-Charging-Collection-Function-Name", TEXT },
	{ 10415, 623, "User-Authorization-Type", NUMBER }, { 10415, 624, "User-Data-Already-Available", NUMBER },
	{ 10415, 625, "Confidentiality-Key", OCTETS }, { 10415, 626, "Integrity-Key", OCTETS }, { 10415, 628, "Supported-Features", GROUP },
	{ 10415, 629, "Feature-List-ID", NUMBER }, { 10415, 630, "Feature-List", NUMBER }, { 10415, 632, "Associated-Identities", GROUP },
	{ 10415, 633, "Originating-Request", NUMBER }, { 10415, 635, "SIP-Digest-Authenticate", GROUP }, { 10415, 637, "UAR-Flags", NUMBER },
	{ 10415, 639, "SCSCF-Restoration-Info", GROUP }, { 10415, 640, "Path", TEXT }, { 10415, 641, "Contact", TEXT },
	{ 10415, 643, "Call-ID-SIP-Header", TEXT }, { 10415, 648, "Multiple-Registration-Indication", NUMBER },
	{ 10415, 649, "Restoration-Info", GROUP }, { 10415, 654, "Initial-CSeq-Sequence-Number", NUMBER },
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void print_octets(FILE *f, const uint8_t *p, size_t n)
{
	bool zero = true;

	for (size_t i = 0; i < n; i++)
		zero = zero && !p[i];
	if (n && zero) {
		fprintf(f, "(blank, %zu octets)", n);
		return;
	}
	for (size_t i = 0; i < n && i < VALUE_MAX / 2; i++)
		fprintf(f, "%02x", p[i]);
	fputs(n > VALUE_MAX / 2 ? "..." : "", f);
}

static void print_value(FILE *f, enum kind kind, const uint8_t *p, size_t n)
{
	char *text;

	if (kind == NUMBER && n == 4) {
		fprintf(f, "%u", be32(p));
	} else if (kind == TEXT && n && *p && (text = strndup((const char *)p, n))) {
		text_print(f, text);
		free(text);
	} else {
		print_octets(f, p, n);
	}
	fputc('\n', f);
}

static void print_avps(FILE *f, const uint8_t *p, const uint8_t *end, const char *indent, int depth);

static enum kind print_name(FILE *f, uint32_t vendor, uint32_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(avps); i++)
		if (avps[i].code == code && avps[i].vendor == vendor) {
			fprintf(f, "%s:", avps[i].name);
			return avps[i].kind;
		}
	fprintf(f, "AVP %u of %u:", code, vendor);
	return OCTETS;
}

/* `head`: of its header */
static void print_avp(FILE *f, const uint8_t *p, uint32_t head, uint32_t len, const char *indent, int depth)
{
	enum kind kind;

	fprintf(f, "%s%*s", indent, 2 * depth, "");
	kind = print_name(f, head == 12 ? be32(p + 8) : 0, be32(p));
	if (kind == GROUP && depth < DEPTH_MAX) {
		fputc('\n', f);
		print_avps(f, p + head, p + len, indent, depth + 1);
	} else {
		fputc(' ', f);
		print_value(f, kind, p + head, len - head);
	}
}

static void print_avps(FILE *f, const uint8_t *p, const uint8_t *end, const char *indent, int depth)
{
	while (end - p >= 8) {
		uint32_t len = be32(p + 4) & 0xffffff, head = p[4] & 0x80 ? 12 : 8;

		if (len < head || len > (size_t)(end - p))
			break;
		print_avp(f, p, head, len, indent, depth);
		len = (len + 3) & ~3u;
		p += len < (size_t)(end - p) ? len : (size_t)(end - p);
	}
}

void message_print(FILE *f, const struct message *m, const char *indent)
{
	if (m->protocol == PROTOCOL_SIP)
		return print_sip(f, m->bytes, indent);
	if (m->bytes.len >= HEADER)
		print_avps(f, m->bytes.data + HEADER, m->bytes.data + m->bytes.len, indent, 0);
	fputc('\n', f);
}
