// SPDX-License-Identifier: Apache-2.0
/* What the verbs on resources of the REST door have in common: one shown, a list in pages, one changed, one removed. */
#pragma once
#include "ctl/client.h"
#include "ctl/noun.h"
#include "ctl/output.h"

/* How a flag becomes a member of the object that is sent. An empty value, --note '', takes the member away. */
struct setting {
	const char *flag, *member;
	enum { SETTING_TEXT, SETTING_NUMBER, SETTING_YES_NO, SETTING_NUMBERS, SETTING_FILE } kind; /* NUMBERS: repeated; FILE: of JSON */
};
/* Those that were given, into `object`. False after saying what is wrong. */
bool settings_read(const struct arguments *a, const struct setting *settings, size_t n, json_t *object);
/* A file of JSON, "-" is standard input; NULL after saying what is wrong. */
json_t *json_file(const char *path, const char *flag);

#define DRY_RUN_FLAG { "--dry-run", NULL, "checks everything, changes nothing, tells what would change", false }
#define LIST_FLAGS \
	{ "--limit", "N", "at most so many, else 100", false }, \
	{ "--after", "NAME", "those after this one, in their order", false }

/* Each an exit status. `path` is that of the thing; thing_path() makes one, to be freed. `object` is borrowed. */
char *thing_path(const char *prefix, const char *name, const char *more);
int thing_show(const struct ctl *c, char *path);                                  /* this one and the last take the path */
int thing_send(const struct ctl *c, const struct arguments *a, const char *method, const char *path, const json_t *object);
int thing_remove(const struct ctl *c, const struct arguments *a, char *path);

struct listing {
	const char *path, *member;       /* "/v1/identities", "identities" */
	const struct column *columns;
	size_t column_count;
	/* A row of the table from one of the list, new; NULL: as it is. */
	json_t *(*row)(const json_t *item);
};
int thing_list(const struct ctl *c, const struct arguments *a, const struct listing *l);
