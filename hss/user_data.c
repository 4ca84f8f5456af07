// SPDX-License-Identifier: Apache-2.0
/* The XML of annex E, element by element in the order of its sequences. A registration set whose identities have several
 * profiles gives a ServiceProfile for each, that of the default identity first. [TS 29.228 annex E, B.2] */
#include "hss/user_data.h"
#include "hss/user_data_identity.h"
#include "hss/xml_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDENTITIES_MAX = 256, ALL_REGISTRATION_TYPES = 7, SHARED_MAX = 64 };

struct document {
	struct store *store;
	struct obstack *pool;
	FILE *xml;
	int err;
	uint32_t features;           /* of the S-CSCF that it is for */
	struct reference_location reference;
	const char *masked;          /* of the profile being written; NULL: nothing */
	struct profile_identity identities[IDENTITIES_MAX];
	size_t count;
};

/* ---- initial filter criteria ---- */

/* Exactly one of the five, as the schema's choice wants. */
static void put_spt_kind(FILE *f, const struct trigger_row *t)
{
	const char *element = NULL, *inner = NULL;

	if (!strcmp(t->kind, "request-uri"))
		return xml_put_text(f, "RequestURI", t->text);
	if (!strcmp(t->kind, "method"))
		return xml_put_text(f, "Method", t->text);
	if (!strcmp(t->kind, "session-case"))
		return xml_put_number(f, "SessionCase", t->session_case);
	element = !strcmp(t->kind, "sip-header") ? "SIPHeader" : "SessionDescription";
	inner = !strcmp(t->kind, "sip-header") ? "Header" : "Line";
	fprintf(f, "<%s>", element);
	xml_put_text(f, inner, t->text);
	xml_put_text(f, "Content", t->content);
	fprintf(f, "</%s>", element);
}

static void put_spt(void *context, const struct trigger_row *t)
{
	struct document *d = context;

	fputs("<SPT>", d->xml);
	xml_put_number(d->xml, "ConditionNegated", t->negated);
	for (int i = 0; i < 32; i++)
		if (t->group_mask >> i & 1)
			xml_put_number(d->xml, "Group", i);
	put_spt_kind(d->xml, t);
	if (t->registration_types && t->registration_types != ALL_REGISTRATION_TYPES) { /* two at most; all three say nothing */
		fputs("<Extension>", d->xml);
		for (int i = 0; i < 3; i++)
			if (t->registration_types >> i & 1)
				xml_put_number(d->xml, "RegistrationType", i);
		fputs("</Extension>", d->xml);
	}
	fputs("</SPT>", d->xml);
}

static void put_server(FILE *f, const struct criterion_row *c)
{
	fputs("<ApplicationServer>", f);
	xml_put_text(f, "ServerName", c->server_name);
	xml_put_number(f, "DefaultHandling", c->terminate_on_failure);
	xml_put_text(f, "ServiceInfo", c->service_info);
	if (c->include_request || c->include_response) {
		fputs("<Extension>", f);
		if (c->include_request)
			fputs("<IncludeRegisterRequest/>", f);
		if (c->include_response)
			fputs("<IncludeRegisterResponse/>", f);
		fputs("</Extension>", f);
	}
	fputs("</ApplicationServer>", f);
}

/* An AS that has switched all of its services off for the identity gets no requests [TS 29.328 7.14, TS 23.218 5.2.7]. */
static bool is_masked(const struct document *d, const char *server_name)
{
	size_t n = strlen(server_name);

	for (const char *at = d->masked && *d->masked ? strstr(d->masked, server_name) : NULL; at; at = strstr(at + 1, server_name))
		if (at[-1] == '\n' && at[n] == '\n')
			return true;
	return false;
}

static void put_criterion(void *context, const struct criterion_row *c)
{
	struct document *d = context;

	if (is_masked(d, c->server_name))
		return;
	fputs("<InitialFilterCriteria>", d->xml);
	xml_put_number(d->xml, "Priority", c->priority);
	if (c->has_trigger) {
		fputs("<TriggerPoint>", d->xml);
		xml_put_number(d->xml, "ConditionTypeCNF", c->cnf);
		d->err = d->err ? d->err : store_each_trigger(d->store, d->pool, c->id, put_spt, d);
		fputs("</TriggerPoint>", d->xml);
	}
	put_server(d->xml, c);
	if (c->part >= 0)
		xml_put_number(d->xml, "ProfilePartIndicator", c->part);
	fputs("</InitialFilterCriteria>", d->xml);
}

