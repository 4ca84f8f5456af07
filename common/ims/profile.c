// SPDX-License-Identifier: Apache-2.0
/* User-Data XML into plain structs. [TS 29.228 annex B the model, annex E the schema]
 * Two walks over the parsed document: one to measure, one to fill the single allocation. */
#include "common/ims/profile.h"
#include "common/ims/wildcard.h"
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

/* ---- the document ---- */

static bool is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && !strcmp((const char *)n->name, name);
}

static xmlNode *next_of(xmlNode *n, const char *name)
{
	while (n && !is(n, name))
		n = n->next;
	return n;
}

static xmlNode *child(const xmlNode *parent, const char *name)
{
	return parent ? next_of(parent->children, name) : NULL;
}

/* Text of an element; entities and CDATA sections may split it, the schema's simple types are one node in practice. */
static const char *text_of(const xmlNode *n)
{
	const xmlNode *t = n ? n->children : NULL;

	while (t && t->type != XML_TEXT_NODE && t->type != XML_CDATA_SECTION_NODE)
		t = t->next;
	return t && t->content ? (const char *)t->content : "";
}

static long number(const xmlNode *parent, const char *name, long absent)
{
	const xmlNode *n = child(parent, name);

	return n ? strtol(text_of(n), NULL, 10) : absent;
}

/* xs:boolean is 0, 1, true, false. */
static bool truth(const xmlNode *parent, const char *name)
{
	const char *t = text_of(child(parent, name));

	t += strspn(t, " \t\r\n");
	return *t == '1' || *t == 't';
}

static size_t count(const xmlNode *parent, const char *name)
{
	size_t n = 0;

	for (xmlNode *c = child(parent, name); c; c = next_of(c->next, name))
		n++;
	return n;
}

/* ---- memory: one block, structs first in any order, each aligned ---- */

struct arena {
	char *at, *end;
};

