// SPDX-License-Identifier: Apache-2.0
/* `imsctl slf`: which HSS has whom, as an SLF tells it. [TS 23.228 5.8.1] */
#include "ctl/client.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000 };

static struct rest *door(const struct ctl *c)
{
	struct rest *r = rest_new(c);

	if (r)
		rest_at(r, c->options->slf);
	return r;
}

static int ask(const struct ctl *c, const char *method, const char *name, const char *body, struct answer *answer)
{
	struct rest *r = door(c);
	char *path;

	if (!r)
		return CTL_USAGE;
	path = url_path("/v1/slf/", name);
	rest_ask(r, method, path, NULL, (struct bytes){ (const uint8_t *)body, body ? strlen(body) : 0 }, answer);
	free(path);
	rest_free(r);
	return answer_status(answer, "slf");
}

/* "hss1.ims.test,hss2.ims.test": the front ends of one. */
static char *hosts_json(const char *list)
{
	json_t *hosts = json_array(), *o = json_pack("{s:o}", "hss", hosts);
	char *text;

	for (const char *p = list; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");

		json_array_append_new(hosts, json_stringn(p, n));
		p += n;
	}
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

static int run_set(const struct ctl *c, const struct arguments *a)
{
	char *body = hosts_json(a->operands[1]);
	struct answer answer = { 0 };
	int status = body ? ask(c, "PUT", a->operands[0], body, &answer) : ctl_complain(CTL_USAGE, "HSS: a name in UTF-8 is expected");

	answer_free(&answer);
	free(body);
	return status;
}

static int run_remove(const struct ctl *c, const struct arguments *a)
{
	struct answer answer = { 0 };
	int status = ask(c, "DELETE", a->operands[0], NULL, &answer);

	answer_free(&answer);
	return status;
}

/* ---- list ---- */

static const char *const kinds[] = { "identity", "wildcard", "domain" };

static const char *kind_of(const json_t *route)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (json_object_get(route, kinds[i]))
			return kinds[i];
	return "";
}

static const char *name_of(const json_t *route)
{
	const char *name = json_string_value(json_object_get(route, kind_of(route)));

	return name ? name : "";
}

static json_t *row_of(const json_t *route)
{
	const json_t *hosts = json_object_get(route, "hss"), *host;
	char text[512] = "";
	size_t i;

	json_array_foreach(hosts, i, host) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "", json_string_value(host) ? json_string_value(host) : "");
	}
	return json_pack("{s:s, s:s, s:s}", "name", name_of(route), "kind", kind_of(route), "hss", text);
}

/* A page after `after` onto `all`; false at the end. */
static bool page(struct rest *r, json_t *all, unsigned long most, char **after, json_int_t *total, int *status)
{
	struct answer answer = { 0 };
	char *path, *start = url_path("", *after);
	size_t got;

	if (asprintf(&path, "/v1/slf?limit=%lu&after=%s", most < PAGE ? most : PAGE, start) < 0)
		abort(); /* out of memory */
	rest_ask(r, "GET", path, NULL, (struct bytes){ NULL, 0 }, &answer);
	*status = answer_status(&answer, "slf");
	got = json_array_size(json_object_get(answer.json, "routes"));
	if (!*status && got) {
		json_array_extend(all, json_object_get(answer.json, "routes"));
		free(*after);
		*after = strdup(name_of(json_array_get(all, json_array_size(all) - 1)));
	}
	*total = json_integer_value(json_object_get(answer.json, "total"));
	answer_free(&answer);
	free(path);
	free(start);
	return !*status && got == PAGE && most > PAGE;
}

static void list_print(const struct ctl *c, const json_t *all, json_int_t total)
{
	static const struct column columns[] = { { "NAME", "name", false }, { "KIND", "kind", false }, { "HSS", "hss", false } };
	json_t *rows = json_array();
	const json_t *route;
	size_t i;

	json_array_foreach(all, i, route)
		json_array_append_new(rows, row_of(route));
	output_list(c, columns, ARRAY_LEN(columns), rows, all);
	if (c->format == OUTPUT_TABLE && total > (json_int_t)json_array_size(all))
		printf("%zu of %lld; --limit shows more\n", json_array_size(all), (long long)total);
	json_decref(rows);
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	const char *from = argument_value(a, "--after");
	char *after = strdup(from ? from : "");
	json_t *all = json_array();
	unsigned long most;
	json_int_t total = 0;
	struct rest *r = NULL;
	int status = CTL_USAGE;

	if (argument_number(a, "--limit", 1, 10000000, 100, &most))
		r = door(c);
	while (r && page(r, all, most - json_array_size(all), &after, &total, &status))
		;
	if (!status)
		list_print(c, all, total);
	rest_free(r);
	json_decref(all);
	free(after);
	return status;
}

static const struct flag list_flags[] = {
	{ "--limit", "N", "at most so many, else 100", false },
	{ "--after", "NAME", "those after this one, in the order of names", false },
	{ 0 }
};

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists which HSS has whom", NULL, list_flags, run_list },
	{ "set", "NAME HSS", 2, 2, "Says which HSS has an identity, a wildcard or a domain",
	  "NAME: alice@ims.test, sip:alice@ims.test, 'sip:chatlist!.*!@ims.test', ims.test, .ims.test for all under it.\n"
	  "HSS: its Diameter identity or URI; several front ends of one with a comma between them.", NULL, run_set },
	{ "remove", "NAME", 1, 1, "Removes what `set` said of a name", NULL, NULL, run_remove },
};

const struct noun slf_noun = { "slf", "which HSS has whom: list, set, remove", verbs, ARRAY_LEN(verbs) };
