// SPDX-License-Identifier: Apache-2.0
/* `imsctl profile`: service profiles, as ServiceProfile XML or as JSON. [TS 29.228 annex E] */
#include "ctl/secret.h"
#include "ctl/thing.h"
#include <stdlib.h>
#include <string.h>

static json_t *row(const json_t *name)
{
	return json_pack("{s:O}", "name", name);
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = { { "PROFILE", "name", false } };

	return thing_list(c, a, &(struct listing){ "/v1/profiles", "profiles", columns, ARRAY_LEN(columns), row });
}

static int show_xml(const struct ctl *c, const char *path)
{
	struct answer answer = { 0 };
	struct rest *r = rest_new(c);
	int status;

	if (!r)
		return CTL_USAGE;
	rest_accept(r, "application/xml");
	rest_ask(r, "GET", path, NULL, (struct bytes){ NULL, 0 }, &answer);
	status = answer_status(&answer, "hss");
	if (!status)
		printf("%s\n", answer.text);
	answer_free(&answer);
	rest_free(r);
	return status;
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	char *path = thing_path("/v1/profiles/", a->operands[0], NULL);
	int status;

	if (!argument_value(a, "--xml"))
		return thing_show(c, path);
	status = show_xml(c, path);
	free(path);
	return status;
}

/* XML begins with "<". */
static int run_put(const struct ctl *c, const struct arguments *a)
{
	const char *file = argument_value(a, "--file");
	char *text = file ? file_read(file) : NULL, *path;
	bool xml = text && text[strspn(text, " \t\r\n")] == '<';
	struct answer answer = { 0 };
	struct rest *r = NULL;
	int status = CTL_USAGE;

	if (!file)
		return ctl_complain(CTL_USAGE, "--file is needed");
	path = thing_path("/v1/profiles/", a->operands[0], NULL);
	if (argument_value(a, "--dry-run")) {
		path = realloc(path, strlen(path) + sizeof "?dry_run=true");
		if (!path)
			abort(); /* out of memory */
		strcat(path, "?dry_run=true");
	}
	if (text)
		r = rest_new(c);
	if (r) {
		rest_ask(r, "PUT", path, xml ? "application/xml" : NULL, (struct bytes){ (const uint8_t *)text, strlen(text) }, &answer);
		status = answer_status(&answer, "hss");
	}
	if (!status && answer.json && argument_value(a, "--dry-run"))
		output_list(&(struct ctl){ c->options, c->format == OUTPUT_TABLE ? OUTPUT_YAML : c->format }, NULL, 0, NULL, answer.json);
	answer_free(&answer);
	rest_free(r);
	free(path);
	free(text);
	return status;
}

static int run_remove(const struct ctl *c, const struct arguments *a)
{
	return thing_remove(c, a, thing_path("/v1/profiles/", a->operands[0], NULL));
}

static const struct flag list_flags[] = { LIST_FLAGS, { 0 } };
static const struct flag show_flags[] = { { "--xml", NULL, "as the ServiceProfile that the S-CSCF is given", false }, { 0 } };
static const struct flag put_flags[] = { { "--file", "FILE", "a ServiceProfile in XML, or JSON; -: standard input", false }, DRY_RUN_FLAG, { 0 } };
static const struct flag remove_flags[] = { DRY_RUN_FLAG, { 0 } };

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists service profiles", NULL, list_flags, run_list },
	{ "show", "NAME", 1, 1, "Shows one", NULL, show_flags, run_show },
	{ "put", "NAME", 1, 1, "Makes one, or writes it anew", "The S-CSCFs of users that are registered with it are told.", put_flags, run_put },
	{ "remove", "NAME", 1, 1, "Removes one that no identity has", NULL, remove_flags, run_remove },
};

const struct noun profile_noun = { "profile", "service profiles: list, show, put, remove", verbs, ARRAY_LEN(verbs) };
