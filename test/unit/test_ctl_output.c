// SPDX-License-Identifier: Apache-2.0
/* Tables and YAML, names by number, and what people call a user. */
// with: ctl/name.c
// with: ctl/output.c
// with: ctl/pattern.c
// with: ctl/yaml.c
#include "ctl/name.h"
#include "ctl/output.h"
#include "ctl/pattern.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include <cmocka.h>

static void test_a_table_is_as_wide_as_its_longest_cells(void **state)
{
	static const struct column columns[] = { { "NAME", "name", false }, { "MS", "ms", true }, { "WHY", "why", false } };
	json_t *rows = json_pack("[{s:s, s:f, s:s}, {s:s, s:i}]", "name", "alice", "ms", 12.34, "why", "busy", "name", "J\xc3\xbcrgen", "ms", 7);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	output_table(f, columns, 3, rows);
	fclose(f);
#define TABLE(u) "NAME      MS  WHY\nalice   12.3  busy\nJ" u "rgen     7\n"
	assert_string_equal(text, terminal_utf8() ? TABLE("\xc3\xbc") : TABLE("?"));
	free(text);
	json_decref(rows);
}

static void test_a_table_shows_no_control_characters(void **state)
{
	static const struct column columns[] = { { "NAME", "name", false } };
	json_t *rows = json_pack("[{s:s}]", "name", "a\033[31mb\nc");
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	output_table(f, columns, 1, rows);
	fclose(f);
	assert_string_equal(text, "NAME\na?[31mb?c\n");
	free(text);
	json_decref(rows);
}

/* ---- YAML, read back by libyaml ---- */

static void assert_reads_back(const char *value)
{
	json_t *o = json_pack("{s:s}", "key", value);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	yaml_parser_t parser;
	yaml_document_t doc;
	yaml_node_t *node;

	output_yaml(f, o);
	fclose(f);
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	assert_true(yaml_parser_load(&parser, &doc));
	node = yaml_document_get_node(&doc, 3);
	assert_int_equal(node->data.scalar.length, strlen(value));
	assert_memory_equal(node->data.scalar.value, value, strlen(value));
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	free(text);
	json_decref(o);
}

static void test_every_text_comes_back_out_of_yaml(void **state)
{
	static const char *const values[] = { "", "plain", "sip:alice@ims.test", "a: b", "- x", "# no comment", "two\nlines", "INVITE x\r\nVia: y\r\n\r\n",
					      " spaced ", "J\xc3\xbcrgen", "\"quoted\"", "'single'", "tab\there", "{a}", "*ref" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		assert_reads_back(values[i]);
}

static void test_yaml_quotes_what_would_be_read_as_something_else(void **state)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:i, s:b, s:n, s:[], s:{}}", "number", "12", "word", "yes", "phone", "+15550001", "n", 12, "b", 1, "null",
			      "list", "group");
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	output_yaml(f, o);
	fclose(f);
	assert_string_equal(text, "number: \"12\"\nword: \"yes\"\nphone: \"+15550001\"\n\"n\": 12\nb: true\n\"null\": null\nlist: []\ngroup: {}\n");
	free(text);
	json_decref(o);
}

/* ---- names ---- */

static void test_a_pattern_has_one_number_and_nothing_else_of_printf(void **state)
{
	static const char *const wrong[] = { "user", "u%s", "u%d%d", "u%n", "u%", "%5$d", "u%099999d", "%d%%" };
	struct pattern p;
	char name[32];

	(void)state;
	assert_true(pattern_read("user%06d", &p));
	assert_true(pattern_write(&p, 42, name, sizeof name));
	assert_string_equal(name, "user000042");
	assert_true(pattern_read("%dth", &p));
	assert_true(pattern_write(&p, 1234567, name, sizeof name));
	assert_string_equal(name, "1234567th");
	assert_true(pattern_read("a-very-long-name-for-a-user-%06d", &p));
	assert_false(pattern_write(&p, 1, name, sizeof name));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(pattern_read(wrong[i], &p));
}

static void test_people_name_users_in_many_ways(void **state)
{
	static const struct { const char *given, *meant; } cases[] = {
		{ "alice", "sip:alice@ims.test" }, { "alice@ims.test", "sip:alice@ims.test" }, { "sip:alice@ims.test", "sip:alice@ims.test" },
		{ "+15550001", "tel:+15550001" },  { "tel:+15550001", "tel:+15550001" },
	};
	struct ctl_options options = { .domain = (char *)"ims.test" };
	struct ctl c = { .options = &options };
	char impu[NAME_MAX_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		name_impu(&c, cases[i].given, impu);
		assert_string_equal(impu, cases[i].meant);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_is_as_wide_as_its_longest_cells),
		cmocka_unit_test(test_a_table_shows_no_control_characters),
		cmocka_unit_test(test_every_text_comes_back_out_of_yaml),
		cmocka_unit_test(test_yaml_quotes_what_would_be_read_as_something_else),
		cmocka_unit_test(test_a_pattern_has_one_number_and_nothing_else_of_printf),
		cmocka_unit_test(test_people_name_users_in_many_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
