// SPDX-License-Identifier: Apache-2.0
/* JSON values as YAML by libyaml; a text that YAML would read as something else is quoted. [YAML 1.2 10.3, and 1.1's words] */
#include "ctl/output.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

/* Nobody takes it for a number, a date, a boolean or nothing. */
static bool is_plain(const char *s)
{
	static const char *const words[] = { "true", "false", "null", "yes", "no", "on", "off", "y", "n" };

	if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '/'))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(words[i], s))
			return false;
	return true;
}

static void put(yaml_emitter_t *e, yaml_event_t *event, int made)
{
	if (!made || !yaml_emitter_emit(e, event))
		abort(); /* out of memory */
}

static void put_scalar(yaml_emitter_t *e, const char *text, bool plain)
{
	yaml_scalar_style_t style = plain ? YAML_ANY_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	yaml_event_t event;

	put(e, &event, yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), plain, true, style));
}

static void put_value(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	const json_t *item;
	const char *key;
	char *text;
	size_t i;

	if (json_is_object(v)) {
		put(e, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
		json_object_foreach((json_t *)(uintptr_t)v, key, item) {
			put_scalar(e, key, is_plain(key));
			put_value(e, item);
		}
		put(e, &event, yaml_mapping_end_event_initialize(&event));
	} else if (json_is_array(v)) {
		put(e, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
		json_array_foreach(v, i, item)
			put_value(e, item);
		put(e, &event, yaml_sequence_end_event_initialize(&event));
	} else if (json_is_string(v)) {
		put_scalar(e, json_string_value(v), is_plain(json_string_value(v)));
	} else {
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
		put_scalar(e, text ? text : "null", true);
		free(text);
	}
}

void output_yaml(FILE *f, const json_t *value)
{
	yaml_emitter_t e;
	yaml_event_t event;

	yaml_emitter_initialize(&e);
	yaml_emitter_set_output_file(&e, f);
	yaml_emitter_set_unicode(&e, 1);
	yaml_emitter_set_width(&e, -1);
	put(&e, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	put(&e, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	put_value(&e, value);
	put(&e, &event, yaml_document_end_event_initialize(&event, 1));
	put(&e, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&e);
}
