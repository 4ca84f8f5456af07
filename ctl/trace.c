// SPDX-License-Identifier: Apache-2.0
/* `imsctl trace`: the last procedures over all daemons, or the ladder of one. */
#include "ctl/trace.h"
#include "ctl/ladder.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include "ctl/pcap.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 100, WIDTH_MIN = 60, LIMIT = 50 };

void time_text(const char *time, char out[32])
{
	snprintf(out, 32, "%.23s", time);
	if (strlen(out) > 10 && out[10] == 'T')
		out[10] = ' ';
}

/* ---- the last procedures ---- */

static int by_time(const void *a, const void *b)
{
	const char *x = json_string_value(json_object_get(*(json_t *const *)a, "time"));
	const char *y = json_string_value(json_object_get(*(json_t *const *)b, "time"));

	return strcmp(x ? x : "", y ? y : "");
}

/* The newest `most`, oldest first. */
static json_t *newest(const struct ctl *c, const struct answer *answers, size_t most)
{
	json_t *all = json_array(), *p, **sorted;
	size_t i, n;

	for (unsigned d = 0; d < c->options->ops_count; d++)
		json_array_foreach(answers[d].json, i, p) {
			json_object_set_new(p, "daemon", json_string(c->options->ops[d].name));
			json_array_append(all, p);
		}
	n = json_array_size(all);
	sorted = calloc(n + 1, sizeof *sorted);
	if (!sorted)
		abort(); /* out of memory */
	json_array_foreach(all, i, p)
		sorted[i] = json_incref(p);
	qsort(sorted, n, sizeof(json_t *), by_time);
	json_array_clear(all);
	for (i = 0; i < n; i++) {
		if (i + most >= n)
			json_array_append(all, sorted[i]);
		json_decref(sorted[i]);
	}
	free(sorted);
	return all;
}

static json_t *rows_of(const json_t *all)
{
	json_t *rows = json_array(), *p;
	char time[32];
	size_t i;

	json_array_foreach(all, i, p) {
		const char *t = json_string_value(json_object_get(p, "time"));

		time_text(t ? t : "", time);
		json_array_append_new(rows, json_pack("{s:s, s:O*, s:O*, s:O*, s:O*, s:f}", "time", time, "procedure", json_object_get(p, "procedure"),
						      "identity", json_object_get(p, "identity"), "result", json_object_get(p, "result"), "id",
						      json_object_get(p, "id"), "ms", json_number_value(json_object_get(p, "seconds")) * 1e3));
	}
	return rows;
}

static int list(const struct ctl *c, size_t most)
{
	static const struct column columns[] = {
		{ "TIME (UTC)", "time", false }, { "IDENTITY", "identity", false }, { "PROCEDURE", "procedure", false },
		{ "RESULT", "result", true },    { "MS", "ms", true },              { "ID", "id", false },
	};
	struct answer *answers = ops_ask_all(c, "GET", "/trace");
	size_t reached = answers_reached(c, answers);
	json_t *all = newest(c, answers, most), *rows = rows_of(all);

	if (reached)
		output_list(c, columns, ARRAY_LEN(columns), rows, all);
	json_decref(rows);
	json_decref(all);
	answers_free(c, answers);
	return reached ? CTL_DONE : CTL_NOT_REACHED;
}

/* ---- one ladder ---- */

static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	unsigned long width = WIDTH;
	struct winsize w;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col)
		width = w.ws_col;
	else if (columns && strtoul(columns, NULL, 10))
		width = strtoul(columns, NULL, 10);
	return width < WIDTH_MIN ? WIDTH_MIN : width > 1000 ? 1000 : (unsigned)width;
}

static FILE *create(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "we") : stdout;

	if (!f)
		ctl_complain(0, "%s: %s", path, strerror(errno));
	return f;
}

static bool finish(FILE *f, const char *path, const struct messages *m)
{
	if (f == stdout)
		return true;
	if (ferror(f) | fclose(f))
		return ctl_complain(false, "%s: %s", path, strerror(errno));
	printf("%s: %zu messages\n", path, m->count);
	return true;
}

static bool write_svg(const char *path, const struct ladder *l, const struct messages *m, const char *name)
{
	char title[300];
	FILE *f = create(path);

	if (!f)
		return false;
	snprintf(title, sizeof title, "Trace of %s", name);
	svg_write(f, l, title);
	return finish(f, path, m);
}

static bool write_pcap(const char *path, const struct ctl *c, const struct messages *m)
{
	FILE *f = create(path);

	if (!f)
		return false;
	pcap_write(f, c->options, m);
	return finish(f, path, m);
}

static void show(const struct ctl *c, const struct arguments *a, const struct ladder *l, const struct messages *m)
{
	bool terminal = isatty(STDOUT_FILENO);
	const struct ladder_look look = { .width = terminal_width(), .utf8 = terminal_utf8(), .colour = terminal && !getenv("NO_COLOR"),
					  .messages = argument_value(a, "--messages") };
	json_t *whole;

	if (c->format == OUTPUT_TABLE)
		return ladder_print(stdout, l, &look);
	whole = messages_json(m);
	output_list(c, NULL, 0, NULL, whole);
	json_decref(whole);
}

static int draw(const struct ctl *c, const struct arguments *a, const struct messages *m)
{
	const char *svg = argument_value(a, "--svg"), *pcap = argument_value(a, "--pcap");
	int status = CTL_DONE;
	struct ladder l;

	ladder_plan(&l, m);
	if (svg && !write_svg(svg, &l, m, a->operands[0]))
		status = CTL_REFUSED;
	if (pcap && !write_pcap(pcap, c, m))
		status = CTL_REFUSED;
	if (!svg && !pcap)
		show(c, a, &l, m);
	ladder_free(&l);
	return status;
}

static int run(const struct ctl *c, const struct arguments *a)
{
	struct messages m = { 0 };
	unsigned long most;
	size_t reached;
	int status;

	if (!argument_number(a, "--limit", 1, 100000, LIMIT, &most))
		return CTL_USAGE;
	if (!a->operand_count && (argument_value(a, "--svg") || argument_value(a, "--pcap") || argument_value(a, "--messages")))
		return ctl_complain(CTL_USAGE, "of which? `imsctl trace` without more lists the ids");
	if (!a->operand_count)
		return list(c, most);
	reached = trace_gather(c, a->operands[0], &m);
	if (m.count)
		status = draw(c, a, &m);
	else if (reached < c->options->ops_count)
		status = ctl_complain(CTL_NOT_REACHED, "%zu of %u daemons reached, and they know nothing of %s", reached, c->options->ops_count, a->operands[0]);
	else
		status = ctl_complain(CTL_REFUSED, "no daemon knows a message of %s (any more)", a->operands[0]);
	messages_free(&m);
	return status;
}

static const struct flag flags[] = {
	{ "--svg", "FILE", "a picture instead; -: standard output", false },
	{ "--pcap", "FILE", "a capture for Wireshark instead; -: standard output", false },
	{ "--messages", NULL, "the texts of the messages, too", false },
	{ "--limit", "N", "so many procedures in the list, else 50", false },
	{ 0 }
};

static const struct verb verbs[] = {
	{ NULL, "[ID|CALL-ID|IDENTITY]", 0, 1, "Lists the last procedures, or draws the messages of one over all daemons",
	  "An identity stands for its newest procedure. SIP is drawn as ->, Diameter as =>; secrets are blanked.\n"
	  "With trace.mode: failures, the list has only procedures that failed.", flags, run },
};

const struct noun trace_noun = { "trace", "what happened, message by message", verbs, 1 };
