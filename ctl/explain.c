// SPDX-License-Identifier: Apache-2.0
/* `imsctl explain USER`: why the last registration or call failed, in plain words, and what to do about it. */
#include "ctl/advice.h"
#include "ctl/facts.h"
#include "ctl/name.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include "ctl/trace.h"
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_MAX = 600 };

struct explanation {
	const struct ctl *ctl;
	const char *user;
	struct facts facts;
	enum verdict verdict;
	char cause[SENTENCE_MAX], todo[SENTENCE_MAX];
};

static const char *member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static const char *scheme_of(const struct facts *f)
{
	return member(json_object_get(f->subscriber, "credentials"), "scheme");
}

/* ---- words ---- */

/* Whose failure it is: the one that the failure names, else the one who was asked about. */
static const char *impu_of(const struct explanation *e)
{
	const char *own = member(e->facts.failure, "identity");

	return *own ? own : json_string_value(json_array_get(e->facts.names, 0));
}

static void fill_in(const struct explanation *e, const char *text, char out[SENTENCE_MAX])
{
	const char *impi = member(e->facts.subscriber, "impi");
	const struct { const char *word, *value; } words[] = {
		{ "IMPI", *impi ? impi : "IMPI" }, { "IMPU", impu_of(e) }, { "DOMAIN", e->ctl->options->domain },
	};
	size_t n = 0;

	while (*text && n < SENTENCE_MAX - 1) {
		size_t i = 0;

		while (i < ARRAY_LEN(words) && strncmp(text, words[i].word, strlen(words[i].word)))
			i++;
		if (i == ARRAY_LEN(words)) {
			out[n++] = *text++;
			continue;
		}
		n += (size_t)snprintf(out + n, SENTENCE_MAX - n, "%s", words[i].value);
		n = n < SENTENCE_MAX ? n : SENTENCE_MAX - 1;
		text += strlen(words[i].word);
	}
	out[n] = 0;
}

static void advise_failure(struct explanation *e)
{
	static const struct advice nothing = { "", "The trace shows who refused it; the log of that daemon has more." };
	const char *why = member(e->facts.failure, "why");
	int result = (int)json_integer_value(json_object_get(e->facts.last, "result"));
	bool explained = e->facts.failure && (!e->facts.last || strcmp(member(e->facts.failure, "time"), member(e->facts.last, "time")) >= 0 ||
					      !strcmp(member(e->facts.failure, "id"), member(e->facts.last, "id")));
	const struct advice *a = explained ? advice_of_why(why, scheme_of(&e->facts)) : NULL;

	if (!a)
		a = advice_of_status(explained ? (int)json_integer_value(json_object_get(e->facts.failure, "result")) : result);
	if (!a)
		a = &nothing;
	fill_in(e, a->cause, e->cause);
	fill_in(e, a->todo, e->todo);
}

static void advise(struct explanation *e)
{
	switch (e->verdict) {
	case VERDICT_WELL:
		fill_in(e, json_array_size(e->facts.registrations) ? "All is well: the user is registered, and the last thing it did went well." :
			"Nothing is wrong, but the user is not registered at present.", e->cause);
		break;
	case VERDICT_FAILED:
		advise_failure(e);
		break;
	case VERDICT_UNANSWERED:
		fill_in(e, "The phone was challenged, and did not answer.", e->cause);
		fill_in(e, !strcmp(scheme_of(&e->facts), "aka") ?
			"The USIM did not accept the challenge (K or OPc differ: imsctl subscriber set IMPI --k HEX --opc HEX), the phone has no AKA, or "
			"the 401 did not reach it." :
			"The phone has no password, does not know SIP Digest (is the subscriber to be of AKA?), or the 401 did not reach it.", e->todo);
		break;
	case VERDICT_IDLE:
		fill_in(e, "The user did nothing yet, as far as the daemons remember.", e->cause);
		fill_in(e, "Does the phone reach the P-CSCF? Its outbound proxy must be the P-CSCF's address.", e->todo);
		break;
	case VERDICT_UNKNOWN:
		fill_in(e, "No subscriber has the identity IMPU, and no daemon has heard of it.", e->cause);
		fill_in(e, "imsctl subscriber list shows who there is; imsctl subscriber add NAME@DOMAIN makes one.", e->todo);
		break;
	}
}

/* ---- for people ---- */

static void pair(json_t *rows, const char *name, json_t *text)
{
	json_array_append_new(rows, json_pack("[s, o]", name, text ? text : json_string("?")));
}

