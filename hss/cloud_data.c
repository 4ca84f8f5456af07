// SPDX-License-Identifier: Apache-2.0
/* Cloud profiles out of their rows and into them:
 *
 *   <ServiceData><CloudProfiles xmlns="urn:minims:cloud-profile:1"><CloudProfile>
 *     <PrivateIdentity/> <Provider/> <User/>? <Project/>? <Domain/>? <Role/>? <RegistrationGuard/>? <SecondFactor/>?
 *     <Service most="3"/>* */
#include "hss/cloud_data.h"
#include "hss/rest/subscriber_part.h"
#include "hss/xml_text.h"
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#define NAMESPACE "urn:minims:cloud-profile:1"
enum { PRIVATES_MAX = 64 };

/* Element and member of the subscriber object, in their order. */
static const struct { const char *element, *key; } texts[] = {
	{ "Provider", "provider" }, { "User", "user" }, { "Project", "project" }, { "Domain", "domain" }, { "Role", "role" },
	{ "RegistrationGuard", "registration_guard" },
};

struct owners {
	struct { int64_t id; const char *impi; json_t *profiles; } item[PRIVATES_MAX];
	size_t count;
};

static void add_owner(void *context, int64_t id, const char *impi)
{
	struct owners *o = context;

	if (o->count < PRIVATES_MAX)
		o->item[o->count++] = (__typeof__(o->item[0])){ id, impi, NULL };
}

/* ---- out ---- */

struct writing {
	struct store *store;
	struct obstack *pool;
	FILE *f;
	const char *impi;
	size_t count;
	int err;
};

static void put_service(void *context, const char *service, int64_t most)
{
	struct writing *w = context;

	if (most >= 0)
		fprintf(w->f, "<Service most=\"%lld\">", (long long)most);
	else
		fputs("<Service>", w->f);
	xml_put_escaped(w->f, service);
	fputs("</Service>", w->f);
}

static void put_profile(void *context, const struct cloud_row *row)
{
	const char *const values[] = { row->provider, row->user, row->project, row->domain, row->role, row->registration_guard };
	struct writing *w = context;

	fputs("<CloudProfile>", w->f);
	xml_put_text(w->f, "PrivateIdentity", w->impi);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		xml_put_text(w->f, texts[i].element, values[i]);
	xml_put_text(w->f, "SecondFactor", row->second_factor ? "true" : "false");
	if (!w->err)
		w->err = store_each_cloud_service(w->store, w->pool, row->id, put_service, w);
	fputs("</CloudProfile>", w->f);
	w->count++;
}

static int put_profiles(struct writing *w, const struct owners *o)
{
	int err = 0;

	fputs("<ServiceData><CloudProfiles xmlns=\"" NAMESPACE "\">", w->f);
	for (size_t i = 0; !err && i < o->count; i++) {
		w->impi = o->item[i].impi;
		err = store_each_cloud(w->store, w->pool, o->item[i].id, put_profile, w);
	}
	fputs("</CloudProfiles></ServiceData>", w->f);
	return err ? err : w->err;
}

int cloud_data_show(struct store *s, struct obstack *pool, const struct impu *u, struct repository_row *out)
{
	struct owners o = { .count = 0 };
	int64_t number = out->number;
	char *text = NULL;
	size_t len = 0;
	struct writing w = { .store = s, .pool = pool, .f = open_memstream(&text, &len) };
	int err = w.f ? store_each_owner(s, pool, u->id, add_owner, &o) : -ENOMEM;

	if (!err)
		err = put_profiles(&w, &o);
	if (w.f)
		fclose(w.f);
	if (!err)
		err = store_cloud_sequence(s, u->subscription, &number);
	if (err == -ENOENT)
		err = 0; /* older than the numbers */
	out->number = number;
	out->data = w.count && !err ? obstack_copy0(pool, text, (int)len) : NULL;
	free(text);
	return err ? err : w.count ? 0 : -ENOENT;
}

/* ---- in ---- */

static bool is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && n->ns && !strcmp((const char *)n->ns->href, NAMESPACE) && !strcmp((const char *)n->name, name);
}

