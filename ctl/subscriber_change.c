// SPDX-License-Identifier: Apache-2.0
/* `imsctl subscriber add` and `set`: options into the subscriber object of the REST door. */
#include "ctl/secret.h"
#include "ctl/subscriber.h"
#include "ctl/thing.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- credentials ---- */

static bool gives(const struct arguments *a, const char *const *flags, const char **which)
{
	for (; *flags; flags++)
		if (argument_value(a, *flags)) {
			*which = *flags;
			return true;
		}
	return false;
}

/* The scheme that --scheme or the other options say; "" for none. NULL after saying what contradicts. */
static const char *scheme_of(const struct arguments *a)
{
	static const char *const aka[] = { "--algorithm", "--k", "--opc", "--op", "--topc", "--top", "--iterations", "--res-bits", "--amf", NULL };
	static const char *const digest[] = { "--password-file", NULL };
	const char *scheme = argument_value(a, "--scheme"), *of_aka = NULL, *of_digest = NULL;
	bool is_aka = gives(a, aka, &of_aka), is_digest = gives(a, digest, &of_digest);

	if (scheme && strcmp(scheme, "digest") && strcmp(scheme, "aka"))
		ctl_complain(0, "--scheme: digest or aka is expected: '%s'", scheme);
	else if (is_aka && (is_digest || (scheme && strcmp(scheme, "aka"))))
		ctl_complain(0, "%s is for AKA", of_aka);
	else if (is_digest && scheme && strcmp(scheme, "digest"))
		ctl_complain(0, "%s is for digest", of_digest);
	else
		return scheme ? scheme : is_aka ? "aka" : is_digest ? "digest" : "";
	return NULL;
}

static json_t *digest_credentials(const struct arguments *a)
{
	const char *path = argument_value(a, "--password-file");
	char password[SECRET_MAX];
	json_t *o = NULL;

	if (!path)
		ctl_complain(0, "digest needs --password-file");
	else if (secret_read(path, password) && !(o = json_pack("{s:s, s:s}", "scheme", "digest", "password", password)))
		ctl_complain(0, "%s: a password in UTF-8 is expected", path);
	explicit_bzero(password, sizeof password);
	return o;
}

/* The algorithm that --algorithm or the other options say. NULL after saying what contradicts. */
static const char *algorithm_of(const struct arguments *a)
{
	static const char *const tuak[] = { "--topc", "--top", "--iterations", "--res-bits", NULL }, *const milenage[] = { "--opc", "--op", NULL };
	const char *algorithm = argument_value(a, "--algorithm"), *of_tuak = NULL, *of_milenage = NULL;
	bool is_tuak = gives(a, tuak, &of_tuak), is_milenage = gives(a, milenage, &of_milenage);

	if (algorithm && strcmp(algorithm, "milenage") && strcmp(algorithm, "tuak"))
		ctl_complain(0, "--algorithm: milenage or tuak is expected: '%s'", algorithm);
	else if (is_tuak && (is_milenage || (algorithm && strcmp(algorithm, "tuak"))))
		ctl_complain(0, "%s is for TUAK", of_tuak);
	else if (is_milenage && algorithm && strcmp(algorithm, "milenage"))
		ctl_complain(0, "%s is for Milenage", of_milenage);
	else
		return algorithm ? algorithm : is_tuak ? "tuak" : "milenage";
	return NULL;
}

static bool put_number(json_t *o, const char *key, const struct arguments *a, const char *flag, unsigned long most)
{
	unsigned long n;

	if (!argument_number(a, flag, 1, most, 0, &n))
		return false;
	return !n || !json_object_set_new(o, key, json_integer((json_int_t)n));
}

static json_t *aka_credentials(const struct arguments *a)
{
	const char *algorithm = algorithm_of(a), *own, *operator;
	bool tuak = algorithm && !strcmp(algorithm, "tuak");
	json_t *o;

	if (!algorithm)
		return NULL;
	own = argument_value(a, tuak ? "--topc" : "--opc");
	operator = argument_value(a, tuak ? "--top" : "--op");
	if (!argument_value(a, "--k") || !own == !operator) {
		ctl_complain(0, tuak ? "tuak needs --k, and --topc or --top" : "aka needs --k, and --opc or --op");
		return NULL;
	}
	o = json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:s*}", "scheme", "aka", "algorithm", algorithm, "k", argument_value(a, "--k"),
		      tuak ? "topc" : "opc", own, tuak ? "top" : "op", operator, "amf", argument_value(a, "--amf"));
	if (put_number(o, "iterations", a, "--iterations", 255) && put_number(o, "res_bits", a, "--res-bits", 128))
		return o;
	json_decref(o);
	return NULL;
}

