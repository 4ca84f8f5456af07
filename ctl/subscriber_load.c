// SPDX-License-Identifier: Apache-2.0
/* `imsctl subscriber load`: many subscribers as NDJSON, chunk by chunk over one connection.
 *
 *   file or numbers ─▶ lines ─▶ a chunk is full ─▶ POST ─▶ what was loaded and what was wrong ─▶ the next
 */
#include "ctl/output.h"
#include "ctl/pattern.h"
#include "ctl/progress.h"
#include "ctl/subscriber.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_LINES = 2000, CHUNK_BYTES = 4 << 20, SHOWN_MAX = 20, PATIENCE_S = 120, TEXT_MAX = 200 };

struct load {
	const struct ctl *ctl;
	struct rest *rest;
	FILE *file;                              /* NULL: by number */
	struct pattern user, password;
	unsigned long next, left;                /* numbers */
	struct { char *text; size_t len, size, lines; } chunk;
	size_t lines, loaded, failed, shown;     /* of the chunks that are through */
	struct progress *progress;
	int status;
};

/* ---- lines ---- */

static void append(struct load *l, const char *text, size_t len)
{
	if (l->chunk.len + len > l->chunk.size) {
		l->chunk.size = 2 * (l->chunk.len + len);
		l->chunk.text = realloc(l->chunk.text, l->chunk.size);
		if (!l->chunk.text)
			abort(); /* out of memory */
	}
	memcpy(l->chunk.text + l->chunk.len, text, len);
	l->chunk.len += len;
}

/* 1, 0 at the end, -1 after saying what is wrong. */
static int line_by_number(struct load *l)
{
	char user[TEXT_MAX], password[TEXT_MAX], *text;
	json_t *o;

	if (!l->left)
		return 0;
	if (!pattern_write(&l->user, l->next, user, sizeof user) || !pattern_write(&l->password, l->next, password, sizeof password))
		return ctl_complain(-1, "a name of at most %d characters is expected", TEXT_MAX - 1);
	o = json_pack("{s:o, s:{s:s, s:s}, s:[{s:o}]}", "impi", json_sprintf("%s@%s", user, l->ctl->options->domain), "credentials", "scheme",
		      "digest", "password", password, "identities", "impu", json_sprintf("sip:%s@%s", user, l->ctl->options->domain));
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!text)
		return ctl_complain(-1, "names in UTF-8 are expected");
	append(l, text, strlen(text));
	append(l, "\n", 1);
	free(text);
	l->next++;
	l->left--;
	return 1;
}

static int line_of_file(struct load *l)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n = getline(&line, &size, l->file);
	int more = 1;

	if (n > 0) {
		append(l, line, (size_t)n);
		if (line[n - 1] != '\n')
			append(l, "\n", 1);
	} else {
		more = ferror(l->file) ? ctl_complain(-1, "line %zu: %s", l->lines + l->chunk.lines + 1, strerror(errno)) : 0;
	}
	free(line);
	return more;
}

static int fill(struct load *l)
{
	int more = 1;

	l->chunk.len = l->chunk.lines = 0;
	while (more > 0 && l->chunk.lines < CHUNK_LINES && l->chunk.len < CHUNK_BYTES) {
		more = l->file ? line_of_file(l) : line_by_number(l);
		l->chunk.lines += more > 0;
	}
	return more;
}

/* ---- chunks ---- */

static void show_errors(struct load *l, const json_t *errors)
{
	const json_t *e;
	size_t i;

	json_array_foreach(errors, i, e) {
		const char *field = json_string_value(json_object_get(e, "field")), *detail = json_string_value(json_object_get(e, "detail"));

		if (l->shown == SHOWN_MAX)
			return;
		l->shown++;
		progress_hide(l->progress);
		ctl_complain(0, "line %zu: %s%s%s", l->lines + (size_t)json_integer_value(json_object_get(e, "line")), field ? field : "",
			     field ? ": " : "", detail ? detail : "refused");
	}
}

static bool send(struct load *l)
{
	struct answer answer = { 0 };

	rest_ask(l->rest, "POST", "/v1/subscribers", "application/x-ndjson", (struct bytes){ (uint8_t *)l->chunk.text, l->chunk.len }, &answer);
	l->status = answer_status(&answer, "hss");
	if (!l->status) {
		l->loaded += (size_t)json_integer_value(json_object_get(answer.json, "loaded"));
		l->failed += (size_t)json_integer_value(json_object_get(answer.json, "failed"));
		show_errors(l, json_object_get(answer.json, "errors"));
		l->lines += l->chunk.lines;
		progress_show(l->progress, l->lines);
	}
	answer_free(&answer);
	return !l->status;
}

static void run(struct load *l)
{
	int more;

	do {
		more = fill(l);
		if (more < 0)
			l->status = CTL_USAGE;
		else if (l->chunk.lines && !send(l))
			more = 0;
	} while (more > 0);
	if (l->failed > l->shown)
		ctl_complain(0, "and %zu wrong lines more", l->failed - l->shown);
	if (!l->status && l->failed)
		l->status = CTL_REFUSED;
}

/* ---- what is asked for ---- */

static bool read_pattern(const struct arguments *a, const char *flag, const char *otherwise, struct pattern *out)
{
	const char *text = argument_value(a, flag) ? argument_value(a, flag) : otherwise;

	return pattern_read(text, out) || ctl_complain(false, "%s: one %%d, or %%06d, is expected: '%s'", flag, text);
}

static bool read_numbers(struct load *l, const struct arguments *a)
{
	return argument_number(a, "--count", 1, 100000000, 0, &l->left) && argument_number(a, "--first", 0, 1000000000, 1, &l->next) &&
	       read_pattern(a, "--user", "user%06d", &l->user) && read_pattern(a, "--password", "password%06d", &l->password);
}

static bool read_what(struct load *l, const struct arguments *a)
{
	static const char *const numbered[] = { "--count", "--first", "--user", "--password" };
	const char *path = argument_value(a, "--file");

	if (!path)
		return argument_value(a, "--count") ? read_numbers(l, a) : ctl_complain(false, "either --file or --count is needed");
	for (size_t i = 0; i < ARRAY_LEN(numbered); i++)
		if (argument_value(a, numbered[i]))
			return ctl_complain(false, "%s is not for --file", numbered[i]);
	l->file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	return l->file || ctl_complain(false, "%s: %s", path, strerror(errno));
}

static void tell(const struct load *l, double seconds)
{
	json_t *o = json_pack("{s:I, s:I, s:f}", "loaded", (json_int_t)l->loaded, "failed", (json_int_t)l->failed, "seconds", seconds);

	if (l->ctl->format == OUTPUT_TABLE)
		printf("%zu loaded, %zu wrong, %.1f s\n", l->loaded, l->failed, seconds);
	else
		output_list(l->ctl, NULL, 0, NULL, o);
	json_decref(o);
}

int subscriber_load(const struct ctl *c, const struct arguments *a)
{
	struct load l = { .ctl = c, .status = CTL_USAGE };
	uint64_t began = clock_ns();

	if (read_what(&l, a))
		l.rest = rest_new(c);
	if (l.rest) {
		rest_patience(l.rest, PATIENCE_S);
		l.progress = progress_new(l.left);
		run(&l);
		progress_hide(l.progress);
		progress_free(l.progress);
		tell(&l, (double)(clock_ns() - began) / 1e9);
	}
	if (l.file && l.file != stdin)
		fclose(l.file);
	rest_free(l.rest);
	free(l.chunk.text);
	return l.status;
}
