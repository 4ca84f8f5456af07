// SPDX-License-Identifier: Apache-2.0
/* `imsctl status`: how each daemon is. */
#include "ctl/client.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include <stdlib.h>
#include <string.h>

/* The value of a metric without labels in the Prometheus text; -1: not there. */
static json_int_t metric(const struct answer *a, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = a->status == 200 ? a->text : NULL; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, name, n) && p[n] == ' ')
			return (json_int_t)strtod(p + n, NULL);
	return -1;
}

static void set_count(json_t *o, const char *key, json_int_t n)
{
	if (n >= 0)
		json_object_set_new(o, key, json_integer(n));
}

static json_t *state_of(const struct ctl_daemon *d, const struct answer *health, const struct answer *metrics)
{
	json_t *o = json_pack("{s:s, s:s}", "name", d->name, "address", d->address);

	json_object_set_new(o, "reached", json_boolean(health->status));
	if (!health->status)
		return o;
	json_object_set_new(o, "ready", json_boolean(health->status == 200));
	json_object_update_missing(o, health->json);
	set_count(o, "registered", metric(metrics, "minims_bindings"));
	set_count(o, "calls", metric(metrics, "minims_dialogs"));
	return o;
}

/* "3 up", "2 up, down: hss" */
static json_t *peers_text(const json_t *peers)
{
	char down[256] = "";
	size_t i, up = 0;
	const json_t *p;

	json_array_foreach(peers, i, p) {
		const char *state = json_string_value(json_object_get(p, "state")), *name = json_string_value(json_object_get(p, "name"));
		size_t n = strlen(down);

		if (state && !strcmp(state, "up"))
			up++;
		else
			snprintf(down + n, sizeof down - n, "%s %s", n ? "," : ", down:", name ? name : "?");
	}
	return json_sprintf("%zu up%s", up, down);
}

static json_t *row_of(const json_t *o)
{
	bool reached = json_is_true(json_object_get(o, "reached")), ready = json_is_true(json_object_get(o, "ready"));
	json_t *row = json_pack("{s:O, s:s, s:O}", "name", json_object_get(o, "name"), "state",
				ready ? "ready" : reached ? "not ready" : "not reached", "address", json_object_get(o, "address"));

	if (reached) {
		json_object_set(row, "version", json_object_get(o, "version"));
		json_object_set_new(row, "peers", peers_text(json_object_get(o, "peers")));
		json_object_set(row, "registered", json_object_get(o, "registered"));
		json_object_set(row, "calls", json_object_get(o, "calls"));
	}
	return row;
}

static int run(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "DAEMON", "name", false },          { "STATE", "state", false },   { "VERSION", "version", false },
		{ "ADDRESS", "address", false },      { "REGISTERED", "registered", true }, { "CALLS", "calls", true },
		{ "PEERS", "peers", false },
	};
	struct answer *health = ops_ask_all(c, "GET", "/health"), *metrics = ops_ask_all(c, "GET", "/metrics");
	json_t *all = json_array(), *rows = json_array();
	int status = CTL_DONE;

	(void)a;
	for (unsigned d = 0; d < c->options->ops_count; d++) {
		json_t *o = state_of(&c->options->ops[d], &health[d], &metrics[d]);

		json_array_append_new(rows, row_of(o));
		json_array_append_new(all, o);
		if (!health[d].status)
			status = CTL_NOT_REACHED;
		else if (health[d].status != 200 && !status)
			status = CTL_REFUSED;
	}
	output_list(c, columns, ARRAY_LEN(columns), rows, all);
	json_decref(rows);
	json_decref(all);
	answers_free(c, health);
	answers_free(c, metrics);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, NULL, 0, 0, "Shows how each daemon is",
	  "Ready or not, its peers, contacts registered and calls in progress. Exit status 1 when one is not ready,\n3 when one is not reached.",
	  NULL, run },
};

const struct noun status_noun = { "status", "how each daemon is", verbs, 1 };