static const xmlNode *next_element(const xmlNode *n)
{
	while (n && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return n;
}

static json_t *text_json(const xmlNode *n)
{
	xmlChar *text = xmlNodeGetContent(n);
	json_t *v = json_string(text ? (const char *)text : "");

	xmlFree(text);
	return v;
}

static int add_service(json_t *profile, const xmlNode *n)
{
	json_t *services = json_object_get(profile, "services");
	xmlChar *most = xmlGetNoNsProp(n, (const xmlChar *)"most"), *name = xmlNodeGetContent(n);
	bool good = name && *name && (!most || (*most && !most[strspn((const char *)most, "0123456789")] && strlen((const char *)most) < 10));

	if (good && !services) {
		services = json_object();
		json_object_set_new(profile, "services", services);
	}
	good = good && !json_object_set_new(services, (const char *)name,
					    most ? json_integer(strtoll((const char *)most, NULL, 10)) : json_null());
	xmlFree(most);
	xmlFree(name);
	return good ? 0 : -EINVAL;
}

/* A flag, a text or a service. */
static int add_member(json_t *profile, const xmlNode *n)
{
	json_t *v;

	if (is(n, "Service"))
		return add_service(profile, n);
	v = text_json(n);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (is(n, texts[i].element) && !json_object_get(profile, texts[i].key))
			return json_object_set_new(profile, texts[i].key, v) ? -EINVAL : 0;
	if (is(n, "SecondFactor") && v && (!strcmp(json_string_value(v), "true") || !strcmp(json_string_value(v), "false"))) {
		json_object_set_new(profile, "second_factor", json_boolean(!strcmp(json_string_value(v), "true")));
		json_decref(v);
		return 0;
	}
	json_decref(v);
	return -EINVAL;
}

/* Whose it is: the one named, or the only one. */
static json_t **list_of(struct owners *o, const xmlNode *first)
{
	xmlChar *impi = first && is(first, "PrivateIdentity") ? xmlNodeGetContent(first) : NULL;
	json_t **list = NULL;

	for (size_t i = 0; i < o->count && !list; i++)
		if (impi ? !strcmp((const char *)impi, o->item[i].impi) : o->count == 1)
			list = &o->item[i].profiles;
	xmlFree(impi);
	return list;
}

static int read_profile(struct owners *o, const xmlNode *n)
{
	const xmlNode *member = next_element(n->children);
	json_t **list = list_of(o, member), *profile;
	int err = 0;

	if (!list || !is(n, "CloudProfile"))
		return -EINVAL;
	if (!*list)
		*list = json_array();
	profile = json_object();
	json_array_append_new(*list, profile);
	if (member && is(member, "PrivateIdentity"))
		member = next_element(member->next);
	for (; !err && member; member = next_element(member->next))
		err = add_member(profile, member);
	return err;
}

static int read_profiles(struct owners *o, const char *data)
{
	xmlDoc *doc = xmlReadMemory(data, (int)strlen(data), NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL, *list = root ? next_element(root->children) : NULL;
	int err = list && is(list, "CloudProfiles") && !next_element(list->next) ? 0 : -EINVAL;

	for (const xmlNode *n = err ? NULL : next_element(list->children); !err && n; n = next_element(n->next))
		err = read_profile(o, n);
	xmlFreeDoc(doc);
	return err;
}

/* The same checks as those of a subscriber object. */
static int put_all(struct store *s, struct obstack *pool, const struct impu *u, const struct owners *o, struct problem *problem)
{
	int err = 0;

	for (size_t i = 0; !err && i < o->count; i++) {
		struct subscriber who = { .store = s, .pool = pool, .problem = problem, .impi = o->item[i].impi, .id = o->item[i].id,
					  .subscription = u->subscription };

		err = put_cloud(&who, o->item[i].profiles);
	}
	return err;
}

int cloud_data_put(struct store *s, struct obstack *pool, const struct impu *u, const struct repository_row *row, struct problem *problem)
{
	struct owners o = { .count = 0 };
	int err = store_each_owner(s, pool, u->id, add_owner, &o);

	if (!err && row->data)
		err = read_profiles(&o, row->data);
	if (err == -EINVAL)
		problem_set(problem, 422, "cloud", "no cloud profiles of this user");
	if (!err)
		err = put_all(s, pool, u, &o, problem);
	for (size_t i = 0; i < o.count; i++)
		json_decref(o.item[i].profiles);
	return err ? err : store_cloud_sequence_put(s, u->subscription, row->number);
}
