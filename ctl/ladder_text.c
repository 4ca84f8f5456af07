// SPDX-License-Identifier: Apache-2.0
/* A ladder for the terminal.
 *
 *      ms    alice         pcscf         icscf         scscf          hss
 *     0.0      │─REGISTER───▶│             │             │             │
 *     0.8      │             │─REGISTER───▶│             │             │
 *     1.1      │             │             │═UAR═══════════════════════▶│
 */
#include "ctl/ladder.h"
#include <stdlib.h>
#include <string.h>

enum { TIME_WIDTH = 9, GAP_MIN = 11, GAP_MAX = 26, ROW_MAX = 1024 };

struct glyphs {
	uint16_t lane, line[2], right, left;             /* of Unicode; line: by protocol */
};

static const struct glyphs unicode = { 0x2502, { 0x2500, 0x2550 }, 0x25b6, 0x25c0 }, ascii = { '|', { '-', '=' }, '>', '<' };

struct canvas {
	FILE *f;
	const struct ladder *ladder;
	const struct ladder_look *look;
	const struct glyphs *glyphs;
	size_t first, gap, width;                        /* columns: of the first lane, between two, of all */
	uint16_t cells[ROW_MAX];
};

static void print_cell(FILE *f, uint16_t c)
{
	if (c < 0x80)
		fputc(c, f);
	else /* the glyphs above are of three octets */
		fprintf(f, "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f));
}

static size_t column(const struct canvas *c, size_t lane)
{
	return c->first + lane * c->gap;
}

static void measure(struct canvas *c)
{
	size_t n = c->ladder->lane_count > 1 ? c->ladder->lane_count - 1 : 1, room;

	c->first = TIME_WIDTH + 6;
	room = c->look->width > c->first + 5 ? c->look->width - c->first - 5 : 0;
	c->gap = room / n;
	c->gap = c->gap < GAP_MIN ? GAP_MIN : c->gap > GAP_MAX ? GAP_MAX : c->gap;
	c->width = column(c, c->ladder->lane_count) + 1;
	if (c->width > ROW_MAX) { /* very many phones */
		c->gap = (ROW_MAX - c->first - 1) / (c->ladder->lane_count + 1);
		c->width = ROW_MAX;
	}
}

static void clear(struct canvas *c, bool lanes)
{
	for (size_t i = 0; i < c->width; i++)
		c->cells[i] = ' ';
	for (size_t i = 0; lanes && i < c->ladder->lane_count; i++)
		c->cells[column(c, i)] = c->glyphs->lane;
}

static void put_text(struct canvas *c, size_t at, const char *text)
{
	for (; *text && at < c->width; text++, at++)
		c->cells[at] = *text >= 32 && *text < 127 ? (uint16_t)*text : '?';
}

static void flush(struct canvas *c, const char *time, const char *colour)
{
	size_t end = c->width;

	while (end > TIME_WIDTH && c->cells[end - 1] == ' ')
		end--;
	fprintf(c->f, "%*s", TIME_WIDTH, time);
	fputs(c->look->colour ? colour : "", c->f);
	for (size_t i = TIME_WIDTH; i < end; i++)
		print_cell(c->f, c->cells[i]);
	fputs(c->look->colour && *colour ? "\033[0m\n" : "\n", c->f);
}

/* ---- the parts ---- */

static void print_head(struct canvas *c)
{
	size_t free_from = TIME_WIDTH + 1;

	clear(c, false);
	for (size_t i = 0; i < c->ladder->lane_count; i++) {
		char label[LABEL_MAX];
		size_t len, at;

		snprintf(label, sizeof label, "%.*s", (int)(c->gap > 1 ? c->gap - 1 : 1), c->ladder->lanes[i].label);
		len = strlen(label);
		at = column(c, i) > len / 2 + free_from ? column(c, i) - len / 2 : free_from;
		put_text(c, at, label);
		free_from = at + len + 1;
	}
	flush(c, "ms", "\033[1m");
}

static void put_arrow(struct canvas *c, const struct step *s)
{
	bool right = s->to > s->from;
	size_t from = column(c, right ? s->from : s->to), to = column(c, right ? s->to : s->from);
	char label[128];

	for (size_t i = from + 1; i < to; i++)
		c->cells[i] = c->glyphs->line[s->message->protocol];
	ladder_label(s->message, to - from > 4 ? to - from - 4 : 1, label, sizeof label);
	put_text(c, from + (right ? 2 : 3), label);
	if (right)
		c->cells[to - 1] = c->glyphs->right;
	else
		c->cells[from + 1] = c->glyphs->left;
}

static const char *colour_of(const struct step *s)
{
	return s->failure ? "\033[31m" : s->message->protocol == PROTOCOL_DIAMETER ? "\033[36m" : "";
}

static void print_step(struct canvas *c, const struct step *s)
{
	char time[32], label[128];

	clear(c, true);
	snprintf(time, sizeof time, "%.1f", s->ms);
	if (s->from != s->to) {
		put_arrow(c, s);
	} else { /* to itself */
		ladder_label(s->message, c->gap > 4 ? c->gap - 3 : 1, label, sizeof label);
		c->cells[column(c, s->from) + 1] = c->glyphs->left;
		put_text(c, column(c, s->from) + 2, label);
	}
	flush(c, time, colour_of(s));
	if (c->look->messages)
		message_print(c->f, s->message, "          ");
}

/* "alice is 127.0.0.9:5070" */
static void print_phones(struct canvas *c)
{
	const char *before = "";

	for (size_t i = 0; i < c->ladder->lane_count; i++) {
		const struct lane *l = &c->ladder->lanes[i];

		if (!l->phone || !strcmp(l->label, l->name))
			continue;
		fprintf(c->f, "%s%s is %s", before, l->label, l->name);
		before = ", ";
	}
	if (*before)
		fputc('\n', c->f);
}

void ladder_print(FILE *f, const struct ladder *l, const struct ladder_look *look)
{
	struct canvas *c = calloc(1, sizeof *c);

	if (!c)
		abort(); /* out of memory */
	*c = (struct canvas){ .f = f, .ladder = l, .look = look, .glyphs = look->utf8 ? &unicode : &ascii };
	measure(c);
	print_phones(c);
	print_head(c);
	for (size_t i = 0; i < l->step_count; i++)
		print_step(c, &l->steps[i]);
	free(c);
}
