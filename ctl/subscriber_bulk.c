// SPDX-License-Identifier: Apache-2.0
/* `imsctl subscriber export` and `import`: all subscribers as NDJSON, in one stream each way. */
#include "ctl/output.h"
#include "ctl/progress.h"
#include "ctl/subscriber.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_S = 24 * 3600, SHOWN_MAX = 20 };

/* ---- export ---- */

/* For its owner's eyes: it may hold sealed secrets. */
static FILE *open_new(const char *path)
{
	FILE *f;

	if (!path || !strcmp(path, "-"))
		return stdout;
	umask(077);
	f = fopen(path, "we");
	if (!f)
		ctl_complain(0, "%s: %s", path, strerror(errno));
	return f;
}

int subscriber_export(const struct ctl *c, const struct arguments *a)
{
	const char *path = argument_value(a, "--file");
	FILE *to = open_new(path);
	struct answer answer = { 0 };
	struct rest *r = to ? rest_new(c) : NULL;
	int status = CTL_USAGE;

	if (r) {
		rest_patience(r, PATIENCE_S);
		rest_accept(r, "application/x-ndjson");
		rest_download(r, "/v1/subscribers", to, &answer);
		status = answer_status(&answer, "hss");
	}
	if (to && fflush(to))
		status = ctl_complain(CTL_REFUSED, "%s: %s", path ? path : "standard output", strerror(errno));
	if (to && to != stdout)
		fclose(to);
	answer_free(&answer);
	rest_free(r);
	return status;
}

/* ---- import ---- */

struct upload {
	FILE *from;
	size_t lines;
	struct progress *progress;
};

static size_t read_some(char *out, size_t size, size_t n, void *arg)
{
	struct upload *u = arg;
	size_t got = fread(out, size, n, u->from);

	for (const char *p = out; (p = memchr(p, '\n', got - (size_t)(p - out))); p++)
		u->lines++;
	progress_show(u->progress, u->lines);
	return got;
}

static void show_errors(const json_t *o)
{
	const json_t *errors = json_object_get(o, "errors"), *e;
	long long failed = (long long)json_integer_value(json_object_get(o, "failed"));
	size_t i;

	json_array_foreach(errors, i, e) {
		const char *field = json_string_value(json_object_get(e, "field")), *detail = json_string_value(json_object_get(e, "detail"));

		if (i == SHOWN_MAX)
			break;
		ctl_complain(0, "line %lld: %s%s%s", (long long)json_integer_value(json_object_get(e, "line")), field ? field : "", field ? ": " : "",
			     detail ? detail : "refused");
	}
	if (failed > (long long)i)
		ctl_complain(0, "and %lld wrong lines more", failed - (long long)i);
}

static int tell(const struct ctl *c, const json_t *o)
{
	show_errors(o);
	if (c->format != OUTPUT_TABLE)
		output_list(c, NULL, 0, NULL, o);
	else
		printf("%lld %s, %lld wrong, %lld passed over\n", (long long)json_integer_value(json_object_get(o, "loaded")),
		       json_is_true(json_object_get(o, "dry_run")) ? "would be loaded" : "loaded",
		       (long long)json_integer_value(json_object_get(o, "failed")), (long long)json_integer_value(json_object_get(o, "skipped")));
	return json_integer_value(json_object_get(o, "failed")) ? CTL_REFUSED : CTL_DONE;
}

static char *import_path(const struct arguments *a)
{
	const char *name = argument_value(a, "--name");
	char *escaped = url_path("", name ? name : ""), *path;

	if (asprintf(&path, "/v1/subscribers%s%s%s%s", name || argument_value(a, "--dry-run") ? "?" : "", argument_value(a, "--dry-run") ?
		     "dry_run=true&" : "", name ? "import=" : "", escaped) < 0)
		abort(); /* out of memory */
	free(escaped);
	return path;
}

int subscriber_import(const struct ctl *c, const struct arguments *a)
{
	const char *file = a->operands[0];
	struct upload u = { .from = strcmp(file, "-") ? fopen(file, "re") : stdin };
	char *path = import_path(a);
	struct answer answer = { 0 };
	struct rest *r = NULL;
	int status = CTL_USAGE;

	if (u.from)
		r = rest_new(c);
	else
		ctl_complain(0, "%s: %s", file, strerror(errno));
	if (r) {
		rest_patience(r, PATIENCE_S);
		u.progress = progress_new(0);
		rest_upload(r, path, "application/x-ndjson", read_some, &u, &answer);
		progress_hide(u.progress);
		progress_free(u.progress);
		status = answer_status(&answer, "hss");
	}
	if (!status)
		status = tell(c, answer.json);
	if (u.from && u.from != stdin)
		fclose(u.from);
	answer_free(&answer);
	rest_free(r);
	free(path);
	return status;
}
