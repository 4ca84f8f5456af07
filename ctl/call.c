// SPDX-License-Identifier: Apache-2.0
/* `imsctl call list`: the calls in progress. The S-CSCF counts both halves of a call; here it is one line. */
#include "ctl/client.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include <stdlib.h>
#include <string.h>

static json_t *find(const json_t *all, const json_t *call)
{
	json_t *known;
	size_t i;

	json_array_foreach(all, i, known)
		if (json_equal(json_object_get(known, "call_id"), json_object_get(call, "call_id")))
			return known;
	return NULL;
}

/* The half that was not there yet. */
static void join(json_t *known, const json_t *call)
{
	json_array_extend(json_object_get(known, "cases"), json_object_get(call, "cases"));
	json_object_update_missing(known, (json_t *)(uintptr_t)call);
	if (json_integer_value(json_object_get(call, "start_ms")) < json_integer_value(json_object_get(known, "start_ms")))
		json_object_set(known, "start_ms", json_object_get(call, "start_ms"));
}

static void add(json_t *all, json_t *call, const char *daemon)
{
	json_t *known = find(all, call);

	json_object_set_new(call, "cases", json_pack("[{s:O, s:s}]", "case", json_object_get(call, "case"), "daemon", daemon));
	json_object_del(call, "case");
	if (known)
		join(known, call);
	else
		json_array_append(all, call);
}

static json_t *rows_of(const json_t *all)
{
	json_int_t now_ms = (json_int_t)(clock_wall_ns() / 1000000);
	json_t *rows = json_array(), *call;
	size_t i;

	json_array_foreach(all, i, call) {
		json_int_t age_ms = now_ms - json_integer_value(json_object_get(call, "start_ms"));
		const char *from = json_string_value(json_object_get(call, "from")), *to = json_string_value(json_object_get(call, "to"));

		json_array_append_new(rows, json_pack("{s:O, s:s, s:s, s:I}", "call_id", json_object_get(call, "call_id"), "from",
						      from ? from : "", "to", to ? to : "", "seconds", age_ms > 0 ? age_ms / 1000 : 0));
	}
	return rows;
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "FROM", "from", false }, { "TO", "to", false }, { "SECONDS", "seconds", true }, { "CALL-ID", "call_id", false },
	};
	struct answer *answers = ops_ask_all(c, "GET", "/calls");
	size_t reached = answers_reached(c, answers), n, i;
	json_t *all = json_array(), *rows, *call;

	(void)a;
	for (unsigned d = 0; d < c->options->ops_count; d++) {
		if (answers[d].status != 200)
			continue;
		json_array_foreach(answers[d].json, i, call)
			add(all, call, c->options->ops[d].name);
	}
	rows = rows_of(all);
	n = json_array_size(all);
	if (reached)
		output_list(c, columns, ARRAY_LEN(columns), rows, all);
	json_decref(rows);
	json_decref(all);
	answers_free(c, answers);
	return reached == c->options->ops_count || n ? CTL_DONE : CTL_NOT_REACHED;
}

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists the calls in progress", NULL, NULL, run_list },
};

const struct noun call_noun = { "call", "calls in progress: list", verbs, ARRAY_LEN(verbs) };
