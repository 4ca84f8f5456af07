// SPDX-License-Identifier: Apache-2.0
/* Restoration information to text and back. The HSS does not look into it. */
#include "hss/restoration.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

static json_t *contact_json(const struct cx_restoration_contact *c)
{
	return json_pack("{s:s, s:s, s:s*, s:s*}", "path", c->path ? c->path : "", "contact", c->contact ? c->contact : "", "call_id",
			 c->call_id_sip_header, "cseq", c->initial_cseq);
}

const char *restoration_text(const struct cx_restoration *info, struct obstack *pool)
{
	json_t *contacts = json_array(), *all;
	const char *copy = NULL;
	char *text;

	for (size_t i = 0; i < info->count; i++)
		json_array_append_new(contacts, contact_json(&info->contacts[i]));
	all = json_pack("{s:I, s:o}", "pending", (json_int_t)info->authentication_pending, "contacts", contacts);
	text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	if (text)
		copy = obstack_copy0(pool, text, (int)strlen(text));
	free(text);
	json_decref(all);
	return copy;
}

static const char *take(const json_t *object, const char *key, struct obstack *pool)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? obstack_copy0(pool, text, (int)strlen(text)) : NULL;
}

int restoration_parse(const char *text, const char *private_identity, struct obstack *pool, struct cx_restoration *out)
{
	json_t *all = json_loads(text, 0, NULL), *contact;
	size_t i;

	if (!all)
		return -EBADMSG;
	*out = (struct cx_restoration){ .private_identity = private_identity,
					.authentication_pending = (uint32_t)json_integer_value(json_object_get(all, "pending")) };
	json_array_foreach(json_object_get(all, "contacts"), i, contact) {
		if (out->count == CX_LIST_MAX)
			break;
		out->contacts[out->count++] = (struct cx_restoration_contact){
			.path = take(contact, "path", pool), .contact = take(contact, "contact", pool),
			.call_id_sip_header = take(contact, "call_id", pool), .initial_cseq = take(contact, "cseq", pool) };
	}
	json_decref(all);
	return 0;
}
