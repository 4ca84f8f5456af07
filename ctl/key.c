// SPDX-License-Identifier: Apache-2.0
/* `imsctl key`: the HSS's master key. No key is ever shown; a new one can be given from a file.
 *
 *   rotate ─▶ POST /v1/key/rotate ─▶ GET /v1/key again and again, a bar ─▶ one key is left
 */
#include "ctl/client.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include "ctl/progress.h"
#include "ctl/secret.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLL_MS = 200 };

static const char *member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static long long number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static void show(const struct ctl *c, const json_t *o)
{
	json_t *rows;

	if (c->format != OUTPUT_TABLE) {
		output_list(c, NULL, 0, NULL, o);
		return;
	}
	rows = json_pack("[[s, o], [s, s], [s, s]]", "key", json_sprintf("number %lld", number(o, "key")), "source", member(o, "source"), "state",
			 member(o, "state"));
	if (number(o, "total"))
		json_array_append_new(rows, json_pack("[s, o]", "sealed anew", json_sprintf("%lld of %lld", number(o, "resealed"), number(o, "total"))));
	if (number(o, "unopened"))
		json_array_append_new(rows, json_pack("[s, o]", "not opened", json_sprintf("%lld: the HSS's log names them", number(o, "unopened"))));
	output_pairs(stdout, rows);
	json_decref(rows);
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	struct answer answer = { 0 };
	struct rest *r = rest_new(c);
	int status;

	(void)a;
	if (!r)
		return CTL_USAGE;
	rest_ask(r, "GET", "/v1/key", NULL, (struct bytes){ NULL, 0 }, &answer);
	status = answer_status(&answer, "hss");
	if (!status)
		show(c, answer.json);
	answer_free(&answer);
	rest_free(r);
	return status;
}

/* ---- rotate ---- */

/* {"key": …} of the file, or nothing. False after saying what is wrong. */
static bool read_body(const struct arguments *a, char **body)
{
	const char *path = argument_value(a, "--key-file");
	char key[SECRET_MAX];
	json_t *o;

	*body = NULL;
	if (!path)
		return true;
	if (!secret_read(path, key))
		return false;
	o = json_pack("{s:s}", "key", key);
	*body = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	explicit_bzero(key, sizeof key);
	return *body || ctl_complain(false, "%s: 64 hex digits are expected", path);
}

static int begin(struct rest *r, char *body, struct answer *answer)
{
	rest_ask(r, "POST", "/v1/key/rotate", NULL, (struct bytes){ (const uint8_t *)body, body ? strlen(body) : 0 }, answer);
	if (body)
		explicit_bzero(body, strlen(body));
	return answer_status(answer, "hss");
}

/* Until nothing waits any more; *answer is the last one. */
static int follow(struct rest *r, struct answer *answer)
{
	static const struct timespec pause = { 0, POLL_MS * 1000000L };
	struct progress *p = NULL;
	int status = CTL_DONE;

	while (!status && !strcmp(member(answer->json, "state"), "rotating")) {
		nanosleep(&pause, NULL);
		answer_free(answer);
		*answer = (struct answer){ 0 };
		rest_ask(r, "GET", "/v1/key", NULL, (struct bytes){ NULL, 0 }, answer);
		status = answer_status(answer, "hss");
		if (!p && number(answer->json, "total"))
			p = progress_new((size_t)number(answer->json, "total"));
		if (p)
			progress_show(p, (size_t)number(answer->json, "resealed"));
	}
	if (p)
		progress_hide(p);
	progress_free(p);
	return status;
}

static int run_rotate(const struct ctl *c, const struct arguments *a)
{
	struct answer answer = { 0 };
	char *body;
	struct rest *r;
	int status;

	if (!read_body(a, &body))
		return CTL_USAGE;
	r = rest_new(c);
	status = r ? begin(r, body, &answer) : CTL_USAGE;
	if (!status)
		status = follow(r, &answer);
	if (!status) {
		show(c, answer.json);
		status = strcmp(member(answer.json, "state"), "steady") ? CTL_REFUSED : CTL_DONE;
	}
	answer_free(&answer);
	rest_free(r);
	free(body);
	return status;
}

static const struct flag rotate_flags[] = {
	{ "--key-file", "FILE", "the next key, 64 hex digits; -: standard input; else the HSS makes one", false },
	{ 0 }
};

static const struct verb verbs[] = {
	{ "show", NULL, 0, 0, "Shows which key the secrets are sealed under, and how far a rotation is", NULL, NULL, run_show },
	{ "rotate", NULL, 0, 0, "Puts another master key in the place of the one there is",
	  "Every secret is sealed anew while the HSS serves; what a death leaves over, the next start goes on with.\n"
	  "Where the key is a file, the HSS makes the next one, or takes what lies in FILE.next.", rotate_flags, run_rotate },
};

const struct noun key_noun = { "key", "the HSS's master key: show, rotate", verbs, ARRAY_LEN(verbs) };
