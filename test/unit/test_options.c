// SPDX-License-Identifier: Apache-2.0
/* conf/DAEMON.yaml shows every option of the daemon's schema, commented out or not, and is itself a good configuration. */
// with: */options.c hss/key/key_source.c
#include "common/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* weak: a daemon that is not built yet is skipped, and the run says so */
extern const struct config_schema pcscf_schema __attribute__((weak));
extern const struct config_schema icscf_schema __attribute__((weak));
extern const struct config_schema scscf_schema __attribute__((weak));
extern const struct config_schema hss_schema __attribute__((weak));
extern const struct config_schema ctl_schema __attribute__((weak));

enum { KEYS_MAX = 256, KEY_MAX = 128, DEPTH_MAX = 8 };

struct shown {
	char keys[KEYS_MAX][KEY_MAX]; /* "diameter.peers.port" */
	size_t count;
};

/* "  # - tls: x" to "tls: x"; the column it would have without the comment sign. */
static char *uncomment(char *line, size_t *column)
{
	char *p = line + strspn(line, " ");
	size_t comment = 0;

	if (*p == '#') {
		char *text = p + 1 + strspn(p + 1, " ");

		comment = text > p + 1 ? 2 : 1;
		p = text;
	}
	if (p[0] == '-' && p[1] == ' ')
		p += 2;
	*column = (size_t)(p - line) - comment;
	return p;
}

/* Every "key:" of the file under the keys it is indented by. Prose in comments may add names that nobody asks for. */
static void read_shown(const char *path, struct shown *s)
{
	struct { size_t column; char key[KEY_MAX]; } stack[DEPTH_MAX];
	size_t depth = 0, column;
	FILE *f = fopen(path, "r");
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof line, f) && s->count < KEYS_MAX) {
		char *p = uncomment(line, &column);
		size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");

		if (!n || p[n] != ':')
			continue;
		while (depth && stack[depth - 1].column >= column)
			depth--;
		assert_true(depth < DEPTH_MAX);
		snprintf(stack[depth].key, KEY_MAX, "%s%s%.*s", depth ? stack[depth - 1].key : "", depth ? "." : "", (int)(n % 64), p);
		stack[depth].column = column;
		snprintf(s->keys[s->count++], KEY_MAX, "%s", stack[depth++].key);
	}
	fclose(f);
}

static unsigned missing(const struct shown *s, const char *file, const cyaml_schema_value_t *value, const char *prefix)
{
	unsigned n = 0;

	if (value->type == CYAML_SEQUENCE)
		return missing(s, file, value->sequence.entry, prefix);
	if (value->type != CYAML_MAPPING)
		return 0;
	for (const cyaml_schema_field_t *f = value->mapping.fields; f->key; f++) {
		char key[KEY_MAX];
		size_t i = 0;

		snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", f->key);
		while (i < s->count && strcmp(s->keys[i], key))
			i++;
		if (i == s->count) {
			print_error("%s does not show %s\n", file, key);
			n++;
		}
		n += missing(s, file, &f->value, key);
	}
	return n;
}

static void assert_shown(const char *file, const struct config_schema *schema)
{
	struct shown *s = calloc(1, sizeof *s);
	void *options = NULL;

	if (!schema) {
		free(s);
		skip();
	}
	read_shown(file, s);
	assert_int_equal(missing(s, file, schema->value, ""), 0);
	assert_int_equal(config_load(file, schema, &options), 0);
	config_free(schema, options);
	free(s);
}

static void test_conf_pcscf_shows_every_option(void **state)
{
	(void)state;
	assert_shown("conf/pcscf.yaml", &pcscf_schema);
}

static void test_conf_icscf_shows_every_option(void **state)
{
	(void)state;
	assert_shown("conf/icscf.yaml", &icscf_schema);
}

static void test_conf_scscf_shows_every_option(void **state)
{
	(void)state;
	assert_shown("conf/scscf.yaml", &scscf_schema);
}

static void test_conf_hss_shows_every_option(void **state)
{
	(void)state;
	assert_shown("conf/hss.yaml", &hss_schema);
}

static void test_conf_imsctl_shows_every_option(void **state)
{
	(void)state;
	assert_shown("conf/imsctl.yaml", &ctl_schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conf_pcscf_shows_every_option),
		cmocka_unit_test(test_conf_icscf_shows_every_option),
		cmocka_unit_test(test_conf_scscf_shows_every_option),
		cmocka_unit_test(test_conf_hss_shows_every_option),
		cmocka_unit_test(test_conf_imsctl_shows_every_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