static bool put_credentials(json_t *o, const struct arguments *a)
{
	const char *scheme = scheme_of(a);
	json_t *credentials;

	if (!scheme)
		return false;
	if (!*scheme)
		return true;
	credentials = strcmp(scheme, "aka") ? digest_credentials(a) : aka_credentials(a);
	return credentials && !json_object_set_new(o, "credentials", credentials);
}

/* ---- profile ---- */

static bool put_profile(json_t *o, const struct arguments *a)
{
	const char *path = argument_value(a, "--profile");
	char *text = path ? file_read(path) : NULL, *start;
	json_t *profile = NULL;

	if (!path)
		return true;
	if (!text)
		return false;
	start = strstr(text, "<ServiceProfile"); /* a declaration before it is of no use there */
	if (!start)
		ctl_complain(0, "%s: no ServiceProfile in it", path);
	else if (!(profile = json_string(start)))
		ctl_complain(0, "%s: not UTF-8", path);
	free(text);
	return profile && !json_object_set_new(o, "profile", profile);
}

/* ---- identities ---- */

static bool has(const json_t *identities, const char *impu)
{
	const json_t *v;
	size_t i;

	json_array_foreach(identities, i, v) {
		const char *have = json_string_value(json_object_get(v, "impu"));

		if (have && !strcasecmp(have, impu))
			return true;
	}
	return false;
}

static void add_identities(json_t *identities, const struct arguments *a)
{
	const char *profile = json_string_value(json_object_get(json_array_get(identities, 0), "profile")), *impu;

	for (size_t i = 0; (impu = argument_nth(a, "--impu", i)); i++)
		if (!has(identities, impu))
			json_array_append_new(identities, json_pack("{s:s, s:s*}", "impu", impu, "profile", profile));
}

static bool remove_identities(json_t *identities, const struct arguments *a)
{
	const char *impu;

	for (size_t k = 0; (impu = argument_nth(a, "--remove-impu", k)); k++) {
		size_t before = json_array_size(identities);

		for (size_t i = before; i-- > 0;)
			if (!strcasecmp(json_string_value(json_object_get(json_array_get(identities, i), "impu")), impu))
				json_array_remove(identities, i);
		if (json_array_size(identities) == before)
			return ctl_complain(false, "--remove-impu: it has no %s", impu);
	}
	return true;
}

/* The profile given now is for all of them. */
static void forget_profiles(json_t *identities)
{
	json_t *v;
	size_t i;

	json_array_foreach(identities, i, v)
		json_object_del(v, "profile");
}

/* ---- add ---- */

static int send(const struct ctl *c, const struct arguments *a, const char *method, const json_t *o)
{
	char *path = thing_path("/v1/subscribers/", a->operands[0], NULL);
	int status = thing_send(c, a, method, path, o);

	free(path);
	return status;
}

int subscriber_add(const struct ctl *c, const struct arguments *a)
{
	json_t *identities = json_array(), *o = json_pack("{s:s, s:o}", "impi", a->operands[0], "identities", identities);
	int status = CTL_USAGE;

	add_identities(identities, a);
	if (!json_array_size(identities))
		json_array_append_new(identities, json_pack("{s:o}", "impu", json_sprintf("sip:%s", a->operands[0])));
	if (put_credentials(o, a) && put_profile(o, a))
		status = send(c, a, "POST", o);
	json_decref(o);
	return status;
}

/* ---- set ---- */

static bool touches_identities(const struct arguments *a)
{
	return argument_value(a, "--impu") || argument_value(a, "--remove-impu") || argument_value(a, "--profile");
}

/* The identities it has, changed, into o. An exit status. */
static int merge_identities(const struct ctl *c, const struct arguments *a, json_t *o)
{
	struct answer answer = { 0 };
	struct rest *r = rest_new(c);
	json_t *identities;
	char *path;
	int status;

	if (!r)
		return CTL_USAGE;
	path = url_path("/v1/subscribers/", a->operands[0]);
	rest_ask(r, "GET", path, NULL, (struct bytes){ NULL, 0 }, &answer);
	free(path);
	rest_free(r);
	status = answer_status(&answer, "hss");
	identities = json_object_get(answer.json, "identities");
	if (!status && !remove_identities(identities, a))
		status = CTL_REFUSED;
	if (!status) {
		add_identities(identities, a);
		if (argument_value(a, "--profile"))
			forget_profiles(identities);
		json_object_set(o, "identities", identities);
	}
	answer_free(&answer);
	return status;
}

int subscriber_set(const struct ctl *c, const struct arguments *a)
{
	json_t *o = json_object();
	int status = CTL_USAGE;

	if (!a->given_count)
		ctl_complain(0, "nothing to change; `imsctl subscriber set --help` lists what can be");
	else if (put_credentials(o, a) && put_profile(o, a))
		status = touches_identities(a) ? merge_identities(c, a, o) : CTL_DONE;
	if (!status)
		status = send(c, a, "PATCH", o);
	json_decref(o);
	return status;
}
