// SPDX-License-Identifier: Apache-2.0
/* Rows that say what is to be told, and how to read them. */
#include "hss/push.h"
#include <stdlib.h>
#include <string.h>

static json_t *list_of(const struct cx_strings *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; texts && i < texts->count; i++)
		json_array_append_new(list, json_string(texts->item[i]));
	return list;
}

int push_rtr(struct store *s, const struct push_rtr *rtr)
{
	json_t *o;
	char *text;
	int err;

	if (!rtr->host)
		return 0;
	o = json_pack("{s:o, s:o, s:i, s:b, s:s*, s:s*}", "impus", list_of(rtr->impus), "associated", list_of(rtr->associated), "reason",
		      (int)rtr->reason, "reference_location", rtr->reference_location, "info", rtr->info, "server", rtr->server);
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!text)
		return -ENOMEM;
	err = store_push_rtr(s, rtr->host, rtr->impi, text);
	free(text);
	return err;
}

int push_ppr(struct store *s, const char *host, int64_t set, const char *impi)
{
	return host ? store_push_ppr(s, host, impi ? impi : "", set) : 0;
}

/* ---- shown ---- */

/* Whom a PPR of a profile names. */
static int name_one(struct store *s, struct obstack *pool, const struct pending_push *row, const char **impi)
{
	struct push_served now;
	int err;

	*impi = row->private_identity;
	if (**impi)
		return 0;
	err = push_look_at_set(s, pool, row->set, &now);
	if (!err)
		*impi = now.impi;
	return err;
}

static int list_host(struct store *s, struct obstack *pool, const char *host, size_t most, json_t *list)
{
	struct pending_push *rows = obstack_alloc(pool, (most + 1) * sizeof *rows);
	int n = store_pushes_of(s, pool, host, 0, rows, most), err = n < 0 ? n : 0;

	for (int i = 0; !err && i < n; i++) {
		const char *impi;

		err = name_one(s, pool, &rows[i], &impi);
		if (!err)
			json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "command", rows[i].request ? "RTR" : "PPR", "scscf", host,
							      "impi", impi));
	}
	return err;
}

int push_list_json(struct store *s, struct obstack *pool, size_t most, json_t **out)
{
	json_t *list = json_array();
	const char *host = "";
	int err = 0;

	while (!err && json_array_size(list) < most && !(err = store_push_next_host(s, pool, host, &host)))
		err = list_host(s, pool, host, most - json_array_size(list), list);
	if (err && err != -ENOENT) {
		json_decref(list);
		return err;
	}
	*out = list;
	return 0;
}

/* ---- read again ---- */

static const char *take(const json_t *text, struct obstack *pool)
{
	const char *s = json_string_value(text);

	return s ? obstack_copy0(pool, s, (int)strlen(s)) : NULL;
}

static void take_all(const json_t *list, struct obstack *pool, struct cx_strings *out)
{
	const json_t *text;
	size_t i;

	json_array_foreach(list, i, text)
		if (out->count < CX_LIST_MAX && json_is_string(text))
			out->item[out->count++] = take(text, pool);
}

int push_rtr_parse(const char *request, struct obstack *pool, struct cx_rtr *out, const char **server)
{
	json_t *o = json_loads(request, 0, NULL);

	if (!o)
		return -EBADMSG;
	take_all(json_object_get(o, "impus"), pool, &out->public_identities);
	take_all(json_object_get(o, "associated"), pool, &out->associated_identities);
	out->reason = (enum cx_deregistration_reason)json_integer_value(json_object_get(o, "reason"));
	out->reference_location = json_is_true(json_object_get(o, "reference_location"));
	*server = take(json_object_get(o, "server"), pool);
	out->reason_info = take(json_object_get(o, "info"), pool);
	json_decref(o);
	return 0;
}
