// SPDX-License-Identifier: Apache-2.0
/* Gathers what the daemons know about a user.
 *
 *   name ─▶ subscriber (REST) ─▶ its identities ─▶ /explain of each, /registrations ─▶ newest failure, newest procedure
 *   the newest procedure failed without a word about this user? ─▶ who else was part of it (/trace) ─▶ /explain of those
 */
#include "ctl/facts.h"
#include "ctl/name.h"
#include "ctl/node.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 16 };

static const char *member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static int result_of(const json_t *procedure)
{
	return (int)json_integer_value(json_object_get(procedure, "result"));
}

/* ---- which of two ---- */

const json_t *failure_better(const json_t *a, const json_t *b)
{
	int times;

	if (!a || !b)
		return a ? a : b;
	if (!strcmp(member(a, "id"), member(b, "id")) && *member(a, "id"))
		return node_rank(member(a, "daemon")) >= node_rank(member(b, "daemon")) ? a : b;
	times = strcmp(member(a, "time"), member(b, "time")); /* ISO 8601 sorts as text */
	return times >= 0 ? a : b;
}

static void keep_failure(struct facts *f, json_t *failure, const char *daemon)
{
	const json_t *better;

	if (!json_is_object(failure))
		return;
	json_object_set_new(failure, "daemon", json_string(daemon));
	better = failure_better(failure, f->failure);
	if (better == f->failure)
		return;
	json_decref(f->failure);
	f->failure = json_incref(failure);
}

static void keep_last(struct facts *f, json_t *last, const char *daemon)
{
	if (!json_is_object(last) || (f->last && strcmp(member(last, "time"), member(f->last, "time")) <= 0))
		return;
	json_object_set_new(last, "daemon", json_string(daemon));
	json_decref(f->last);
	f->last = json_incref(last);
}

/* ---- the subscriber ---- */

static json_t *ask_subscriber(struct rest *r, const char *prefix, const char *name, struct facts *f)
{
	char *path = url_path(prefix, name);
	struct answer answer = { 0 };
	json_t *found = NULL;

	rest_ask(r, "GET", path, NULL, (struct bytes){ NULL, 0 }, &answer);
	f->asked_hss = answer.status == 200 || answer.status == 404;
	if (!f->asked_hss)
		answer_status(&answer, "hss");
	else if (answer.status == 200)
		found = json_object_get(answer.json, "impi") ? answer.json : json_array_get(json_object_get(answer.json, "subscribers"), 0);
	json_incref(found);
	answer_free(&answer);
	free(path);
	return found;
}

static void find_subscriber(const struct ctl *c, const char *user, struct facts *f)
{
	struct rest *r = rest_new(c);
	char impu[NAME_MAX_LEN];

	if (!r)
		return;
	name_impu(c, user, impu);
	if (strchr(user, '@') && !name_is_uri(user))
		f->subscriber = ask_subscriber(r, "/v1/subscribers/", user, f);
	if (!f->subscriber)
		f->subscriber = ask_subscriber(r, "/v1/subscribers?impu=", impu, f);
	rest_free(r);
}

static void add_name(struct facts *f, const char *name)
{
	const json_t *known;
	size_t i;

	json_array_foreach(f->names, i, known)
		if (!strcmp(json_string_value(known), name))
			return;
	if (*name && json_array_size(f->names) < NAMES_MAX)
		json_array_append_new(f->names, json_string(name));
}

static void gather_names(const struct ctl *c, const char *user, struct facts *f)
{
	const json_t *identity;
	char impu[NAME_MAX_LEN];
	size_t i;

	name_impu(c, user, impu);
	f->names = json_array();
	add_name(f, impu);
	json_array_foreach(json_object_get(f->subscriber, "identities"), i, identity)
		add_name(f, member(identity, "impu"));
	add_name(f, member(f->subscriber, "impi"));
}

/* ---- what happened to it ---- */

