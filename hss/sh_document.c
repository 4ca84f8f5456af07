// SPDX-License-Identifier: Apache-2.0
/* The document is written by sections, whatever the order in which things are asked for, for the schema has an order of its own:
 *
 *   PublicIdentifiers, RepositoryData *, Sh-IMS-Data: SCSCFName, IFCs, IMSUserState, ChargingInformation, Extension: PSIActivation,
 *   Extension: DSAI *, Extension: ServiceLevelTraceInfo; CSUserState, PSUserState,
 *   Extension: the named identity sets, Extension (four of them): IMSPrivateUserIdentity * */
#include "hss/sh_document.h"
#include <stdlib.h>

struct sh_document *sh_document_new(struct store *s, struct obstack *pool, const struct sh_document_options *o)
{
	struct sh_document *d = obstack_alloc(pool, sizeof *d);

	*d = (struct sh_document){ .store = s, .pool = pool, .options = *o };
	return d;
}

FILE *sh_section(struct sh_document *d, enum section which)
{
	if (!d->files[which])
		d->files[which] = open_memstream(&d->texts[which], &d->lengths[which]);
	d->failed = d->failed || !d->files[which];
	return d->files[which];
}

/* ---- put together ---- */

static void close_sections(struct sh_document *d)
{
	for (int i = 0; i < SECTIONS; i++)
		if (d->files[i] && fclose(d->files[i]))
			d->failed = true;
}

static size_t put_sections(FILE *f, const struct sh_document *d, enum section from, enum section to)
{
	size_t n = 0;

	for (int i = from; i <= (int)to; i++) {
		if (d->lengths[i])
			fwrite(d->texts[i], 1, d->lengths[i], f);
		n += d->lengths[i];
	}
	return n;
}

static bool has(const struct sh_document *d, enum section from, enum section to)
{
	for (int i = from; i <= (int)to; i++)
		if (d->lengths[i])
			return true;
	return false;
}

/* Each Extension inside the one before, as far as there is something in or under it. */
static void put_ims_extensions(FILE *f, const struct sh_document *d, enum section from)
{
	if (!has(d, from, TRACE))
		return;
	fputs("<Extension>", f);
	put_sections(f, d, from, from);
	if (from < TRACE)
		put_ims_extensions(f, d, from + 1);
	fputs("</Extension>", f);
}

static void put_ims_data(FILE *f, const struct sh_document *d)
{
	if (!has(d, SCSCF, TRACE))
		return;
	fputs("<Sh-IMS-Data>", f);
	put_sections(f, d, SCSCF, CHARGING);
	put_ims_extensions(f, d, PSI);
	fputs("</Sh-IMS-Data>", f);
}

static void put_set(FILE *f, const struct sh_document *d, enum section which, const char *element)
{
	if (!d->files[which])
		return;
	fprintf(f, "<%s>", element);
	put_sections(f, d, which, which);
	fprintf(f, "</%s>", element);
}

static void put_extension(FILE *f, const struct sh_document *d)
{
	bool privates = has(d, PRIVATE_IDENTITIES, PRIVATE_IDENTITIES);

	if (!privates && !d->files[REGISTERED_SET] && !d->files[IMPLICIT_SET] && !d->files[ALL_SET] && !d->files[ALIAS_SET])
		return;
	fputs("<Extension>", f);
	put_set(f, d, REGISTERED_SET, "RegisteredIdentities");
	put_set(f, d, IMPLICIT_SET, "ImplicitIdentities");
	put_set(f, d, ALL_SET, "AllIdentities");
	put_set(f, d, ALIAS_SET, "AliasIdentities");
	if (privates) {
		fputs("<Extension><Extension><Extension><Extension>", f);
		put_sections(f, d, PRIVATE_IDENTITIES, PRIVATE_IDENTITIES);
		fputs("</Extension></Extension></Extension></Extension>", f);
	}
	fputs("</Extension>", f);
}

static void put_document(FILE *f, const struct sh_document *d)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Sh-Data>", f);
	if (d->lengths[PUBLIC_IDENTIFIERS] || (d->files[PUBLIC_IDENTIFIERS] && d->options.of_change)) {
		fputs("<PublicIdentifiers>", f);
		put_sections(f, d, PUBLIC_IDENTIFIERS, PUBLIC_IDENTIFIERS);
		fputs("</PublicIdentifiers>", f);
	}
	put_sections(f, d, REPOSITORY, REPOSITORY);
	put_ims_data(f, d);
	put_sections(f, d, CS_STATE, PS_STATE);
	put_extension(f, d);
	fputs("</Sh-Data>", f);
}

static bool is_empty(const struct sh_document *d)
{
	for (int i = 0; i < SECTIONS; i++)
		if (d->lengths[i] || (d->files[i] && d->options.of_change))
			return false;
	return true;
}

int sh_document_end(struct sh_document *d, struct bytes *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	close_sections(d);
	*out = (struct bytes){ NULL, 0 };
	f = d->failed || is_empty(d) ? NULL : open_memstream(&text, &len);
	if (f) {
		put_document(f, d);
		fclose(f);
		*out = (struct bytes){ obstack_copy0(d->pool, text, (int)len), len };
		free(text);
	}
	for (int i = 0; i < SECTIONS; i++)
		free(d->texts[i]);
	return d->failed ? -ENOMEM : 0;
}
