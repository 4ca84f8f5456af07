// SPDX-License-Identifier: Apache-2.0
/* A subscriber object into the store, part by part; a part that is wrong takes the whole back (the caller's savepoint). */
#include "hss/identity.h"
#include "hss/rest/subscriber_part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMPI_MAX = 255, TEXT_MAX = 4096, XML_MAX = 1 << 20 };

/* ---- members ---- */

static int wrong(const struct subscriber *u, const char *where, const char *key, const char *what)
{
	char name[96];

	problem_field(name, sizeof name, where, key);
	return problem_set(u->problem, 422, name, "%s", what);
}

/* Neither what XML or a Diameter AVP of ours cannot carry, nor nothing, nor without end. Texts of XML have their own line ends. */
bool text_is_clean(const json_t *v)
{
	const char *s = json_string_value(v);
	bool xml = s && *s == '<';

	if (!s || !*s || strlen(s) != json_string_length(v) || strlen(s) > (xml ? XML_MAX : TEXT_MAX))
		return false;
	for (; *s; s++)
		if (*s == 0x7f || ((unsigned char)*s < 0x20 && !(xml && strchr("\t\r\n", *s))) || !strncmp(s, "\xef\xbf\xbe", 3) ||
		    !strncmp(s, "\xef\xbf\xbf", 3))
			return false;
	return true;
}

int member_text(const struct subscriber *u, const json_t *object, const char *where, const char *key, const char **out)
{
	const json_t *v = json_object_get(object, key);

	if (!v || json_is_null(v))
		return 0;
	if (!text_is_clean(v))
		return wrong(u, where, key, "a text is expected, not empty, of 4096 octets at most, without control characters; null for none");
	*out = json_string_value(v);
	return 1;
}

int member_bool(const struct subscriber *u, const json_t *object, const char *where, const char *key, bool *out)
{
	const json_t *v = json_object_get(object, key);

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_boolean(v))
		return wrong(u, where, key, "true or false is expected");
	*out = json_is_true(v);
	return 1;
}

int member_integer(const struct subscriber *u, const json_t *object, const char *where, const char *key, int64_t least, int64_t most,
		   int64_t *out)
{
	const json_t *v = json_object_get(object, key);
	char name[96];

	if (!v || json_is_null(v))
		return 0;
	problem_field(name, sizeof name, where, key);
	if (!json_is_integer(v) || json_integer_value(v) < least || json_integer_value(v) > most)
		return problem_set(u->problem, 422, name, "a number from %lld to %lld is expected",
				   (long long)least, (long long)most);
	*out = json_integer_value(v);
	return 1;
}

int members_known(const struct subscriber *u, const json_t *object, const char *where, const char *const *keys)
{
	const json_t *v;
	const char *key;

	if (!json_is_object(object))
		return problem_set(u->problem, 422, where, "an object is expected");
	json_object_foreach((json_t *)(uintptr_t)object, key, v) {
		const char *const *k = keys;

		while (*k && strcmp(*k, key))
			k++;
		if (!*k)
			return wrong(u, where, key, "nobody knows this member");
	}
	return 0;
}

/* ---- who ---- */

bool is_impi(const char *s) /* a network access identifier [TS 23.003 13.3] */
{
	const char *at = strchr(s, '@');

	for (const char *p = s; *p; p++)
		if (*p < '!' || *p > '~') /* octets above 127 are negative */
			return false;
	return at && at != s && at[1] && !strchr(at + 1, '@') && strlen(s) <= IMPI_MAX && !strpbrk(s, "\"<>\\,;");
}

static int find_impi(struct subscriber *u, const char *impi, const json_t *object)
{
	const char *own = NULL;
	int given = member_text(u, object, "", "impi", &own);

	if (given < 0)
		return given;
	if (impi && own && strcmp(impi, own))
		return problem_set(u->problem, 422, "impi", "the object says '%s', the address '%s'", own, impi);
	u->impi = impi ? impi : own;
	if (!u->impi)
		return problem_set(u->problem, 422, "impi", "is needed");
	return is_impi(u->impi) ? 0 : problem_set(u->problem, 422, "impi", "a name like alice@ims.test is expected");
}

/* The subscription: the one named, else the one it has, else one of its own. *old: where it was, 0 for nowhere. */
static int find_subscription(struct subscriber *u, const json_t *object, int64_t *old)
{
	struct private_identity p;
	const char *name = NULL;
	int given = member_text(u, object, "", "subscription", &name), err = store_private(u->store, u->pool, u->impi, &p);

	if (given < 0)
		return given;
	if (err && err != -ENOENT)
		return err;
	*old = err ? 0 : p.subscription;
	u->id = err ? 0 : p.id;
	u->subscription = *old;
	err = name || err ? store_subscription_put(u->store, name ? name : u->impi, &u->subscription) :
			    store_subscription_touch(u->store, u->subscription);
	if (!err && *old && u->subscription != *old)
		err = store_subscription_touch(u->store, *old);
	if (!err && (!u->id || u->subscription != *old))
		err = store_private_put(u->store, u->impi, u->subscription, &u->id);
	return err;
}

