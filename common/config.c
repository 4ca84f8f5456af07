// SPDX-License-Identifier: Apache-2.0
/* Loads a YAML file and says what is wrong with it as `FILE:LINE: KEY: what is wrong`.
 *
 *   libyaml reads it (syntax) ─▶ libcyaml fills the struct (keys, types) ─▶ defaults ─▶ the daemon's check (meaning)
 *
 * libcyaml tells the key of a mistake only in its log, so the log is read here; the key's line is looked up in libyaml's tree,
 * for libcyaml's own is that of the key before where one is missing or stands twice. */
#include "common/config.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { KEY_MAX = 256, WHY_MAX = 256 };

struct complaint {
	char key[KEY_MAX]; /* "ops.allow[1]", grows from the inside out */
	char why[WHY_MAX];
	bool stale;        /* the innermost frame speaks of the field before the one that is missing */
};

static void say(const char *path, size_t line, const char *key, const char *why)
{
	fprintf(stderr, "%s:%zu: %s%s%s\n", path, line, key, *key ? ": " : "", why);
}

/* ---- libcyaml's log ---- */

static void prepend(struct complaint *c, const char *part)
{
	char key[2 * KEY_MAX];
	bool dot = *c->key && *c->key != '[';

	snprintf(key, sizeof key, "%s%s%s", part, dot ? "." : "", c->key);
	snprintf(c->key, sizeof c->key, "%.*s", (int)sizeof c->key - 1, key);
}

/* The message before the backtrace, in our words. */
static void on_message(struct complaint *c, const char *text)
{
	const char *value = strchr(text, '\'');

	if (sscanf(text, "Unexpected key: %255[^\n]", c->key) == 1)
		snprintf(c->why, sizeof c->why, "unknown key");
	else if (sscanf(text, "Missing required mapping field: %255[^\n]", c->key) == 1)
		snprintf(c->why, sizeof c->why, "is needed"), c->stale = true;
	else if (sscanf(text, "Mapping field already seen: %255[^\n]", c->key) == 1)
		snprintf(c->why, sizeof c->why, "stands here twice"), c->stale = true;
	else if (strstr(text, "Expecting MAPPING"))
		snprintf(c->why, sizeof c->why, "a group of keys is expected here");
	else if (strstr(text, "Expecting SEQUENCE"))
		snprintf(c->why, sizeof c->why, "a list is expected here");
	else if (strstr(text, "Expecting"))
		snprintf(c->why, sizeof c->why, "one value is expected here");
	else if (strstr(text, "Invalid") && (strstr(text, "INT") || strstr(text, "int")))
		snprintf(c->why, sizeof c->why, "not a number in range: %s", value ? value : "");
	else
		snprintf(c->why, sizeof c->why, "%.250s", text);
	c->why[strcspn(c->why, "\n")] = 0;
}

/* "in mapping field 'ops' (line: 3, column: 3)", innermost first */
static void on_frame(struct complaint *c, const char *text)
{
	char name[KEY_MAX], part[KEY_MAX + 2];
	unsigned entry;

	if (c->stale) {
		c->stale = false;
	} else if (sscanf(text, " in mapping field '%255[^']", name) == 1) {
		prepend(c, name);
	} else if (sscanf(text, " in sequence entry '%u", &entry) == 1) {
		snprintf(part, sizeof part, "[%u]", entry ? entry - 1 : 0);
		prepend(c, part);
	}
}

static void on_cyaml_log(cyaml_log_t level, void *context, const char *fmt, va_list args)
{
	struct complaint *c = context;
	char text[512];

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(text, sizeof text, fmt, args);
	if (!strncmp(text, "Load: ", 6) && !*c->why)
		on_message(c, text + 6);
	else if (!strncmp(text, "  in ", 5))
		on_frame(c, text);
}

static cyaml_config_t cyaml_config(struct complaint *c)
{
	return (cyaml_config_t){ .log_fn = on_cyaml_log, .log_ctx = c, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR };
}

/* ---- libyaml's tree ---- */

static yaml_node_t *member(yaml_document_t *tree, yaml_node_t *mapping, const char *name, size_t len, size_t *line)
{
	yaml_node_t *found = NULL;

	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
		yaml_node_t *key = yaml_document_get_node(tree, p->key);

		if (key->type != YAML_SCALAR_NODE || key->data.scalar.length != len || memcmp(key->data.scalar.value, name, len))
			continue;
		found = yaml_document_get_node(tree, p->value);
		*line = key->start_mark.line + 1;
	}
	return found; /* the last: of two the second is the mistake */
}

static yaml_node_t *entry_of(yaml_document_t *tree, yaml_node_t *list, unsigned long n, size_t *line)
{
	yaml_node_t *node;

	if (!list || list->type != YAML_SEQUENCE_NODE)
		return NULL;
	if (n >= (size_t)(list->data.sequence.items.top - list->data.sequence.items.start))
		return NULL;
	node = yaml_document_get_node(tree, list->data.sequence.items.start[n]);
	*line = node->start_mark.line + 1;
	return node;
}

/* The line of "ops.allow[1]", or of the nearest group around it that stands in the file. */
static size_t line_of(yaml_document_t *tree, const char *key)
{
	yaml_node_t *node = yaml_document_get_root_node(tree);
	size_t line = 1;

	while (node && *key) {
		size_t n = strcspn(key, ".[");

		if (n) {
			node = member(tree, node, key, n, &line);
			key += n;
		}
		if (*key == '[') {
			node = entry_of(tree, node, strtoul(key + 1, NULL, 10), &line);
			key += strcspn(key, "]");
			key += *key == ']';
		}
		key += *key == '.';
	}
	return line;
}

static int read_tree(const char *path, yaml_document_t *tree)
{
	FILE *f = fopen(path, "re");
	yaml_parser_t parser;
	int err = 0;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -EINVAL;
	}
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_file(&parser, f);
	if (!yaml_parser_load(&parser, tree)) {
		say(path, parser.problem_mark.line + 1, "not YAML", parser.problem ? parser.problem : "unreadable");
		err = -EINVAL;
	} else if (!yaml_document_get_root_node(tree)) {
		say(path, 1, "", "the file is empty");
		yaml_document_delete(tree);
		err = -EINVAL;
	}
	yaml_parser_delete(&parser);
	fclose(f);
	return err;
}

/* ---- the whole ---- */

static int fill(const char *path, const struct config_schema *schema, void **out, struct complaint *c)
{
	cyaml_config_t config = cyaml_config(c);
	cyaml_err_t err = cyaml_load_file(path, &config, schema->value, out, NULL);

	if (err) {
		if (!*c->why)
			snprintf(c->why, sizeof c->why, "%s", cyaml_strerror(err));
		return -EINVAL;
	}
	if (schema->defaults)
		schema->defaults(*out);
	if (!schema->check || !schema->check(*out, c->key, sizeof c->key, c->why, sizeof c->why))
		return 0;
	config_free(schema, *out);
	return -EINVAL;
}

int config_load(const char *path, const struct config_schema *schema, void **out)
{
	struct complaint c = { 0 };
	yaml_document_t tree;
	void *options = NULL;
	int err = read_tree(path, &tree);

	if (err)
		return err;
	err = fill(path, schema, &options, &c);
	if (err)
		say(path, line_of(&tree, c.key), c.key, c.why);
	else
		*out = options;
	yaml_document_delete(&tree);
	return err;
}

void config_free(const struct config_schema *schema, void *options)
{
	struct complaint c = { 0 };
	cyaml_config_t config = cyaml_config(&c);

	if (options)
		cyaml_free(&config, schema->value, options, 0);
}
