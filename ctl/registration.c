// SPDX-License-Identifier: Apache-2.0
/* `imsctl registration`: who is registered, as the S-CSCFs and the P-CSCFs know it. */
#include "ctl/client.h"
#include "ctl/name.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include <stdlib.h>
#include <string.h>

/* An S-CSCF tells contacts one by one, a P-CSCF the flow they came over; others tell nothing. */
enum teller { TELLER_NONE, TELLER_SCSCF, TELLER_PCSCF };

static enum teller teller_of(const json_t *registration)
{
	if (json_is_array(json_object_get(registration, "contacts")))
		return TELLER_SCSCF;
	return json_object_get(registration, "flow") ? TELLER_PCSCF : TELLER_NONE;
}

/* The registrations that such daemons tell, each with the name of its "daemon". */
static json_t *gather(const struct ctl *c, const struct answer *answers, enum teller teller)
{
	json_t *all = json_array(), *r;
	size_t i;

	for (unsigned d = 0; d < c->options->ops_count; d++) {
		if (answers[d].status != 200)
			continue;
		json_array_foreach(answers[d].json, i, r) {
			if (teller_of(r) != teller)
				continue;
			json_object_set_new(r, "daemon", json_string(c->options->ops[d].name));
			json_array_append(all, r);
		}
	}
	return all;
}

static void add_rows(json_t *rows, const json_t *registration)
{
	const json_t *contact;
	size_t i;

	json_array_foreach(json_object_get(registration, "contacts"), i, contact)
		json_array_append_new(rows, json_pack("{s:O, s:O, s:O, s:O, s:O}", "impu", json_object_get(registration, "impu"), "impi",
						      json_object_get(contact, "private_identity"), "contact",
						      json_object_get(contact, "uri"), "expires_s", json_object_get(contact, "expires_s"),
						      "daemon", json_object_get(registration, "daemon")));
}

static const struct column columns[] = {
	{ "IDENTITY", "impu", false }, { "SUBSCRIBER", "impi", false },   { "CONTACT", "contact", false },
	{ "EXPIRES", "expires_s", true }, { "S-CSCF", "daemon", false },
};

static int run_list(const struct ctl *c, const struct arguments *a)
{
	struct answer *answers = ops_ask_all(c, "GET", "/registrations");
	size_t reached = answers_reached(c, answers), i;
	json_t *all = gather(c, answers, TELLER_SCSCF), *rows = json_array(), *r;

	(void)a;
	json_array_foreach(all, i, r)
		add_rows(rows, r);
	if (reached)
		output_list(c, columns, ARRAY_LEN(columns), rows, all);
	i = json_array_size(all);
	json_decref(rows);
	json_decref(all);
	answers_free(c, answers);
	return reached == c->options->ops_count || i ? CTL_DONE : CTL_NOT_REACHED;
}

/* ---- show ---- */

static void pair(json_t *rows, const char *name, const json_t *value)
{
	if (json_is_string(value) && json_string_length(value))
		json_array_append_new(rows, json_pack("[s, O]", name, value));
}

static void pair_identities(json_t *rows, const json_t *registration)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(registration, "identities"), i, v) {
		const char *barred = json_is_true(json_object_get(v, "barred")) ? ", barred" : "";

		json_array_append_new(rows, json_pack("[s, o]", i ? "" : "identities",
						      json_sprintf("%s%s", json_string_value(json_object_get(v, "impu")), barred)));
	}
}

static void pair_scscf(json_t *rows, const json_t *registration)
{
	const json_t *contact;
	size_t i;

	pair(rows, "S-CSCF", json_object_get(registration, "daemon"));
	pair_identities(rows, registration);
	json_array_foreach(json_object_get(registration, "contacts"), i, contact) {
		pair(rows, "contact", json_object_get(contact, "contact"));
		json_array_append_new(rows, json_pack("[s, o]", "  expires in", json_sprintf("%lld s", (long long)json_integer_value(
										json_object_get(contact, "expires_s")))));
		pair(rows, "  subscriber", json_object_get(contact, "private_identity"));
		pair(rows, "  path", json_object_get(contact, "path"));
		pair(rows, "  instance", json_object_get(contact, "instance"));
	}
}

static void pair_pcscf(json_t *rows, const json_t *registration)
{
	pair(rows, "P-CSCF", json_object_get(registration, "daemon"));
	pair(rows, "  contacts", json_object_get(registration, "contacts"));
	pair(rows, "  flow", json_object_get(registration, "flow"));
	json_array_append_new(rows, json_pack("[s, s]", "  connection", json_is_true(json_object_get(registration, "alive")) ? "alive" : "gone"));
	pair(rows, "  service route", json_object_get(registration, "service_route"));
}

static void show(const struct ctl *c, const json_t *scscf, const json_t *pcscf)
{
	json_t *rows = json_array(), *whole = json_pack("{s:O, s:O}", "scscf", scscf, "pcscf", pcscf), *r;
	size_t i;

	json_array_foreach(scscf, i, r)
		pair_scscf(rows, r);
	json_array_foreach(pcscf, i, r)
		pair_pcscf(rows, r);
	if (c->format == OUTPUT_TABLE)
		output_pairs(stdout, rows);
	else
		output_list(c, NULL, 0, NULL, whole);
	json_decref(rows);
	json_decref(whole);
}

static int run_show(const struct ctl *c, const struct arguments *a)
{
	char impu[NAME_MAX_LEN], *path;
	struct answer *answers;
	json_t *scscf, *pcscf;
	int status = CTL_DONE;

	name_impu(c, a->operands[0], impu);
	path = url_path("/registrations?impu=", impu);
	answers = ops_ask_all(c, "GET", path);
	scscf = gather(c, answers, TELLER_SCSCF);
	pcscf = gather(c, answers, TELLER_PCSCF);
	if (json_array_size(scscf) || json_array_size(pcscf))
		show(c, scscf, pcscf);
	else if (answers_reached(c, answers) < c->options->ops_count)
		status = CTL_NOT_REACHED;
	else
		status = ctl_complain(CTL_REFUSED, "%s is not registered", impu);
	json_decref(scscf);
	json_decref(pcscf);
	answers_free(c, answers);
	free(path);
	return status;
}

static const struct verb verbs[] = {
	{ "list", NULL, 0, 0, "Lists who is registered, a line a contact", NULL, NULL, run_list },
	{ "show", "IMPU", 1, 1, "Shows contacts, path and flow of a user", NULL, NULL, run_show },
};

const struct noun registration_noun = { "registration", "who is registered: list, show", verbs, ARRAY_LEN(verbs) };