/* ---- the parts ---- */

static int put_rest(struct subscriber *u, const json_t *object, bool created)
{
	static const struct {
		const char *key;
		int (*put)(struct subscriber *u, const json_t *part);
	} parts[] = {
		{ "capabilities", put_capabilities }, { "visited_networks", put_networks }, { "charging", put_charging }, { "cloud", put_cloud },
		{ "privileged_sender", put_privileged_sender }, { "reference_location", put_reference_location },
	};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_LEN(parts); i++) {
		const json_t *part = json_object_get(object, parts[i].key);

		if (part || !created)
			err = parts[i].put(u, json_is_null(part) ? NULL : part);
	}
	return err;
}

static int put_who(struct subscriber *u, const json_t *object)
{
	const json_t *identities = json_object_get(object, "identities"), *credentials = json_object_get(object, "credentials");
	const char *profile = NULL;
	int err = member_text(u, object, "", "profile", &profile);

	if (err < 0)
		return err;
	if (!identities)
		return problem_set(u->problem, 422, "identities", "is needed");
	err = put_identities(u, identities, profile);
	return err || !credentials ? err : put_credentials(u, json_is_null(credentials) ? NULL : credentials);
}

/* What it left behind, here or in the subscription it came from, and whom that concerns. */
static int sweep(const struct subscriber_writing *w, int64_t private_identity, int64_t subscription, const struct push_before *before)
{
	int err = private_identity ? store_registrations_sweep(w->store, private_identity) : 0;

	store_changed_note(w->store, subscription, 0);
	if (!err)
		err = store_subscription_sweep(w->store, subscription);
	return err || !before->count ? err : push_compare(w->store, w->pool, subscription, before);
}

/* The sets served before; none of a subscriber that is new. */
static int look_before(const struct subscriber_writing *w, const char *impi, struct push_before *before)
{
	struct private_identity p;
	int err = store_private(w->store, w->pool, impi, &p);

	before->count = 0;
	if (err)
		return err == -ENOENT ? 0 : err;
	return push_look(w->store, w->pool, p.subscription, before);
}

int subscriber_put(const struct subscriber_writing *w, const char *impi, const json_t *object, bool *created)
{
	static const char *const keys[] = { "impi", "subscription", "credentials", "identities", "profile", "capabilities",
					    "visited_networks", "charging", "cloud", "privileged_sender", "reference_location",
					    "registration", NULL };
	struct subscriber u = { .hss = w->hss, .store = w->store, .pool = w->pool, .problem = w->problem, .role = w->role };
	struct push_before *before = obstack_alloc(w->pool, sizeof *before);
	int64_t old = 0;
	int err = members_known(&u, object, "", keys);

	if (!err)
		err = find_impi(&u, impi, object);
	if (!err)
		err = look_before(w, u.impi, before);
	if (!err)
		err = find_subscription(&u, object, &old);
	*created = !old;
	if (!err)
		err = put_who(&u, object);
	if (!err)
		err = put_rest(&u, object, *created);
	if (!*created || json_object_get(object, "subscription"))
		store_changed_note(w->store, u.subscription, 0);
	if (!err && old)
		err = sweep(w, u.id, old, before);
	return err ? problem_of_store(w->problem, err) : 0;
}

static int sweep_registrations(const struct subscriber_writing *w, int64_t subscription)
{
	struct cx_strings impis = { .count = 0 };
	int err = store_privates_of(w->store, w->pool, subscription, &impis);

	for (size_t i = 0; !err && i < impis.count; i++) {
		struct private_identity p;

		err = store_private(w->store, w->pool, impis.item[i], &p);
		if (!err)
			err = store_registrations_sweep(w->store, p.id);
	}
	return err;
}

int subscriber_settle(const struct subscriber_writing *w, int64_t subscription, const struct push_before *before)
{
	int err = sweep_registrations(w, subscription);

	if (!err)
		err = sweep(w, 0, subscription, before);
	return err ? err : store_subscription_touch(w->store, subscription);
}

int subscriber_remove(const struct subscriber_writing *w, const char *impi)
{
	struct push_before *before = obstack_alloc(w->pool, sizeof *before);
	struct private_identity gone;
	int err = store_private(w->store, w->pool, impi, &gone);

	if (err == -ENOENT)
		return problem_set(w->problem, 404, NULL, "no subscriber %s", impi);
	if (!err)
		err = push_look(w->store, w->pool, gone.subscription, before);
	if (!err)
		err = store_private_remove(w->store, impi);
	if (!err)
		err = sweep(w, 0, gone.subscription, before);
	if (!err)
		err = store_subscription_touch(w->store, gone.subscription); /* what is left of it */
	return err ? problem_of_store(w->problem, err) : 0;
}
