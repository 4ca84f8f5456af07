// SPDX-License-Identifier: Apache-2.0
/* Restoration information to text and back. The HSS does not look into it. */
#include "hss/restoration.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

/* ---- to text ---- */

static json_t *subscription_json(bool has, const struct cx_subscription *s)
{
	return has ? json_pack("{s:s, s:s, s:s, s:s, s:s*}", "call_id", s->call_id, "from", s->from, "to", s->to, "contact", s->contact,
			       "record_route", s->record_route) : NULL;
}

static json_t *contact_json(const struct cx_restoration_contact *c)
{
	return json_pack("{s:s, s:s, s:s*, s:s*, s:o*, s:o*}", "path", c->path ? c->path : "", "contact", c->contact ? c->contact : "",
			 "call_id", c->call_id_sip_header, "cseq", c->initial_cseq,
			 "subscription", subscription_json(c->has_subscription, &c->subscription),
			 "pcscf_subscription", subscription_json(c->has_pcscf_subscription, &c->pcscf_subscription));
}

/* NULL when a text is none that JSON can hold: SIP's are UTF-8 [RFC 3261 7]. */
static json_t *all_json(const struct cx_restoration *info)
{
	json_t *contacts = json_array();

	for (size_t i = 0; i < info->count; i++)
		if (json_array_append_new(contacts, contact_json(&info->contacts[i]))) {
			json_decref(contacts);
			return NULL;
		}
	return json_pack("{s:I, s:s*, s:o}", "time_out", (json_int_t)info->time_out_s, "scheme", info->scheme, "contacts", contacts);
}

const char *restoration_text(const struct cx_restoration *info, struct obstack *pool)
{
	json_t *all = all_json(info);
	char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	const char *copy = text ? obstack_copy0(pool, text, (int)strlen(text)) : NULL;

	free(text);
	json_decref(all);
	return copy;
}

/* ---- from text ---- */

static const char *take(const json_t *object, const char *key, struct obstack *pool)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? obstack_copy0(pool, text, (int)strlen(text)) : NULL;
}

static bool take_subscription(const json_t *contact, const char *key, struct obstack *pool, struct cx_subscription *out)
{
	const json_t *s = json_object_get(contact, key);

	*out = (struct cx_subscription){ .call_id = take(s, "call_id", pool), .from = take(s, "from", pool), .to = take(s, "to", pool),
					 .contact = take(s, "contact", pool), .record_route = take(s, "record_route", pool) };
	return s;
}

static void take_contact(const json_t *contact, struct obstack *pool, struct cx_restoration_contact *out)
{
	*out = (struct cx_restoration_contact){
		.path = take(contact, "path", pool), .contact = take(contact, "contact", pool),
		.call_id_sip_header = take(contact, "call_id", pool), .initial_cseq = take(contact, "cseq", pool) };
	out->has_subscription = take_subscription(contact, "subscription", pool, &out->subscription);
	out->has_pcscf_subscription = take_subscription(contact, "pcscf_subscription", pool, &out->pcscf_subscription);
}

int restoration_parse(const char *text, const char *private_identity, struct obstack *pool, struct cx_restoration *out)
{
	json_t *all = json_loads(text, 0, NULL), *contact;
	size_t i;

	if (!all)
		return -EBADMSG;
	*out = (struct cx_restoration){ .private_identity = private_identity, .scheme = take(all, "scheme", pool),
					.time_out_s = json_integer_value(json_object_get(all, "time_out")) };
	json_array_foreach(json_object_get(all, "contacts"), i, contact) {
		if (out->count == CX_LIST_MAX)
			break;
		take_contact(contact, pool, &out->contacts[out->count++]);
	}
	json_decref(all);
	return 0;
}
