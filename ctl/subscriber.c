// SPDX-License-Identifier: Apache-2.0
/* `imsctl subscriber`: its verbs, and those that only read or remove. */
#include "ctl/subscriber.h"
#include "ctl/output.h"
#include "ctl/thing.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000 };

/* ---- show ---- */

static void pair(json_t *rows, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void pair(json_t *rows, const char *name, const char *fmt, ...)
{
	va_list args;
	json_t *text;

	va_start(args, fmt);
	text = json_vsprintf(fmt, args);
	va_end(args);
	json_array_append_new(rows, json_pack("[s, o]", name, text ? text : json_string("?")));
}

static const char *member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void pair_credentials(json_t *rows, const json_t *o)
{
	const json_t *c = json_object_get(o, "credentials"), *v;
	char algorithms[128] = "";
	size_t i;

	json_array_foreach(json_object_get(c, "algorithms"), i, v) {
		size_t n = strlen(algorithms);

		snprintf(algorithms + n, sizeof algorithms - n, "%s%s", n ? ", " : " with ", json_string_value(v));
	}
	pair(rows, "credentials", "%s%s%s%s", member(c, "scheme"), algorithms, *member(c, "realm") ? ", realm " : "", member(c, "realm"));
}

static void pair_identities(json_t *rows, const json_t *o)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(o, "identities"), i, v) {
		const char *profile = member(v, "profile");

		pair(rows, i ? "" : "identities", "%s  set %lld%s%s%s", member(v, "impu"), (long long)json_integer_value(json_object_get(v, "set")),
		     json_is_true(json_object_get(v, "barred")) ? ", barred" : "", *profile ? ", profile " : "", profile);
	}
}

/* What has no words of its own, as JSON. */
static void pair_others(json_t *rows, const json_t *o)
{
	static const char *const keys[] = { "capabilities", "visited_networks", "charging", "cloud" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char *text = json_dumps(json_object_get(o, keys[i]), JSON_COMPACT);

		if (text)
			pair(rows, keys[i], "%s", text);
		free(text);
	}
}

static void show_table(const json_t *o)
{
	const json_t *registration = json_object_get(o, "registration");
	const char *scscf = member(registration, "scscf");
	json_t *rows = json_array();

	pair(rows, "subscriber", "%s", member(o, "impi"));
	if (strcmp(member(o, "impi"), member(o, "subscription")))
		pair(rows, "subscription", "%s", member(o, "subscription"));
	pair_credentials(rows, o);
	pair_identities(rows, o);
	pair(rows, "state", "%s%s%s", member(registration, "state"), *scscf ? " at " : "", scscf);
	pair_others(rows, o);
	output_pairs(stdout, rows);
	json_decref(rows);
}

static int ask(const struct ctl *c, const char *method, const char *impi, struct answer *answer)
{
	struct rest *r = rest_new(c);
	char *path;

	if (!r)
		return CTL_USAGE;
	path = url_path("/v1/subscribers/", impi);
	rest_ask(r, method, path, NULL, (struct bytes){ NULL, 0 }, answer);
	free(path);
	rest_free(r);
	return answer_status(answer, "hss");
}

int subscriber_show(const struct ctl *c, const struct arguments *a)
{
	struct answer answer = { 0 };
	int status = ask(c, "GET", a->operands[0], &answer);

	if (!status && c->format == OUTPUT_TABLE)
		show_table(answer.json);
	else if (!status)
		output_list(c, NULL, 0, NULL, answer.json);
	answer_free(&answer);
	return status;
}

int subscriber_remove(const struct ctl *c, const struct arguments *a)
{
	return thing_remove(c, a, thing_path("/v1/subscribers/", a->operands[0], NULL));
}

/* ---- list ---- */

static json_t *row_of(const json_t *o)
{
	const json_t *identities = json_object_get(o, "identities"), *registration = json_object_get(o, "registration");
	const char *first = member(json_array_get(identities, 0), "impu");
	size_t more = json_array_size(identities);

	return json_pack("{s:s, s:o, s:s, s:s, s:s}", "impi", member(o, "impi"), "identities",
			 more > 1 ? json_sprintf("%s and %zu more", first, more - 1) : json_string(first), "scheme",
			 member(json_object_get(o, "credentials"), "scheme"), "state", member(registration, "state"), "scscf",
			 member(registration, "scscf"));
}

/* A page after `after` onto `all`; false at the end. */
static bool page(struct rest *r, json_t *all, unsigned long most, char **after, json_int_t *total, int *status)
{
	struct answer answer = { 0 };
	char *path, *start = url_path("", *after);
	size_t got;

	if (asprintf(&path, "/v1/subscribers?limit=%lu&after=%s", most < PAGE ? most : PAGE, start) < 0)
		abort(); /* out of memory */
	rest_ask(r, "GET", path, NULL, (struct bytes){ NULL, 0 }, &answer);
	*status = answer_status(&answer, "hss");
	got = json_array_size(json_object_get(answer.json, "subscribers"));
	if (!*status && got) {
		json_array_extend(all, json_object_get(answer.json, "subscribers"));
		free(*after);
		*after = strdup(member(json_array_get(all, json_array_size(all) - 1), "impi"));
	}
	*total = json_integer_value(json_object_get(answer.json, "total"));
	answer_free(&answer);
	free(path);
	free(start);
	return !*status && got && most > PAGE && got == PAGE;
}