/* ---- service profile ---- */

int64_t user_data_shared_set(const char *profile)
{
	char name[SHARED_NAME_MAX];
	unsigned number;

	if (sscanf(profile, SHARED_NAME, &number) != 1)
		return -1;
	snprintf(name, sizeof name, SHARED_NAME, number);
	return strcmp(name, profile) ? -1 : (int64_t)number;
}

struct shared_sets {
	uint32_t numbers[SHARED_MAX];
	size_t count;
};

static void add_shared_set(void *context, uint32_t number)
{
	struct shared_sets *s = context;

	if (s->count < SHARED_MAX)
		s->numbers[s->count++] = number;
}

/* An S-CSCF that has them finds them by number; another one is sent what they hold [TS 29.229 7.1.1]. */
static int put_criteria_of_set(struct document *d, uint32_t number)
{
	char name[SHARED_NAME_MAX];
	int64_t id;
	int err;

	snprintf(name, sizeof name, SHARED_NAME, number);
	err = store_profile_find(d->store, name, &id);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = store_each_criterion(d->store, d->pool, id, put_criterion, d);
	return err ? err : d->err;
}

/* An Extension stands only around something. */
static int put_shared_sets(struct document *d, const struct shared_sets *s)
{
	int err = 0;

	if (!(d->features & CX_SHARED_IFC)) {
		for (size_t i = 0; !err && i < s->count; i++)
			err = put_criteria_of_set(d, s->numbers[i]);
		return err;
	}
	if (s->count)
		fputs("<Extension>", d->xml);
	for (size_t i = 0; i < s->count; i++)
		xml_put_number(d->xml, "SharedIFCSetID", s->numbers[i]);
	if (s->count)
		fputs("</Extension>", d->xml);
	return 0;
}

static int put_profile_content(struct document *d, int64_t profile)
{
	struct shared_sets shared = { .count = 0 };
	int media, err;

	if (!profile)
		return 0;
	media = store_media_profile(d->store, profile);
	if (media < 0 && media != -ENOENT)
		return media;
	if (media >= 0) {
		fputs("<CoreNetworkServicesAuthorization>", d->xml);
		xml_put_number(d->xml, "SubscribedMediaProfileId", media);
		fputs("</CoreNetworkServicesAuthorization>", d->xml);
	}
	err = store_each_criterion(d->store, d->pool, profile, put_criterion, d);
	if (!err)
		err = d->err;
	if (!err)
		err = store_each_shared_set(d->store, profile, add_shared_set, &shared);
	return err ? err : put_shared_sets(d, &shared);
}

/* An S-CSCF that knows no alias groups takes the identities of one service profile for aliases of each other: there each group has a
 * profile of its own [TS 29.229 7.1.1]. */
static bool is_together(const struct document *d, const struct profile_identity *a, const struct profile_identity *b)
{
	const char *x = a->extras.alias_group, *y = b->extras.alias_group;

	return a->profile == b->profile && !strcmp(a->masked, b->masked) && (d->features & CX_ALIAS_INDICATION || x == y || (x && y && !strcmp(x, y)));
}

static bool seen_before(const struct document *d, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (is_together(d, &d->identities[j], &d->identities[i]))
			return true;
	return false;
}

static int put_profile(struct document *d, const struct profile_identity *of)
{
	int err;

	fputs("<ServiceProfile>", d->xml);
	for (size_t i = 0; i < d->count; i++)
		if (is_together(d, &d->identities[i], of))
			user_data_put_identity(d->xml, &d->identities[i], d->features & CX_ALIAS_INDICATION);
	d->masked = of->masked;
	err = put_profile_content(d, of->profile);
	fputs("</ServiceProfile>", d->xml);
	return err;
}

/* The default identity, the first that is not barred, is also the first such one of the document, whatever profiles the barred
 * ones before it have [TS 24.229 5.4.1.2.2F]. */
