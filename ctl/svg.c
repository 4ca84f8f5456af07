// SPDX-License-Identifier: Apache-2.0
/* The ladder as a picture: SVG that needs nothing but itself, read in the light; the whole message shows when one points at its
 * arrow. */
#include "ctl/ladder.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEFT = 110, GAP = 190, RIGHT = 100, HEAD = 118, ROW = 34, FOOT = 24, ROOM = 27, TOOLTIP_MAX = 4000 };

static const struct { const char *name, *colour; } protocols[] = {
	[PROTOCOL_SIP] = { "SIP", "#1f5fa8" }, [PROTOCOL_DIAMETER] = { "Diameter", "#b0520f" },
};
static const char failure_colour[] = "#b3122a";

/* Length of a sequence of well-formed UTF-8 that XML allows; 0: none. [RFC 3629 4, XML 1.0 2.2] */
static size_t sequence(const unsigned char *p, size_t n)
{
	size_t len = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 && *p < 0xf5 ? 4 : 0;
	uint32_t c;

	if (len <= 1)
		return *p >= 0x20 || *p == '\n' || *p == '\t' ? len : 0;
	if (len > n)
		return 0;
	c = *p & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && (c < 0x10000 || c > 0x10ffff)) || (c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff)
		return 0;
	return len;
}

static void put_text(FILE *f, const char *text, size_t n)
{
	for (size_t i = 0, len; i < n; i += len ? len : 1) {
		len = sequence((const unsigned char *)text + i, n - i);
		switch (len ? text[i] : 0) {
		case 0: /* not for XML */
			fputs(text[i] == '\r' ? "" : "?", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fwrite(text + i, 1, len, f);
		}
	}
}

static unsigned x_of(size_t lane)
{
	return LEFT + GAP / 2 + (unsigned)lane * GAP;
}

/* ---- the head ---- */

static void put_date(FILE *f, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000u);
	char text[40];
	struct tm t;

	gmtime_r(&seconds, &t);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &t);
	fprintf(f, "%s.%03u UTC", text, (unsigned)(ns % 1000000000u / 1000000));
}

static void put_start(FILE *f, const struct ladder *l, const char *title)
{
	unsigned width = LEFT + GAP * (unsigned)l->lane_count + RIGHT / 2, height = HEAD + ROW * (unsigned)l->step_count + FOOT;

	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" "
		   "font-family=\"'DejaVu Sans', Verdana, Arial, sans-serif\" font-size=\"12\">\n<title>", width, height, width, height);
	put_text(f, title, strlen(title));
	fprintf(f, "</title>\n<defs>\n");
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		fprintf(f, "<marker id=\"head%zu\" viewBox=\"0 0 10 10\" refX=\"10\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" "
			   "orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" fill=\"%s\"/></marker>\n", i, protocols[i].colour);
	fprintf(f, "</defs>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n<text x=\"16\" y=\"28\" font-size=\"17\" "
		   "font-weight=\"bold\" fill=\"#222222\">");
	put_text(f, title, strlen(title));
	fprintf(f, "</text>\n");
}

static void put_legend(FILE *f, const struct ladder *l)
{
	fprintf(f, "<text x=\"16\" y=\"50\" fill=\"#555555\">");
	if (l->step_count)
		put_date(f, l->steps[0].message->time_ns);
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		fprintf(f, "<tspan dx=\"18\" fill=\"%s\" font-weight=\"bold\">%s</tspan>", protocols[i].colour, protocols[i].name);
	fprintf(f, "<tspan dx=\"18\" fill=\"%s\" font-weight=\"bold\">failed</tspan></text>\n<text x=\"%d\" y=\"%d\" text-anchor=\"end\" "
		   "fill=\"#555555\">ms</text>\n", failure_colour, LEFT - 16, HEAD - 26);
}

