// SPDX-License-Identifier: Apache-2.0
/* What else a subscriber object holds: capabilities, networks, charging, cloud. NULL for a part: none. */
#include "hss/rest/subscriber_part.h"
#include "hss/uri.h"
#include <stdio.h>
#include <string.h>

enum { CLOUDS_MAX = 64, SERVICES_MAX = 64 };

/* ---- lists ---- */

static int read_numbers(struct subscriber *u, const json_t *list, const char *where, uint32_t *out, size_t *n)
{
	const json_t *v;
	size_t i;

	if (list && !json_is_array(list))
		return problem_set(u->problem, 422, where, "a list of numbers is expected");
	json_array_foreach(list, i, v) {
		if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UINT32_MAX || *n == CX_LIST_MAX)
			return problem_set(u->problem, 422, where, "at most %d numbers from 0 to 4294967295 are expected", CX_LIST_MAX);
		out[(*n)++] = (uint32_t)json_integer_value(v);
	}
	return 0;
}

static int read_texts(struct subscriber *u, const json_t *list, const char *where, struct cx_strings *out)
{
	const json_t *v;
	size_t i;

	if (list && !json_is_array(list))
		return problem_set(u->problem, 422, where, "a list of texts is expected");
	json_array_foreach(list, i, v) {
		if (!text_is_clean(v) || out->count == CX_LIST_MAX)
			return problem_set(u->problem, 422, where, "at most %d texts are expected, none empty, no control characters", CX_LIST_MAX);
		out->item[out->count++] = json_string_value(v);
	}
	return 0;
}

static int check_servers(struct subscriber *u, const struct cx_strings *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (!is_sip_uri(names->item[i]))
			return problem_set(u->problem, 422, "capabilities.servers", "SIP URIs are expected: '%s'", names->item[i]);
	return 0;
}

/* ---- subscription ---- */

int put_capabilities(struct subscriber *u, const json_t *part)
{
	static const char *const keys[] = { "mandatory", "optional", "servers", NULL };
	struct cx_capabilities c = { .mandatory_count = 0 };
	int err;

	if (json_is_array(part)) {
		err = read_numbers(u, part, "capabilities", c.mandatory, &c.mandatory_count);
		return err ? err : store_capabilities_put(u->store, u->subscription, &c);
	}
	err = part ? members_known(u, part, "capabilities", keys) : 0;
	if (!err)
		err = read_numbers(u, json_object_get(part, "mandatory"), "capabilities.mandatory", c.mandatory, &c.mandatory_count);
	if (!err)
		err = read_numbers(u, json_object_get(part, "optional"), "capabilities.optional", c.optional, &c.optional_count);
	if (!err)
		err = read_texts(u, json_object_get(part, "servers"), "capabilities.servers", &c.server_names);
	if (!err)
		err = check_servers(u, &c.server_names);
	return err ? err : store_capabilities_put(u->store, u->subscription, &c);
}

int put_networks(struct subscriber *u, const json_t *part)
{
	struct cx_strings names = { .count = 0 };
	int err = read_texts(u, part, "visited_networks", &names);

	return err ? err : store_networks_put(u->store, u->subscription, names.item, names.count);
}

int read_charging(const struct subscriber *u, const json_t *part, const char *where, struct cx_charging *out)
{
	static const char *const keys[] = { "primary_ccf", "secondary_ccf", "primary_ecf", "secondary_ecf", NULL };
	const char **members[] = { &out->ccf_primary, &out->ccf_secondary, &out->ecf_primary, &out->ecf_secondary };
	int err = part ? members_known(u, part, where, keys) : 0;

	for (int i = 0; !err && i < 4; i++)
		if (member_text(u, part, where, keys[i], members[i]) < 0)
			err = -EINVAL;
	return err;
}

int put_charging(struct subscriber *u, const json_t *part)
{
	struct cx_charging c = { 0 };
	int err = read_charging(u, part, "charging", &c);

	return err ? err : store_charging_put(u->store, u->subscription, &c);
}

/* ---- cloud ---- */