static void list_print(const struct ctl *c, const json_t *all, json_int_t total)
{
	static const struct column columns[] = {
		{ "SUBSCRIBER", "impi", false }, { "IDENTITIES", "identities", false }, { "SCHEME", "scheme", false },
		{ "STATE", "state", false },     { "S-CSCF", "scscf", false },
	};
	json_t *rows = json_array();
	const json_t *o;
	size_t i;

	json_array_foreach(all, i, o)
		json_array_append_new(rows, row_of(o));
	output_list(c, columns, ARRAY_LEN(columns), rows, all);
	if (c->format == OUTPUT_TABLE && total > (json_int_t)json_array_size(all))
		printf("%zu of %lld; --limit shows more\n", json_array_size(all), (long long)total);
	json_decref(rows);
}

int subscriber_list(const struct ctl *c, const struct arguments *a)
{
	const char *from = argument_value(a, "--after");
	char *after = strdup(from ? from : "");
	json_t *all = json_array();
	unsigned long most;
	json_int_t total = 0;
	struct rest *r = NULL;
	int status = CTL_USAGE;

	if (argument_number(a, "--limit", 1, 10000000, 100, &most))
		r = rest_new(c);
	while (r && page(r, all, most - json_array_size(all), &after, &total, &status))
		;
	if (!status)
		list_print(c, all, total);
	rest_free(r);
	json_decref(all);
	free(after);
	return status;
}

/* ---- the table ---- */

#define SUBSCRIBER_FLAGS \
	{ "--impu", "URI", "a public identity: sip:alice@ims.test, tel:+15550001", true }, \
	{ "--scheme", "digest|aka", "how it proves who it is; else by what is given", false }, \
	{ "--password-file", "FILE", "its first line is the password; -: standard input", false }, \
	{ "--algorithm", "milenage|tuak", "AKA: the algorithm set; else by what is given", false }, \
	{ "--k", "HEX|@FILE", "AKA: the key, 32 digits; TUAK: 32 or 64", FLAG_SECRET }, \
	{ "--opc", "HEX|@FILE", "AKA: OPc, 32 digits", FLAG_SECRET }, \
	{ "--op", "HEX|@FILE", "AKA: OP, 32 digits, instead of OPc", FLAG_SECRET }, \
	{ "--topc", "HEX|@FILE", "TUAK: TOPc, 64 digits", FLAG_SECRET }, \
	{ "--top", "HEX|@FILE", "TUAK: TOP, 64 digits, instead of TOPc", FLAG_SECRET }, \
	{ "--iterations", "N", "TUAK: how often Keccak-f, 1 to 255, else 1", false }, \
	{ "--res-bits", "N", "TUAK: length of RES, 32, 64 or 128, else 64", false }, \
	{ "--amf", "HEX", "AKA: AMF, 4 digits, else 8000", false }, \
	{ "--profile", "FILE.xml", "its ServiceProfile [TS 29.228 annex E]; -: standard input", false }

static const struct flag add_flags[] = { SUBSCRIBER_FLAGS, DRY_RUN_FLAG, { 0 } };

static const struct flag set_flags[] = {
	SUBSCRIBER_FLAGS,
	{ "--remove-impu", "URI", "a public identity that goes", true },
	DRY_RUN_FLAG,
	{ 0 }
};

static const struct flag list_flags[] = {
	{ "--limit", "N", "at most so many, else 100", false },
	{ "--after", "IMPI", "those after this one, in the order of names", false },
	{ 0 }
};

static const struct flag load_flags[] = {
	{ "--file", "F", "a line of NDJSON each; -: standard input", false },
	{ "--count", "N", "makes N users by number instead", false },
	{ "--first", "N", "the first number, else 1", false },
	{ "--user", "PATTERN", "the user part, else user%06d", false },
	{ "--password", "PATTERN", "the password, else password%06d", false },
	{ 0 }
};

static const struct flag remove_flags[] = { DRY_RUN_FLAG, { 0 } };

static const struct flag export_flags[] = { { "--file", "F", "where to; else standard output", false }, { 0 } };

static const struct flag import_flags[] = {
	{ "--name", "NAME", "a name for it: sent again after it broke off, it goes on from there", false },
	DRY_RUN_FLAG,
	{ 0 }
};

static const struct verb verbs[] = {
	{ "add", "IMPI", 1, 1, "Makes a subscriber", "Without --impu its identity is sip:IMPI.", add_flags, subscriber_add },
	{ "set", "IMPI", 1, 1, "Changes a subscriber", "--impu adds to the identities that it has.", set_flags, subscriber_set },
	{ "show", "IMPI", 1, 1, "Shows a subscriber, without its secrets", NULL, NULL, subscriber_show },
	{ "remove", "IMPI", 1, 1, "Removes a subscriber", NULL, remove_flags, subscriber_remove },
	{ "list", NULL, 0, 0, "Lists subscribers", NULL, list_flags, subscriber_list },
	{ "load", NULL, 0, 0, "Loads many subscribers at once",
	  "From a file, or by number, for load tests: user000001@DOMAIN with sip:user000001@DOMAIN and\n"
	  "password000001, and so on. A PATTERN has one %d, or %06d for leading zeros. Who is there already\n"
	  "is replaced. A wrong line is told with its number and left out; the others stay.", load_flags, subscriber_load },
	{ "export", NULL, 0, 0, "Writes all subscribers as NDJSON, as they are at one moment",
	  "With a token of the security role, credentials go along, sealed under the master key.", export_flags, subscriber_export },
	{ "import", "FILE", 1, 1, "Takes such a file back; -: standard input",
	  "Who is there already is replaced. A wrong line is told with its number and left out; the others stay.", import_flags, subscriber_import },
};

const struct noun subscriber_noun = { "subscriber", "who may use the network: add, set, show, remove, list, load, export, import", verbs, ARRAY_LEN(verbs) };
