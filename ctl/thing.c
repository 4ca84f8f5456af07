// SPDX-License-Identifier: Apache-2.0
/* Resources of the REST door: GET, PUT, PATCH, DELETE, and pages by their next link. */
#include "ctl/thing.h"
#include "ctl/secret.h"
#include <stdlib.h>
#include <string.h>

/* ---- what is given ---- */

json_t *json_file(const char *path, const char *flag)
{
	char *text = file_read(path);
	json_error_t e;
	json_t *v;

	if (!text)
		return NULL;
	v = json_loads(text, JSON_REJECT_DUPLICATES, &e);
	if (!v)
		ctl_complain(0, "%s: line %d, column %d: %s", flag, e.line, e.column, e.text);
	free(text);
	return v;
}

static json_t *number_of(const char *flag, const char *text)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (end != text && !*end && !errno)
		return json_integer(n);
	ctl_complain(0, "%s: a number is expected: '%s'", flag, text);
	return NULL;
}

static json_t *yes_or_no(const char *flag, const char *text)
{
	if (!strcmp(text, "yes") || !strcmp(text, "no"))
		return json_boolean(!strcmp(text, "yes"));
	ctl_complain(0, "%s: yes or no is expected: '%s'", flag, text);
	return NULL;
}

static json_t *numbers_of(const struct arguments *a, const char *flag)
{
	json_t *list = json_array(), *n;
	const char *text;

	for (size_t i = 0; (text = argument_nth(a, flag, i)); i++) {
		if (!*text) /* none at all */
			continue;
		n = number_of(flag, text);
		if (!n) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, n);
	}
	return list;
}

static json_t *value_of(const struct arguments *a, const struct setting *s, const char *text)
{
	json_t *v;

	switch (s->kind) {
	case SETTING_NUMBERS:
		return numbers_of(a, s->flag);
	case SETTING_NUMBER:
		return *text ? number_of(s->flag, text) : json_null();
	case SETTING_YES_NO:
		return yes_or_no(s->flag, text);
	case SETTING_FILE:
		return *text ? json_file(text, s->flag) : json_null();
	case SETTING_TEXT:
		break;
	}
	v = *text ? json_string(text) : json_null();
	if (!v)
		ctl_complain(0, "%s: UTF-8 is expected", s->flag);
	return v;
}

bool settings_read(const struct arguments *a, const struct setting *settings, size_t n, json_t *object)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = argument_value(a, settings[i].flag);
		json_t *v = text ? value_of(a, &settings[i], text) : NULL;

		if (text && !v)
			return false;
		if (v)
			json_object_set_new(object, settings[i].member, v);
	}
	return true;
}

/* ---- what is shown ---- */

static void add_pair(json_t *rows, const char *key, const json_t *v)
{
	char *text = json_is_string(v) ? strdup(json_string_value(v)) : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

	json_array_append_new(rows, json_pack("[s, s]", key, text ? text : "?"));
	free(text);
}

/* A list of objects has a line each. */
static void add_member(json_t *rows, const char *key, const json_t *v)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(v) || !json_is_object(json_array_get(v, 0))) {
		add_pair(rows, key, v);
		return;
	}
	json_array_foreach(v, i, item)
		add_pair(rows, i ? "" : key, item);
}

static void show(const struct ctl *c, const json_t *o)
{
	json_t *rows;
	const json_t *v;
	const char *key;

	if (c->format != OUTPUT_TABLE)
		return output_list(c, NULL, 0, NULL, o);
	rows = json_array();
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
		add_member(rows, key, v);
	output_pairs(stdout, rows);
	json_decref(rows);
}

/* What a dry run says: for people the status, the difference, and who would be told. */
static void show_dry_run(const struct ctl *c, json_t *o)
{
	if (c->format == OUTPUT_TABLE) {
		json_object_del(o, "dry_run");
		json_object_del(o, "before");
		json_object_del(o, "after");
	}
	show(c, o);
}

/* ---- one ---- */

char *thing_path(const char *prefix, const char *name, const char *more)
{
	char *path = url_path(prefix, name), *whole;

	if (!more)
		return path;
	whole = url_path("/", more);
	path = realloc(path, strlen(path) + strlen(whole) + 1);
	if (!path)
		abort(); /* out of memory */
	strcat(path, whole);
	free(whole);
	return path;
}

