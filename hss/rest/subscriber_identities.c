// SPDX-License-Identifier: Apache-2.0
/* The public identities of a subscriber: which sets, which profiles, who else may use them. [TS 23.228 4.3.3.4, 5.2.1a] */
#include "common/ims/wildcard.h"
#include "hss/identity.h"
#include "hss/rest/profile_import.h"
#include "hss/rest/subscriber_part.h"
#include <stdio.h>
#include <string.h>

enum { IDENTITIES_MAX = 256 }; /* as many as a User-Data has room for: hss/user_data.c */

static const struct { enum identity_kind kind; const char *name; } kinds[] = {
	{ KIND_USER, "user" }, { KIND_PSI, "psi" }, { KIND_WILDCARDED_PSI, "wildcarded-psi" }, { KIND_WILDCARDED_USER, "wildcarded-user" },
};

const char *identity_kind_name(enum identity_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "user";
}

static const char *field(char *buffer, size_t size, const char *where, const char *key)
{
	problem_field(buffer, size, where, key);
	return buffer;
}

static int read_kind(struct subscriber *u, const json_t *o, const char *where, struct impu_row *row)
{
	const char *name = NULL;
	char at[96];
	int given = member_text(u, o, where, "kind", &name);

	if (given <= 0)
		return given;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].name, name)) {
			row->kind = kinds[i].kind;
			return 0;
		}
	return problem_set(u->problem, 422, field(at, sizeof at, where, "kind"), "user, psi, wildcarded-psi or wildcarded-user is expected");
}

/* A name, or the text of one, which becomes the subscriber's own. */
static int read_profile(struct subscriber *u, const json_t *o, const char *where, const char *profile, struct impu_row *row)
{
	char at[96];
	int err, given = member_text(u, o, where, "profile", &profile);

	if (given < 0)
		return given;
	if (!profile)
		return 0;
	field(at, sizeof at, given ? where : "", "profile");
	if (*profile == '<')
		return profile_import(u->store, u->impi, (struct bytes){ (const uint8_t *)profile, strlen(profile) },
				      given ? at : "profile", &row->profile, u->problem);
	err = store_profile_find(u->store, profile, &row->profile);
	return err == -ENOENT ? problem_set(u->problem, 422, given ? at : "profile", "no profile '%s'", profile) : err;
}

/* [TS 23.003 13.4A, 13.5] The fixed text is as identities are written here, for it is compared with them. */
static bool is_canonical(const char *wildcard)
{
	char sample[IMPU_MAX], out[IMPU_MAX];
	struct wildcard w;

	if (wildcard_split(wildcard, &w) || w.prefix.len + w.tail.len + 2 > sizeof sample)
		return false;
	snprintf(sample, sizeof sample, "%.*s1%.*s", (int)w.prefix.len, (const char *)w.prefix.data, (int)w.tail.len, (const char *)w.tail.data);
	return !impu_canonical(sample, out) && !strcmp(sample, out);
}

static int check_wildcard(struct subscriber *u, const char *where, const struct impu_row *row)
{
	const char *wildcard = row->wildcard ? row->wildcard : row->uri, *why;
	char at[96];

	if (!is_wildcarded(row->kind))
		return row->wildcard ? problem_set(u->problem, 422, field(at, sizeof at, where, "wildcard"),
						   "the kind is neither wildcarded-psi nor wildcarded-user") : 0;
	why = wildcard_wrong(wildcard);
	if (!why && !is_canonical(wildcard))
		why = "the fixed text is expected as in sip:room!.*!@ims.test or tel:+1555!.*!";
	return why ? problem_set(u->problem, 422, field(at, sizeof at, where, row->wildcard ? "wildcard" : "impu"), "%s", why) : 0;
}

