// SPDX-License-Identifier: Apache-2.0
/* The XML of annex E, element by element in the order of its sequences. A registration set whose identities have several
 * profiles gives a ServiceProfile for each, that of the default identity first. [TS 29.228 annex E, B.2] */
#include "hss/user_data.h"
#include "hss/xml_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDENTITIES_MAX = 256, ALL_REGISTRATION_TYPES = 7 };

struct document {
	struct store *store;
	struct obstack *pool;
	FILE *xml;
	int err;
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

static void put_criterion(void *context, const struct criterion_row *c)
{
	struct document *d = context;

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

static void put_shared_set(void *context, uint32_t number)
{
	FILE *f = *(FILE **)context;

	xml_put_number(f, "SharedIFCSetID", number);
}

/* An Extension stands only around something. */
static int put_shared_sets(struct document *d, int64_t profile)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		return -ENOMEM;
	err = store_each_shared_set(d->store, profile, put_shared_set, &f);
	fclose(f);
	if (!err && len)
		fprintf(d->xml, "<Extension>%s</Extension>", text);
	free(text);
	return err;
}

static int put_profile_content(struct document *d, int64_t profile)
{
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
	return err ? err : put_shared_sets(d, profile);
}

static void put_identity(FILE *f, const struct profile_identity *i)
{
	fputs("<PublicIdentity>", f);
	if (i->barred)
		xml_put_number(f, "BarringIndication", 1);
	xml_put_text(f, "Identity", i->uri);
	if (i->kind || i->display_name) {
		fputs("<Extension>", f);
		xml_put_number(f, "IdentityType", i->kind);
		if (i->kind == KIND_WILDCARDED_PSI)
			xml_put_text(f, "WildcardedPSI", i->wildcard);
		if (i->display_name || (i->kind == KIND_WILDCARDED_USER && i->wildcard)) {
			fputs("<Extension>", f);
			xml_put_text(f, "DisplayName", i->display_name);
			if (i->kind == KIND_WILDCARDED_USER && i->wildcard) {
				fputs("<Extension>", f);
				xml_put_text(f, "WildcardedIMPU", i->wildcard);
				fputs("</Extension>", f);
			}
			fputs("</Extension>", f);
		}
		fputs("</Extension>", f);
	}
	fputs("</PublicIdentity>", f);
}

static bool seen_before(const struct document *d, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (d->identities[j].profile == d->identities[i].profile)
			return true;
	return false;
}

static int put_profile(struct document *d, int64_t profile)
{
	int err;

	fputs("<ServiceProfile>", d->xml);
	for (size_t i = 0; i < d->count; i++)
		if (d->identities[i].profile == profile)
			put_identity(d->xml, &d->identities[i]);
	err = put_profile_content(d, profile);
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
	int64_t first;
	int err;

	if (!d->count)
		return 0;
	first = d->identities[default_identity(d)].profile;
	err = put_profile(d, first);
	for (size_t i = 0; !err && i < d->count; i++)
		if (d->identities[i].profile != first && !seen_before(d, i))
			err = put_profile(d, d->identities[i].profile);
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

static int put_subscription(struct document *d, const void *private_identity)
{
	int err;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?><IMSSubscription>", d->xml);
	xml_put_text(d->xml, "PrivateID", private_identity);
	err = put_profiles(d);
	fputs("</IMSSubscription>", d->xml);
	return err;
}

int user_data(struct store *s, struct obstack *pool, const char *private_identity, int64_t set, struct bytes *out)
{
	struct document *d = obstack_alloc(pool, sizeof *d);
	int err;

	*d = (struct document){ .store = s, .pool = pool };
	err = store_each_identity(s, pool, set, collect, d);
	return err ? err : write_document(d, put_subscription, private_identity, out);
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

	*d = (struct document){ .store = s, .pool = pool };
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
