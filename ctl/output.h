// SPDX-License-Identifier: Apache-2.0
/* Answers for people (tables) and for programs (JSON, YAML). */
#pragma once
#include "ctl/ctl.h"
#include <jansson.h>
#include <stdio.h>

struct column {
	const char *title, *key;
	bool right;              /* numbers */
};

/* `whole` as JSON or YAML; as a table, `rows` (objects of texts and numbers) under `columns`. NULL rows: those of whole. */
void output_list(const struct ctl *c, const struct column *columns, size_t n, const json_t *rows, const json_t *whole);

void output_json(FILE *f, const json_t *value);
void output_yaml(FILE *f, const json_t *value);
void output_table(FILE *f, const struct column *columns, size_t n, const json_t *rows);
/* Names and values, a line each: rows are [name, text]. An empty name goes on with the one above. */
void output_pairs(FILE *f, const json_t *rows);

/* Text from elsewhere, without what could move a terminal's cursor; as many columns as it takes. */
size_t text_width(const char *text);
void text_print(FILE *f, const char *text);
bool terminal_utf8(void);