static void ask_explain(const struct ctl *c, const char *name, struct facts *f, const char *only_id)
{
	char *path = url_path("/explain?identity=", name);
	struct answer *answers = ops_ask_all(c, "GET", path);
	size_t reached = 0;

	for (unsigned d = 0; d < c->options->ops_count; d++) {
		json_t *failure = json_object_get(answers[d].json, "failure");

		reached += answers[d].status != 0;
		if (!only_id || !strcmp(member(failure, "id"), only_id))
			keep_failure(f, failure, c->options->ops[d].name);
		if (!only_id)
			keep_last(f, json_object_get(answers[d].json, "last"), c->options->ops[d].name);
	}
	f->reached = reached;
	answers_free(c, answers);
	free(path);
}

static void ask_registrations(const struct ctl *c, struct facts *f)
{
	char *path = url_path("/registrations?impu=", json_string_value(json_array_get(f->names, 0)));
	struct answer *answers = ops_ask_all(c, "GET", path);
	json_t *r;
	size_t i;

	f->registrations = json_array();
	for (unsigned d = 0; d < c->options->ops_count; d++)
		json_array_foreach(answers[d].json, i, r) {
			if (answers[d].status != 200 || !json_array_size(json_object_get(r, "contacts")))
				continue;
			json_object_set_new(r, "daemon", json_string(c->options->ops[d].name));
			json_array_append(f->registrations, r);
		}
	answers_free(c, answers);
	free(path);
}

/* ---- whose fault is noted under somebody else's name ---- */

static bool is_unexplained(const struct facts *f)
{
	int result = result_of(f->last);

	return result >= 300 && result != 401 && result != 407 && result != 487 && strcmp(member(f->failure, "id"), member(f->last, "id"));
}

/* A caller's call fails for the sake of the one who is called: those who share the id of the procedure tell. */
static void ask_partners(const struct ctl *c, struct facts *f)
{
	struct answer *answers = ops_ask_all(c, "GET", "/trace");
	json_t *partners = json_array(), *p, *own = f->failure;
	const char *id = member(f->last, "id");
	size_t i;

	for (unsigned d = 0; d < c->options->ops_count; d++)
		json_array_foreach(answers[d].json, i, p)
			if (!strcmp(member(p, "id"), id) && json_array_size(partners) < NAMES_MAX)
				json_array_append(partners, json_object_get(p, "identity"));
	f->failure = NULL;
	json_array_foreach(partners, i, p)
		ask_explain(c, json_string_value(p) ? json_string_value(p) : "", f, id);
	if (!f->failure)
		f->failure = own;
	else
		json_decref(own);
	json_decref(partners);
	answers_free(c, answers);
}

void facts_gather(const struct ctl *c, const char *user, struct facts *f)
{
	const json_t *name;
	size_t i;

	*f = (struct facts){ 0 };
	find_subscriber(c, user, f);
	gather_names(c, user, f);
	json_array_foreach(f->names, i, name)
		ask_explain(c, json_string_value(name), f, NULL);
	ask_registrations(c, f);
	if (is_unexplained(f))
		ask_partners(c, f);
}

void facts_free(struct facts *f)
{
	json_decref(f->subscriber);
	json_decref(f->names);
	json_decref(f->registrations);
	json_decref(f->failure);
	json_decref(f->last);
}

/* ---- what follows ---- */

enum verdict facts_verdict(const struct facts *f)
{
	int result = f->last ? result_of(f->last) : 0;
	bool failure_is_newest = f->failure && strcmp(member(f->failure, "time"), member(f->last, "time")) >= 0;
	bool same = f->failure && f->last && !strcmp(member(f->failure, "id"), member(f->last, "id"));

	if (same || failure_is_newest)
		return VERDICT_FAILED;
	if (result == 401 || result == 407)
		return json_array_size(f->registrations) ? VERDICT_WELL : VERDICT_UNANSWERED;
	if (result >= 300 && result != 487)
		return VERDICT_FAILED;
	if (f->last || json_array_size(f->registrations))
		return VERDICT_WELL;
	return f->subscriber || !f->asked_hss ? VERDICT_IDLE : VERDICT_UNKNOWN;
}
