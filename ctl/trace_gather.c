// SPDX-License-Identifier: Apache-2.0
/* Gathers the messages of a procedure. The CSCFs know a Call-ID and the icids that came with it, the HSS only icids: so each id
 * that an answer brings is asked for, too, until there are no new ones. [TS 24.229 7.2A.5, RFC 6733 8.8] */
#include "ctl/name.h"
#include "ctl/trace.h"
#include <stdlib.h>
#include <string.h>

enum { IDS_MAX = 64 };

struct ids {
	char *item[IDS_MAX];
	size_t count;
};

static void learn(struct ids *ids, const char *id)
{
	if (!*id || ids->count == IDS_MAX)
		return;
	for (size_t i = 0; i < ids->count; i++)
		if (!strcmp(ids->item[i], id))
			return;
	ids->item[ids->count] = strdup(id);
	ids->count += ids->item[ids->count] != NULL;
}

static size_t ask(const struct ctl *c, const char *id, struct messages *out)
{
	char *path = url_path("/trace/", id);
	struct answer *answers = ops_ask_all(c, "GET", path);
	size_t reached = 0;

	for (unsigned d = 0; d < c->options->ops_count; d++) {
		reached += answers[d].status != 0;
		if (answers[d].status == 200)
			messages_add(out, c->options, c->options->ops[d].name, answers[d].json);
	}
	answers_free(c, answers);
	free(path);
	return reached;
}

/* ---- an identity ---- */

static void note_newest(const json_t *last, char **id, char **time)
{
	const char *t = json_string_value(json_object_get(last, "time")), *i = json_string_value(json_object_get(last, "id"));

	if (!t || !i || !*i || (*time && strcmp(t, *time) <= 0)) /* ISO 8601 sorts as text */
		return;
	free(*id);
	free(*time);
	*id = strdup(i);
	*time = strdup(t);
}

static char *newest_of(const struct ctl *c, const char *identity)
{
	char *path = url_path("/explain?identity=", identity), *id = NULL, *time = NULL;
	struct answer *answers = ops_ask_all(c, "GET", path);

	for (unsigned d = 0; d < c->options->ops_count; d++) {
		note_newest(json_object_get(answers[d].json, "last"), &id, &time);
		note_newest(json_object_get(answers[d].json, "failure"), &id, &time);
	}
	answers_free(c, answers);
	free(path);
	free(time);
	return id;
}

char *trace_newest_of(const struct ctl *c, const char *identity)
{
	char *id = newest_of(c, identity), impu[NAME_MAX_LEN];

	if (id || strpbrk(identity, "@:"))
		return id;
	name_impu(c, identity, impu);
	return newest_of(c, impu);
}

/* ---- the whole ---- */

size_t trace_gather(const struct ctl *c, const char *name, struct messages *out)
{
	char *newest = trace_newest_of(c, name);
	struct ids ids = { .count = 0 };
	size_t reached = 0;

	learn(&ids, newest ? newest : name);
	for (size_t asked = 0; asked < ids.count; asked++) {
		size_t n = ask(c, ids.item[asked], out);

		reached = n > reached ? n : reached;
		for (size_t i = 0; i < out->count; i++) {
			learn(&ids, out->item[i].id);
			learn(&ids, out->item[i].call_id);
		}
	}
	for (size_t i = 0; i < ids.count; i++)
		free(ids.item[i]);
	messages_merge(out);
	free(newest);
	return reached;
}