static int put_services(struct subscriber *u, const json_t *services, const char *where, int64_t cloud)
{
	const json_t *most;
	const char *name;
	char at[96];
	int err = 0;

	problem_field(at, sizeof at, where, "services");
	if (services && (!json_is_object(services) || json_object_size(services) > SERVICES_MAX))
		return problem_set(u->problem, 422, at, "an object of services with their limits is expected");
	json_object_foreach((json_t *)(uintptr_t)services, name, most) {
		int64_t limit = -1;

		if (!json_is_null(most) && member_integer(u, services, at, name, 0, INT32_MAX, &limit) < 0)
			return -EINVAL;
		err = store_cloud_service_put(u->store, cloud, name, limit);
		if (err)
			return err;
	}
	return 0;
}

static int check_guard(struct subscriber *u, const char *where, const char *guard)
{
	static const char *const guards[] = { "none", "token", "token+digest", "window" };
	char at[96];

	for (size_t i = 0; i < ARRAY_LEN(guards); i++)
		if (!strcmp(guards[i], guard))
			return 0;
	problem_field(at, sizeof at, where, "registration_guard");
	return problem_set(u->problem, 422, at, "none, token, token+digest or window is expected");
}

int put_one_cloud(struct subscriber *u, const json_t *o, const char *where)
{
	static const char *const keys[] = { "provider", "user", "project", "domain", "role", "registration_guard", "second_factor",
					    "services", NULL };
	struct cloud_row row = { .registration_guard = "none" };
	const char **texts[] = { &row.provider, &row.user, &row.project, &row.domain, &row.role, &row.registration_guard };
	char at[64];
	int64_t id;
	int err = members_known(u, o, where, keys);

	for (size_t k = 0; !err && k < ARRAY_LEN(texts); k++)
		if (member_text(u, o, where, keys[k], texts[k]) < 0)
			err = -EINVAL;
	problem_field(at, sizeof at, where, "provider");
	if (!err && (!row.provider || strchr(row.provider, '/')))
		err = problem_set(u->problem, 422, at, row.provider ? "a name without / is expected" : "is needed");
	if (!err)
		err = check_guard(u, where, row.registration_guard);
	if (!err && member_bool(u, o, where, "second_factor", &row.second_factor) < 0)
		err = -EINVAL;
	if (!err)
		err = store_cloud_put(u->store, u->id, &row, &id);
	if (err == -EEXIST)
		err = problem_set(u->problem, 422, at, "twice");
	return err ? err : put_services(u, json_object_get(o, "services"), where, id);
}

int put_cloud(struct subscriber *u, const json_t *part)
{
	const json_t *o;
	char where[32];
	size_t i;
	int err;

	if (part && (!json_is_array(part) || json_array_size(part) > CLOUDS_MAX))
		return problem_set(u->problem, 422, "cloud", "a list of %d at most is expected", CLOUDS_MAX);
	err = store_cloud_clear(u->store, u->id);
	if (!err && json_array_size(part)) /* as repository data it has a Sequence Number */
		err = store_cloud_changed(u->store, u->subscription);
	json_array_foreach(part, i, o) {
		if (err)
			break;
		snprintf(where, sizeof where, "cloud[%zu]", i);
		err = put_one_cloud(u, o, where);
	}
	return err;
}

/* ---- what is in the answer to the S-CSCF beside the profile ---- */

int put_privileged_sender(struct subscriber *u, const json_t *part)
{
	if (part && !json_is_boolean(part))
		return problem_set(u->problem, 422, "privileged_sender", "true or false is expected");
	return store_privileged_sender_put(u->store, u->id, json_is_true(part));
}

int put_reference_location(struct subscriber *u, const json_t *part)
{
	static const char *const keys[] = { "type", "info", "value", NULL };
	struct reference_location l = { NULL, NULL, NULL };

	if (part && (members_known(u, part, "reference_location", keys) || member_text(u, part, "reference_location", "type", &l.type) < 0 ||
		     member_text(u, part, "reference_location", "info", &l.info) < 0 ||
		     member_text(u, part, "reference_location", "value", &l.value) < 0))
		return -EINVAL;
	if (part && !(l.type && l.info && l.value))
		return problem_set(u->problem, 422, "reference_location", "type, info and value are needed");
	return store_reference_location_put(u->store, u->subscription, &l);
}
