// SPDX-License-Identifier: Apache-2.0
/* Many subscribers at once, as NDJSON: into the store (bulk.c), and out of it (bulk_export.c). */
#pragma once
#include "hss/rest/rest.h"

/* At the headers of a request: its body is an import. The caller is let in. */
void bulk_import(struct http_request *q, struct provisioning *d);
/* All of one snapshot, a subscriber a line; with sealed credentials when the caller may see them. */
void bulk_export(struct http_request *q, struct provisioning *d);
bool bulk_is_wanted(struct http_request *q, const char *header);  /* which is application/x-ndjson */