static size_t aligned(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static void *take(struct arena *a, size_t size)
{
	void *p = a->at;

	size = aligned(size);
	if (!size || (size_t)(a->end - a->at) < size)
		return NULL;
	a->at += size;
	return p;
}

/* Without the white space around it. */
static const char *take_text(struct arena *a, const xmlNode *n)
{
	const char *t = text_of(n);
	size_t len;
	char *copy;

	t += strspn(t, " \t\r\n");
	len = strlen(t);
	while (len && strchr(" \t\r\n", t[len - 1]))
		len--;
	copy = take(a, len + 1);
	if (copy)
		memcpy(copy, t, len);
	return copy;
}

static size_t size_of_element(const xmlNode *n)
{
	if (is(n, "PublicIdentity"))
		return sizeof(struct public_identity);
	if (is(n, "ServiceProfile"))
		return sizeof(struct service_profile);
	if (is(n, "InitialFilterCriteria"))
		return sizeof(struct filter_criterion);
	if (is(n, "SPT"))
		return sizeof(struct service_point_trigger);
	if (is(n, "SharedIFCSetID"))
		return sizeof(uint64_t);
	return 0;
}

/* Enough for all structs and texts of the element, its siblings and what they hold. */
static size_t measure(const xmlNode *n)
{
	size_t size = 0;

	for (; n; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		size += aligned(size_of_element(n)) + aligned(strlen(text_of(n)) + 1) + measure(n->children);
	}
	return size;
}

/* ---- the model, from the top ---- */

static bool read_identity(struct arena *a, const xmlNode *n, int profile, struct public_identity *i)
{
	const xmlNode *extension = child(n, "Extension");
	long type = number(extension, "IdentityType", 0);
	const xmlNode *display = child(child(extension, "Extension"), "DisplayName");

	*i = (struct public_identity){ .uri = take_text(a, child(n, "Identity")), .barred = truth(n, "BarringIndication"),
				       .profile = profile, .psi = type == 1 || type == 2, .wildcarded = type == 2 || type == 4 };
	if (display)
		i->display_name = take_text(a, display);
	if (i->wildcarded) {
		const xmlNode *wildcard = type == 2 ? child(extension, "WildcardedPSI") :
						      child(child(child(extension, "Extension"), "Extension"), "WildcardedIMPU");

		i->wildcard = wildcard ? take_text(a, wildcard) : i->uri;
	}
	return i->uri && *i->uri;
}

static void read_spt_kind(struct arena *a, const xmlNode *n, struct service_point_trigger *t)
{
	const xmlNode *x;

	if ((x = child(n, "RequestURI"))) {
		t->kind = SPT_REQUEST_URI;
		t->text = take_text(a, x);
	} else if ((x = child(n, "Method"))) {
		t->kind = SPT_METHOD;
		t->text = take_text(a, x);
	} else if ((x = child(n, "SIPHeader"))) {
		t->kind = SPT_SIP_HEADER;
		t->text = take_text(a, child(x, "Header"));
		t->content = child(x, "Content") ? take_text(a, child(x, "Content")) : NULL;
	} else if ((x = child(n, "SessionDescription"))) {
		t->kind = SPT_SESSION_DESCRIPTION;
		t->text = take_text(a, child(x, "Line"));
		t->content = child(x, "Content") ? take_text(a, child(x, "Content")) : NULL;
	} else {
		t->kind = SPT_SESSION_CASE;
		t->session_case = (int)number(n, "SessionCase", -1);
	}
}

static void read_spt(struct arena *a, const xmlNode *n, struct service_point_trigger *t)
{
	*t = (struct service_point_trigger){ .negated = truth(n, "ConditionNegated"), .session_case = -1 };
	for (xmlNode *g = child(n, "Group"); g; g = next_of(g->next, "Group"))
		t->group_mask |= 1u << (strtol(text_of(g), NULL, 10) & 31);
	for (xmlNode *g = child(child(n, "Extension"), "RegistrationType"); g; g = next_of(g->next, "RegistrationType"))
		t->registration_types |= 1u << (strtol(text_of(g), NULL, 10) & 3);
	read_spt_kind(a, n, t);
}

static bool read_trigger(struct arena *a, const xmlNode *n, struct filter_criterion *c)
{
	struct service_point_trigger *t;
	size_t n_spt = count(n, "SPT");

	if (!n)
		return true;
	c->has_trigger = true;
	c->cnf = truth(n, "ConditionTypeCNF");
	if (!n_spt)
		return true;
	t = take(a, n_spt * sizeof *t);
	if (!t)
		return false;
	for (xmlNode *s = child(n, "SPT"); s; s = next_of(s->next, "SPT"))
		read_spt(a, s, &t[c->trigger_count++]);
	c->triggers = t;
	return true;
}

static bool read_criterion(struct arena *a, const xmlNode *n, struct filter_criterion *c)
{
	const xmlNode *server = child(n, "ApplicationServer");
	const xmlNode *extension = child(server, "Extension");

	*c = (struct filter_criterion){ .priority = (int)number(n, "Priority", 0), .part = (int)number(n, "ProfilePartIndicator", -1) };
	c->server_name = take_text(a, child(server, "ServerName"));
	c->terminate_on_failure = number(server, "DefaultHandling", 0) == 1;
	c->include_register_request = child(extension, "IncludeRegisterRequest") != NULL;
	c->include_register_response = child(extension, "IncludeRegisterResponse") != NULL;
	if (child(server, "ServiceInfo"))
		c->service_info = take_text(a, child(server, "ServiceInfo"));
	return c->server_name && read_trigger(a, child(n, "TriggerPoint"), c);
}

static int by_priority(const void *a, const void *b)
{
	const struct filter_criterion *x = a, *y = b;

	return (x->priority > y->priority) - (x->priority < y->priority);
}

static bool read_criteria(struct arena *a, const xmlNode *n, struct service_profile *p)
{
	size_t i = 0, n_criteria = count(n, "InitialFilterCriteria");
	struct filter_criterion *c;

	if (!n_criteria)
		return true;
	c = take(a, n_criteria * sizeof *c);
	if (!c)
		return false;
	for (xmlNode *x = child(n, "InitialFilterCriteria"); x; x = next_of(x->next, "InitialFilterCriteria"))
		if (!read_criterion(a, x, &c[i++]))
			return false;
	qsort(c, n_criteria, sizeof *c, by_priority);
	p->criteria = c;
	p->criterion_count = n_criteria;
	return true;
}

static bool read_shared_sets(struct arena *a, const xmlNode *extension, struct service_profile *p)
{
	size_t n = count(extension, "SharedIFCSetID");
	uint32_t *sets;

	if (!n)
		return true;
	sets = take(a, n * sizeof *sets);
	if (!sets)
		return false;
	for (xmlNode *x = child(extension, "SharedIFCSetID"); x; x = next_of(x->next, "SharedIFCSetID"))
		sets[p->shared_ifc_set_count++] = (uint32_t)strtoul(text_of(x), NULL, 10);
	p->shared_ifc_sets = sets;
	return true;
}

static bool read_profile(struct arena *a, const xmlNode *n, struct service_profile *p)
{
	*p = (struct service_profile){ .media_profile_id = (int32_t)number(child(n, "CoreNetworkServicesAuthorization"),
									   "SubscribedMediaProfileId", -1) };
	return read_criteria(a, n, p) && read_shared_sets(a, child(n, "Extension"), p);
}

static bool read_subscription(struct arena *a, const xmlNode *root, struct subscription *s)
{
	struct public_identity *identities;
	struct service_profile *profiles;
	size_t n_identities = 0, n_profiles = count(root, "ServiceProfile");

	for (xmlNode *p = child(root, "ServiceProfile"); p; p = next_of(p->next, "ServiceProfile"))
		n_identities += count(p, "PublicIdentity");
	identities = take(a, n_identities * sizeof *identities);
	profiles = take(a, n_profiles * sizeof *profiles);
	if (!identities || !profiles)
		return false;
	for (xmlNode *p = child(root, "ServiceProfile"); p; p = next_of(p->next, "ServiceProfile")) {
		for (xmlNode *i = child(p, "PublicIdentity"); i; i = next_of(i->next, "PublicIdentity"))
			if (!read_identity(a, i, (int)s->profile_count, &identities[s->identity_count++]))
				return false;
		if (!read_profile(a, p, &profiles[s->profile_count++]))
			return false;
	}
	s->identities = identities;
	s->profiles = profiles;
	s->private_identity = take_text(a, child(root, "PrivateID"));
	return s->private_identity != NULL;
}

static struct subscription *build(const xmlNode *root)
{
	size_t size = aligned(sizeof(struct subscription)) + measure(root) + 64;
	struct subscription *s = calloc(1, size);
	struct arena a = { .at = (char *)s + aligned(sizeof *s), .end = (char *)s + size };

	if (s && !read_subscription(&a, root, s)) {
		free(s);
		return NULL;
	}
	return s;
}

int subscription_parse(struct bytes xml, struct subscription **out, const char **why)
{
	struct subscription *s = NULL;
	xmlDoc *doc;

	if (xml.len > USER_DATA_MAX) {
		*why = "User-Data of more than a megabyte";
		return -EBADMSG;
	}
	doc = xmlReadMemory((const char *)xml.data, (int)xml.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (!doc) {
		*why = "User-Data is not well-formed XML";
		return -EBADMSG;
	}
	if (!xmlDocGetRootElement(doc) || !is(xmlDocGetRootElement(doc), "IMSSubscription"))
		*why = "User-Data has no IMSSubscription";
	else if (!(s = build(xmlDocGetRootElement(doc))))
		*why = "User-Data lacks an identity, a profile or the name of a server";
	xmlFreeDoc(doc);
	if (!s)
		return -EBADMSG;
	*out = s;
	return 0;
}

void subscription_free(struct subscription *s)
{
	free(s);
}

const struct public_identity *subscription_find(const struct subscription *s, const char *canonical)
{
	for (size_t i = 0; i < s->identity_count; i++)
		if (!strcmp(s->identities[i].uri, canonical))
			return &s->identities[i];
	for (size_t i = 0; i < s->identity_count; i++)
		if (s->identities[i].wildcard && wildcard_match(s->identities[i].wildcard, canonical))
			return &s->identities[i];
	return NULL;
}

const struct public_identity *subscription_default(const struct subscription *s)
{
	for (size_t i = 0; i < s->identity_count; i++)
		if (!s->identities[i].barred && !s->identities[i].wildcarded)
			return &s->identities[i];
	return NULL;
}