/* [TS 29.228 B.2.1] */
static int read_extras(struct subscriber *u, const json_t *o, const char *where, struct identity_extras *x)
{
	int given = member_integer(u, o, where, "priority_level", 0, 4, &x->priority);

	x->has_priority = given > 0;
	if (given < 0 || member_bool(u, o, where, "loose_route", &x->loose_route) < 0 || member_text(u, o, where, "alias_group", &x->alias_group) < 0 ||
	    member_integer(u, o, where, "max_registrations", 1, 1000, &x->max_registrations) < 0 ||
	    member_text(u, o, where, "trace", &x->trace_info) < 0)
		return -EINVAL;
	return 0;
}

static int read_identity(struct subscriber *u, const json_t *o, const char *where, const char *default_profile, char *uri,
			 struct impu_row *row, int64_t *set)
{
	static const char *const keys[] = { "impu", "barred", "set", "profile", "display_name", "kind", "wildcard", "as",
					    "loose_route", "alias_group", "priority_level", "max_registrations", "trace", NULL };
	const char *impu = NULL;
	char at[96];
	int err = members_known(u, o, where, keys);

	if (!err && member_text(u, o, where, "impu", &impu) < 0)
		err = -EINVAL;
	if (!err && (!impu || impu_canonical(impu, uri)))
		err = problem_set(u->problem, 422, field(at, sizeof at, where, "impu"), "a sip or tel URI is expected");
	row->uri = uri;
	if (!err && (member_bool(u, o, where, "barred", &row->barred) < 0 || member_integer(u, o, where, "set", 0, 1000000, set) < 0 ||
		     member_text(u, o, where, "display_name", &row->display_name) < 0 ||
		     member_text(u, o, where, "wildcard", &row->wildcard) < 0 || member_text(u, o, where, "as", &row->as_name) < 0))
		err = -EINVAL;
	if (!err && row->as_name && !is_sip_uri(row->as_name))
		err = problem_set(u->problem, 422, field(at, sizeof at, where, "as"), "a SIP URI is expected");
	if (!err)
		err = read_extras(u, o, where, &row->extras);
	if (!err)
		err = read_kind(u, o, where, row);
	if (!err)
		err = check_wildcard(u, where, row);
	return err ? err : read_profile(u, o, where, default_profile, row);
}

/* Identities are shared within a subscription only [TS 23.228 4.3.3.4]. */
static int check_owner(struct subscriber *u, const char *uri, const char *where)
{
	const char *other;
	struct impu have;
	char at[96];
	int err = store_impu(u->store, u->pool, uri, &have);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (have.subscription == u->subscription)
		return 0;
	err = store_private_of_impu(u->store, u->pool, have.id, &other);
	if (err)
		return err == -ENOENT ? 0 : err;
	return problem_set(u->problem, 409, field(at, sizeof at, where, "impu"), "%s is an identity of %s, in another subscription", uri, other);
}

int put_identity(struct subscriber *u, const json_t *o, const char *where, int rank, const char *default_profile, int64_t *id)
{
	struct impu_row row = { .rank = rank };
	int64_t number = 1;
	char uri[IMPU_MAX];
	int err = read_identity(u, o, where, default_profile, uri, &row, &number);

	if (!err)
		err = check_owner(u, uri, where);
	if (!err)
		err = store_set_put(u->store, u->subscription, number, &row.set);
	return err ? err : store_impu_put(u->store, &row, id);
}

static int put_own(struct subscriber *u, const json_t *o, int rank, const char *default_profile)
{
	char where[32];
	int64_t id;
	int err;

	snprintf(where, sizeof where, "identities[%d]", rank);
	err = put_identity(u, o, where, rank, default_profile, &id);
	return err ? err : store_link(u->store, u->id, id);
}

int put_identities(struct subscriber *u, const json_t *identities, const char *default_profile)
{
	size_t i, n = json_array_size(identities);
	const json_t *o;
	int err;

	if (!n || n > IDENTITIES_MAX)
		return problem_set(u->problem, 422, "identities", "a list of one to %d is expected", IDENTITIES_MAX);
	err = store_unlink_all(u->store, u->id);
	json_array_foreach(identities, i, o) {
		if (err)
			break;
		err = put_own(u, o, (int)i, default_profile);
	}
	return err;
}