static size_t default_identity(const struct document *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (!d->identities[i].barred)
			return i;
	return 0;
}

static int put_profiles(struct document *d)
{
	const struct profile_identity *first = &d->identities[default_identity(d)];
	int err;

	if (!d->count)
		return 0;
	err = put_profile(d, first);
	for (size_t i = 0; !err && i < d->count; i++)
		if (!is_together(d, &d->identities[i], first) && !seen_before(d, i))
			err = put_profile(d, &d->identities[i]);
	return err;
}

/* ---- the whole ---- */

static void collect(void *context, const struct profile_identity *i)
{
	struct document *d = context;

	if (d->count < IDENTITIES_MAX)
		d->identities[d->count++] = *i;
}

static int write_document(struct document *d, int (*put)(struct document *d, const void *what), const void *what, struct bytes *out)
{
	char *text = NULL;
	size_t len = 0;
	int err;

	d->xml = open_memstream(&text, &len);
	if (!d->xml)
		return -ENOMEM;
	err = put(d, what);
	fclose(d->xml);
	if (!err)
		*out = (struct bytes){ obstack_copy0(d->pool, text, (int)len), len };
	free(text);
	return err;
}

static void put_reference_location(FILE *f, const struct reference_location *l)
{
	if (!l->type)
		return;
	fputs("<Extension><Extension><ReferenceLocationInformation>", f);
	xml_put_text(f, "AccessType", l->type);
	xml_put_text(f, "AccessInfo", l->info);
	xml_put_text(f, "AccessValue", l->value);
	fputs("</ReferenceLocationInformation></Extension></Extension>", f);
}

static int put_subscription(struct document *d, const void *private_identity)
{
	int err;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?><IMSSubscription>", d->xml);
	xml_put_text(d->xml, "PrivateID", private_identity);
	err = put_profiles(d);
	put_reference_location(d->xml, &d->reference);
	fputs("</IMSSubscription>", d->xml);
	return err;
}

int user_data(struct store *s, struct obstack *pool, const struct user_data_wish *w, struct bytes *out)
{
	struct document *d = obstack_alloc(pool, sizeof *d);
	int err;

	*d = (struct document){ .store = s, .pool = pool, .features = w->features };
	err = store_each_identity(s, pool, w->set, collect, d);
	if (!err)
		err = store_reference_location(s, pool, w->subscription, &d->reference);
	return err ? err : write_document(d, put_subscription, w->private_identity, out);
}

static int put_one_profile(struct document *d, const void *profile)
{
	int err;

	fputs("<ServiceProfile>", d->xml);
	err = put_profile_content(d, *(const int64_t *)profile);
	fputs("</ServiceProfile>", d->xml);
	return err;
}

int user_data_profile(struct store *s, struct obstack *pool, int64_t profile, struct bytes *out)
{
	struct document *d = obstack_alloc(pool, sizeof *d);

	*d = (struct document){ .store = s, .pool = pool, .features = CX_SHARED_IFC };
	return write_document(d, put_one_profile, &profile, out);
}

/* ---- the criteria of one AS ---- */

struct user_data_of_server {
	int64_t profile;
	const char *server_name;
};
struct criteria_of {
	struct document *document;
	const char *server_name;
};

static void put_own_criterion(void *context, const struct criterion_row *c)
{
	const struct criteria_of *own = context;

	if (!strcmp(c->server_name, own->server_name))
		put_criterion(own->document, c);
}

static int put_criteria_of(struct document *d, const void *what)
{
	const struct user_data_of_server *w = what;
	struct criteria_of own = { d, w->server_name };
	int err = store_each_criterion(d->store, d->pool, w->profile, put_own_criterion, &own);

	return err ? err : d->err;
}

int user_data_criteria(struct store *s, struct obstack *pool, int64_t profile, const char *server_name, struct bytes *out)
{
	const struct user_data_of_server w = { profile, server_name };
	struct document *d = obstack_alloc(pool, sizeof *d);

	*d = (struct document){ .store = s, .pool = pool };
	return write_document(d, put_criteria_of, &w, out);
}