static void pair_who(json_t *rows, const struct explanation *e)
{
	const json_t *name;
	char list[SENTENCE_MAX] = "";
	size_t i;

	json_array_foreach(e->facts.names, i, name) {
		size_t n = strlen(list);

		if (name_is_uri(json_string_value(name)))
			snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", json_string_value(name));
	}
	if (e->facts.subscriber)
		pair(rows, "user", json_sprintf("%s: %s, %s", member(e->facts.subscriber, "impi"), list, *scheme_of(&e->facts) ? scheme_of(&e->facts) :
						"no credentials"));
	else
		pair(rows, "user", json_sprintf("%s: %s", list, e->facts.asked_hss ? "no subscriber" : "the HSS could not be asked"));
}

static void pair_registration(json_t *rows, const struct explanation *e)
{
	const json_t *r, *contact;
	size_t i, k;

	json_array_foreach(e->facts.registrations, i, r)
		json_array_foreach(json_object_get(r, "contacts"), k, contact)
			pair(rows, "registered", json_sprintf("%s at %s, for %lld s more", member(contact, "uri"), member(r, "daemon"),
							      (long long)json_integer_value(json_object_get(contact, "expires_s"))));
	if (!json_array_size(e->facts.registrations))
		pair(rows, "registered", json_string("no"));
}

static void pair_event(json_t *rows, const char *name, const json_t *event)
{
	char time[32];

	if (!event)
		return;
	time_text(member(event, "time"), time);
	pair(rows, name, json_sprintf("%s UTC, %s: %lld%s%s", time, member(event, "procedure"),
				      (long long)json_integer_value(json_object_get(event, "result")), *member(event, "why") ? ", " : "",
				      member(event, "why")));
}

static void print(const struct explanation *e)
{
	const char *id = member(e->facts.last ? e->facts.last : e->facts.failure, "id");
	json_t *rows = json_array();

	pair_who(rows, e);
	pair_registration(rows, e);
	pair_event(rows, "last", e->facts.last);
	pair_event(rows, "last failure", e->facts.failure);
	if (e->verdict == VERDICT_FAILED && e->facts.failure)
		id = member(e->facts.failure, "id");
	if (*id)
		pair(rows, "trace", json_sprintf("imsctl trace %s", id));
	output_pairs(stdout, rows);
	fputc('\n', stdout);
	text_print(stdout, e->cause);
	if (*e->todo) {
		fputs(*e->cause ? "\n-> " : "-> ", stdout);
		text_print(stdout, e->todo);
	}
	fputc('\n', stdout);
	json_decref(rows);
}

/* ---- for programs ---- */

static json_t *or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

static void print_value(const struct explanation *e)
{
	static const char *const names[] = { [VERDICT_WELL] = "well", [VERDICT_FAILED] = "failed", [VERDICT_UNANSWERED] = "unanswered",
					     [VERDICT_IDLE] = "idle", [VERDICT_UNKNOWN] = "unknown" };
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:o, s:O, s:O, s:o, s:o}", "user", e->user, "verdict", names[e->verdict], "cause", e->cause,
			      "advice", e->todo, "subscriber", or_null(e->facts.subscriber), "names", e->facts.names, "registrations",
			      e->facts.registrations, "failure", or_null(e->facts.failure), "last", or_null(e->facts.last));

	output_list(e->ctl, NULL, 0, NULL, o);
	json_decref(o);
}

static int run(const struct ctl *c, const struct arguments *a)
{
	struct explanation e = { .ctl = c, .user = a->operands[0] };
	int status = CTL_DONE;

	facts_gather(c, e.user, &e.facts);
	if (!e.facts.reached) {
		status = ctl_complain(CTL_NOT_REACHED, "no daemon was reached");
	} else {
		e.verdict = facts_verdict(&e.facts);
		advise(&e);
		if (c->format == OUTPUT_TABLE)
			print(&e);
		else
			print_value(&e);
		if (e.facts.reached < c->options->ops_count)
			ctl_complain(0, "only %zu of %u daemons were reached; imsctl status tells which", e.facts.reached, c->options->ops_count);
		status = e.verdict == VERDICT_UNKNOWN ? CTL_REFUSED : CTL_DONE;
	}
	facts_free(&e.facts);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, "USER", 1, 1, "Says why the last registration or call of a user failed, and what to do",
	  "USER is alice, alice@ims.test, sip:alice@ims.test or +15550001. Exit status 1 when nobody knows the user.", NULL, run },
};

const struct noun explain_noun = { "explain", "why a user's last registration or call failed, and what to do", verbs, 1 };
