// SPDX-License-Identifier: Apache-2.0
/* Tables, and JSON as it is; YAML is in yaml.c. */
#include "ctl/output.h"
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_MAX = 512, COLUMNS_MAX = 12 };

/* ---- text for a terminal ---- */

bool terminal_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static bool goes_on(unsigned char c) /* inside a UTF-8 sequence */
{
	return (c & 0xc0) == 0x80;
}

/* A control character, those of two octets included. */
static bool is_control(const char *p)
{
	unsigned char c = (unsigned char)*p, next = (unsigned char)p[1];

	return c < 32 || c == 127 || (c == 0xc2 && next >= 0x80 && next < 0xa0);
}

size_t text_width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += !goes_on((unsigned char)*text);
	return n;
}

void text_print(FILE *f, const char *text)
{
	bool utf8 = terminal_utf8();

	for (; *text; text++) {
		if (goes_on((unsigned char)*text) && !utf8)
			continue;
		if (is_control(text) || (!utf8 && (unsigned char)*text >= 0x80)) {
			fputc('?', f);
			text += *text == (char)0xc2 && text[1];
		} else {
			fputc(*text, f);
		}
	}
}

/* ---- tables ---- */

static const char *cell(const json_t *row, const struct column *c, char buffer[CELL_MAX])
{
	const json_t *v = json_object_get(row, c->key);

	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_integer(v))
		snprintf(buffer, CELL_MAX, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		snprintf(buffer, CELL_MAX, "%.1f", json_real_value(v));
	else if (json_is_boolean(v))
		snprintf(buffer, CELL_MAX, "%s", json_is_true(v) ? "yes" : "no");
	else
		*buffer = 0;
	return buffer;
}

static void pad(FILE *f, size_t n)
{
	while (n--)
		fputc(' ', f);
}

static void print_cell(FILE *f, const char *text, size_t width, bool right, bool last)
{
	size_t spare = width - text_width(text);

	if (right)
		pad(f, spare);
	text_print(f, text);
	if (!right && !last)
		pad(f, spare);
	fputs(last ? "\n" : "  ", f);
}

/* `row` NULL: the titles. Nothing is padded after the last cell that is not empty. */
static void print_row(FILE *f, const struct column *columns, const size_t *widths, size_t n, const json_t *row)
{
	char buffer[CELL_MAX];

	while (row && n > 1 && !*cell(row, &columns[n - 1], buffer))
		n--;
	for (size_t k = 0; k < n; k++)
		print_cell(f, row ? cell(row, &columns[k], buffer) : columns[k].title, widths[k], columns[k].right, k + 1 == n);
}

void output_table(FILE *f, const struct column *columns, size_t n, const json_t *rows)
{
	size_t widths[COLUMNS_MAX], i;
	char buffer[CELL_MAX];
	const json_t *row;

	for (size_t k = 0; k < n; k++) {
		widths[k] = text_width(columns[k].title);
		json_array_foreach(rows, i, row) {
			size_t w = text_width(cell(row, &columns[k], buffer));

			widths[k] = w > widths[k] ? w : widths[k];
		}
	}
	print_row(f, columns, widths, n, NULL);
	json_array_foreach(rows, i, row)
		print_row(f, columns, widths, n, row);
}

void output_pairs(FILE *f, const json_t *rows)
{
	const json_t *row;
	size_t i, width = 0;

	json_array_foreach(rows, i, row) {
		size_t w = text_width(json_string_value(json_array_get(row, 0)));

		width = w > width ? w : width;
	}
	json_array_foreach(rows, i, row) {
		print_cell(f, json_string_value(json_array_get(row, 0)), width, false, false);
		text_print(f, json_string_value(json_array_get(row, 1)));
		fputc('\n', f);
	}
}

/* ---- for programs ---- */

void output_json(FILE *f, const json_t *value)
{
	json_dumpf(value, f, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	fputc('\n', f);
}

void output_list(const struct ctl *c, const struct column *columns, size_t n, const json_t *rows, const json_t *whole)
{
	switch (c->format) {
	case OUTPUT_TABLE:
		return output_table(stdout, columns, n, rows ? rows : whole);
	case OUTPUT_JSON:
		return output_json(stdout, whole);
	case OUTPUT_YAML:
		return output_yaml(stdout, whole);
	}
}
