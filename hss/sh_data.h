// SPDX-License-Identifier: Apache-2.0
/* Sh-Data: what an AS asked for, as one XML document. [TS 29.328 annex C, annex D] */
#pragma once
#include "common/diameter/sh.h"
#include "hss/store/store.h"

/* A peer built on freeDiameter drops the connection of who sends it a message of 65,536 octets. */
enum { SH_DATA_MAX = 65000 };

struct sh_item {                     /* one piece of data of a public identity, with its access key [TS 29.328 table 7.6.1] */
	uint32_t reference;
	const char *server_name;     /* of filter criteria and DSAI */
	const char *name;            /* Service-Indication or DSAI-Tag; "": all tags */
	uint32_t identity_set;
};

struct sh_document;

struct sh_document_options {
	bool of_change;              /* tells of a change: that something is gone is told, too [TS 29.328 6.1.4] */
	bool named_sets;             /* identities stand under the name of their set: several sets were asked for */
	int64_t gone_number;         /* the Sequence Number that removed repository data */
};

struct sh_document *sh_document_new(struct store *s, struct obstack *pool, const struct sh_document_options *o);
/* Adds what there is of it: 1; 0 when there is nothing; -errno of the store. */
int sh_document_add(struct sh_document *d, const struct impu *u, const struct sh_item *item);
/* Ends it. Of nothing len is 0. In the pool; 0 or -ENOMEM. */
int sh_document_end(struct sh_document *d, struct bytes *out);