static void put_lane(FILE *f, const struct ladder *l, size_t i)
{
	const struct lane *lane = &l->lanes[i];
	bool address = lane->phone && strcmp(lane->label, lane->name);
	unsigned bottom = HEAD + ROW * (unsigned)l->step_count + FOOT / 2;

	fprintf(f, "<line x1=\"%u\" y1=\"%d\" x2=\"%u\" y2=\"%u\" stroke=\"#c4c9d0\"/>\n<rect x=\"%u\" y=\"%d\" width=\"150\" height=\"34\" "
		   "rx=\"5\" fill=\"%s\" stroke=\"#8a94a3\"/>\n<text x=\"%u\" y=\"%d\" text-anchor=\"middle\" font-weight=\"bold\" "
		   "fill=\"#222222\">", x_of(i), HEAD - 14, x_of(i), bottom, x_of(i) - 75, HEAD - 48, lane->phone ? "#fdf6e3" : "#eef2f7", x_of(i),
		address ? HEAD - 34 : HEAD - 27);
	put_text(f, lane->label, strlen(lane->label));
	fprintf(f, "</text>\n");
	if (!address)
		return;
	fprintf(f, "<text x=\"%u\" y=\"%d\" text-anchor=\"middle\" font-size=\"10\" fill=\"#555555\">", x_of(i), HEAD - 20);
	put_text(f, lane->name, strlen(lane->name));
	fprintf(f, "</text>\n");
}

/* ---- the steps ---- */

static void put_arrow(FILE *f, const struct step *s, unsigned y)
{
	unsigned x1 = x_of(s->from), x2 = x_of(s->to);
	const char *colour = protocols[s->message->protocol].colour;

	if (x1 == x2) /* to itself */
		fprintf(f, "<path d=\"M%u %uh26v12h-24\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" marker-end=\"url(#head%d)\"/>\n", x1,
			y - 6, colour, (int)s->message->protocol);
	else
		fprintf(f, "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"%s\" stroke-width=\"1.6\"%s marker-end=\"url(#head%d)\"/>\n", x1, y,
			x2 > x1 ? x2 - 1 : x2 + 1, y, colour, s->message->protocol == PROTOCOL_DIAMETER ? " stroke-dasharray=\"7 3\"" : "",
			(int)s->message->protocol);
}

static void put_step(FILE *f, const struct step *s, size_t i)
{
	const struct message *m = s->message;
	unsigned y = HEAD + ROW * (unsigned)i + 20, lanes = s->from > s->to ? (unsigned)(s->from - s->to) : (unsigned)(s->to - s->from);
	unsigned x = lanes ? (x_of(s->from) + x_of(s->to)) / 2 : x_of(s->from) + 34;
	char label[160];

	ladder_label(m, ROOM + GAP / 7 * (lanes ? lanes - 1 : 0), label, sizeof label);
	fprintf(f, "<g><title>");
	if (m->protocol == PROTOCOL_SIP)
		put_text(f, (const char *)m->bytes.data, m->bytes.len < TOOLTIP_MAX ? m->bytes.len : TOOLTIP_MAX);
	else
		put_text(f, m->summary, strlen(m->summary));
	fprintf(f, "</title>\n<text x=\"%d\" y=\"%u\" text-anchor=\"end\" font-size=\"11\" fill=\"#555555\">%.1f</text>\n", LEFT - 16, y + 4, s->ms);
	put_arrow(f, s, y);
	fprintf(f, "<text x=\"%u\" y=\"%u\" text-anchor=\"%s\" fill=\"%s\">", x, y - 5, lanes ? "middle" : "start",
		s->failure ? failure_colour : protocols[m->protocol].colour);
	put_text(f, label, strlen(label));
	fprintf(f, "</text></g>\n");
}

void svg_write(FILE *f, const struct ladder *l, const char *title)
{
	put_start(f, l, title);
	put_legend(f, l);
	for (size_t i = 0; i < l->lane_count; i++)
		put_lane(f, l, i);
	for (size_t i = 0; i < l->step_count; i++)
		put_step(f, &l->steps[i], i);
	fprintf(f, "</svg>\n");
}
