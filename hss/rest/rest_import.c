// SPDX-License-Identifier: Apache-2.0
/* /v1/imports/NAME: how far a bulk import has come that was given a name and did not end. It goes on when it is sent again. */
#include "hss/rest/resource.h"

static int show(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision)
{
	struct import_row row;
	int err = store_import(s, name, &row);

	(void)pool;
	if (err)
		return err;
	*out = json_pack("{s:s, s:I, s:I, s:I}", "name", name, "lines", (json_int_t)row.line, "loaded", (json_int_t)row.loaded, "failed",
			 (json_int_t)row.failed);
	*revision = row.line;
	return 0;
}

static int drop(struct change *c, struct store *s)
{
	return store_import_remove(s, c->name);
}

static const struct resource imports = { .what = "import", .list = "imports", .each = store_each_import, .show = show, .remove = drop };

static const struct rest_route routes[] = {
	{ "GET", "/v1/imports", resource_list },
	{ "GET", "/v1/imports/*", resource_get },
	{ "DELETE", "/v1/imports/*", resource_delete },
};

REST_RESOURCE_OF(rest_imports, routes, &imports);
