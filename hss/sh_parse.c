// SPDX-License-Identifier: Apache-2.0
/* What an AS may write, out of its document; everything else in it is an error, for it would be lost. No entity is resolved and
 * nothing is fetched. */
#include "hss/sh_parse.h"
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 65535 };

static int fail(struct sh_updates *u, const char *why)
{
	u->why = why;
	return -EINVAL;
}

static bool is(const xmlNode *n, const char *name)
{
	return n && !n->ns && !strcmp((const char *)n->name, name);
}

static xmlNode *element(xmlNode *n)
{
	while (n && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return n;
}

/* Its text without the space around it, in the pool. */
static const char *text_of(const xmlNode *n, struct obstack *pool)
{
	xmlChar *text = xmlNodeGetContent(n);
	const char *from = text ? (const char *)text : "", *copy;
	size_t len;

	from += strspn(from, " \t\r\n");
	for (len = strlen(from); len && strchr(" \t\r\n", from[len - 1]);)
		len--;
	copy = obstack_copy0(pool, from, (int)len);
	xmlFree(text);
	return copy;
}

/* A decimal number of 0..most, or -1. */
static int64_t number_of(const xmlNode *n, struct obstack *pool, int64_t most)
{
	const char *text = text_of(n, pool);
	int64_t v;

	if (!*text || text[strspn(text, "0123456789")] || strlen(text) > 9)
		return -1;
	v = strtoll(text, NULL, 10);
	return v <= most ? v : -1;
}

/* The element alone, with the name spaces declared around it. */
static const char *dump(xmlNode *n, struct obstack *pool, size_t *len)
{
	xmlBuffer *b = xmlBufferCreate();
	const char *out = NULL;

	for (const xmlNode *p = n->parent; p && p->type == XML_ELEMENT_NODE; p = p->parent)
		for (const xmlNs *ns = p->nsDef; ns; ns = ns->next)
			xmlNewNs(n, ns->href, ns->prefix); /* or it has one of this prefix */
	if (b && xmlNodeDump(b, n->doc, n, 0, 0) > 0) {
		*len = (size_t)xmlBufferLength(b);
		out = obstack_copy0(pool, xmlBufferContent(b), (int)*len);
	}
	xmlBufferFree(b);
	return out;
}

/* ---- the parts ---- */

/* Service Data holds elements, no text [TS 29.328 annex D]. */
static bool holds_text(const xmlNode *n)
{
	for (const xmlNode *c = n->children; c; c = c->next)
		if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE || c->type == XML_ENTITY_REF_NODE) &&
		    !xmlIsBlankNode(c))
			return true;
	return false;
}

static int read_repository(xmlNode *n, struct obstack *pool, struct sh_updates *u)
{
	struct sh_repository *r = &u->repository[u->repository_count];
	xmlNode *part = element(n->children);

	if (u->repository_count == SH_UPDATES_MAX)
		return fail(u, "more repository data than one update takes");
	*r = (struct sh_repository){ .indication = NULL };
	if (!is(part, "ServiceIndication"))
		return fail(u, "repository data without ServiceIndication");
	r->indication = text_of(part, pool);
	part = element(part->next);
	if (!*r->indication || !is(part, "SequenceNumber") || (r->number = number_of(part, pool, NUMBER_MAX)) < 0)
		return fail(u, "repository data without a SequenceNumber of 0 to 65535");
	part = element(part->next);
	if (is(part, "ServiceData")) {
		if (holds_text(part))
			return fail(u, "ServiceData with text beside its elements");
		r->data = dump(part, pool, &r->len);
		part = element(part->next);
		if (!r->data)
			return fail(u, "no memory");
	}
	if (part && !is(part, "Extension"))
		return fail(u, "an element of repository data that nobody knows");
	u->repository_count++;
	return 0;
}

static int read_dsai(xmlNode *n, struct obstack *pool, struct sh_updates *u)
{
	xmlNode *tag = element(n->children), *value = tag ? element(tag->next) : NULL;
	int64_t v = is(tag, "DSAI-Tag") && is(value, "DSAI-Value") ? number_of(value, pool, 1) : -1;
	const char *name = v < 0 ? "" : text_of(tag, pool);

	if (u->dsai_count == SH_UPDATES_MAX)
		return fail(u, "more DSAI than one update takes");
	if (!*name)
		return fail(u, "a DSAI without DSAI-Tag or DSAI-Value");
	u->dsai[u->dsai_count++] = (struct sh_dsai){ name, v == 0 };
	return 0;
}

static int read_psi(xmlNode *n, struct obstack *pool, struct sh_updates *u)
{
	int64_t v = number_of(n, pool, 1);

	if (v < 0 || u->has_psi)
		return fail(u, "PSIActivation is 0 or 1, once");
	u->has_psi = true;
	u->psi_active = v;
	return 0;
}

/* [TS 29.328 annex D] each later release stands in the Extension of the one before */
static int read_ims_data(xmlNode *n, struct obstack *pool, struct sh_updates *u)
{
	int err = 0;

	for (xmlNode *part = element(n->children); !err && part; part = element(part->next)) {
		if (is(part, "Extension"))
			err = read_ims_data(part, pool, u);
		else if (is(part, "PSIActivation"))
			err = read_psi(part, pool, u);
		else if (is(part, "DSAI"))
			err = read_dsai(part, pool, u);
		else
			err = fail(u, "an element of Sh-IMS-Data that cannot be written");
	}
	return err;
}

static int read_document(xmlDoc *doc, struct obstack *pool, struct sh_updates *u)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	int err = 0;

	if (doc->intSubset || !is(root, "Sh-Data"))
		return fail(u, "the document is no Sh-Data");
	for (xmlNode *part = element(root->children); !err && part; part = element(part->next)) {
		if (is(part, "RepositoryData"))
			err = read_repository(part, pool, u);
		else if (is(part, "Sh-IMS-Data"))
			err = read_ims_data(part, pool, u);
		else if (!is(part, "PublicIdentifiers")) /* who it is about is in User-Identity */
			err = fail(u, "an element of Sh-Data that cannot be written");
	}
	return err;
}

/* NULL: it is not well-formed, nor are its name spaces, which libxml2 lets pass otherwise. */
static xmlDoc *read_xml(struct bytes xml)
{
	xmlParserCtxt *context = xmlNewParserCtxt();
	xmlDoc *doc = context ? xmlCtxtReadMemory(context, (const char *)xml.data, (int)xml.len, NULL, NULL,
						  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING) : NULL;

	if (doc && !context->nsWellFormed) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(context);
	return doc;
}

int sh_parse(struct bytes xml, struct obstack *pool, struct sh_updates *out)
{
	xmlDoc *doc = read_xml(xml);
	int err;

	*out = (struct sh_updates){ .why = NULL };
	err = doc ? read_document(doc, pool, out) : fail(out, "the document is not XML");
	xmlFreeDoc(doc);
	return err;
}