int thing_show(const struct ctl *c, char *path)
{
	struct answer answer = { 0 };
	struct rest *r = rest_new(c);
	int status = CTL_USAGE;

	if (!r)
		goto out;
	rest_accept(r, "application/json");
	rest_ask(r, "GET", path, NULL, (struct bytes){ NULL, 0 }, &answer);
	status = answer_status(&answer, "hss");
	if (!status)
		show(c, answer.json);
	answer_free(&answer);
	rest_free(r);
out:
	free(path);
	return status;
}

static int ask(const struct ctl *c, const struct arguments *a, const char *method, const char *path, struct bytes body)
{
	bool dry_run = argument_value(a, "--dry-run");
	struct answer answer = { 0 };
	struct rest *r = rest_new(c);
	char *whole;
	int status;

	if (!r)
		return CTL_USAGE;
	if (asprintf(&whole, "%s%s", path, dry_run ? "?dry_run=true" : "") < 0)
		abort(); /* out of memory */
	rest_ask(r, method, whole, NULL, body, &answer);
	status = answer_status(&answer, "hss");
	if (!status && dry_run && answer.json)
		show_dry_run(c, answer.json);
	else if (!status && answer.json && c->format != OUTPUT_TABLE)
		output_list(c, NULL, 0, NULL, answer.json);
	answer_free(&answer);
	free(whole);
	rest_free(r);
	return status;
}

int thing_send(const struct ctl *c, const struct arguments *a, const char *method, const char *path, const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	int status;

	if (!text)
		abort(); /* out of memory */
	status = ask(c, a, method, path, (struct bytes){ (const uint8_t *)text, strlen(text) });
	explicit_bzero(text, strlen(text));
	free(text);
	return status;
}

int thing_remove(const struct ctl *c, const struct arguments *a, char *path)
{
	int status = ask(c, a, "DELETE", path, (struct bytes){ NULL, 0 });

	free(path);
	return status;
}

/* ---- many ---- */

enum { PAGE = 1000 };

/* The next page onto `all`, and the address of the one after it, NULL at the end. */
static int page(struct rest *r, const struct listing *l, json_t *all, char **path)
{
	struct answer answer = { 0 };
	const char *next;
	int status;

	rest_ask(r, "GET", *path, NULL, (struct bytes){ NULL, 0 }, &answer);
	free(*path);
	status = answer_status(&answer, "hss");
	next = json_string_value(json_object_get(answer.json, "next"));
	*path = !status && next ? strdup(next) : NULL;
	if (!status)
		json_array_extend(all, json_object_get(answer.json, l->member));
	answer_free(&answer);
	return status;
}

static char *first_page(const struct arguments *a, const struct listing *l, unsigned long most)
{
	const char *after = argument_value(a, "--after");
	char *escaped = url_path("", after ? after : ""), *path;

	if (asprintf(&path, "%s%climit=%lu%s%s", l->path, strchr(l->path, '?') ? '&' : '?', most < PAGE ? most : PAGE, after ? "&after=" : "",
		     escaped) < 0)
		abort(); /* out of memory */
	free(escaped);
	return path;
}

static void print(const struct ctl *c, const struct listing *l, const json_t *all)
{
	json_t *rows = json_array();
	const json_t *o;
	size_t i;

	json_array_foreach(all, i, o)
		json_array_append_new(rows, l->row ? l->row(o) : json_incref((json_t *)(uintptr_t)o));
	output_list(c, l->columns, l->column_count, rows, all);
	json_decref(rows);
}

int thing_list(const struct ctl *c, const struct arguments *a, const struct listing *l)
{
	json_t *all = json_array();
	struct rest *r = NULL;
	int status = CTL_USAGE;
	unsigned long most;
	char *path = NULL;

	if (argument_number(a, "--limit", 1, 10000000, 100, &most))
		r = rest_new(c);
	if (r) {
		path = first_page(a, l, most);
		do
			status = page(r, l, all, &path);
		while (!status && path && json_array_size(all) < most);
	}
	while (json_array_size(all) > most)
		json_array_remove(all, json_array_size(all) - 1);
	if (!status)
		print(c, l, all);
	free(path);
	rest_free(r);
	json_decref(all);
	return status;
}
