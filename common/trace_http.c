// SPDX-License-Identifier: Apache-2.0
/* The reading side of the trace, on the ops server: GET /trace, /trace/ID, /explain?identity=. */
#include "common/trace.h"
#include "common/trace_find.h"
#include "common/trace_journal.h"
#include "common/trace_private.h"
#include "common/trace_summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- /trace ---- */

static json_t *text(const char *s)
{
	json_t *j = json_string(s);

	return j ? j : json_string("(not UTF-8)");
}

static json_t *time_json(uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000u);
	char date[32], whole[48];
	struct tm t;

	gmtime_r(&seconds, &t);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(whole, sizeof whole, "%s.%06uZ", date, (unsigned)(ns % 1000000000u / 1000));
	return json_string(whole);
}

static json_t *procedure_json(const struct trace_entry *e)
{
	return json_pack("{s:o, s:o, s:o, s:i, s:o, s:f}", "id", text(e->id), "identity", text(e->identity), "procedure", text(e->procedure),
			 "result", e->status, "time", time_json(e->time_ns), "seconds", (double)e->duration_ns / 1e9);
}

static void get_procedures(struct http_request *q, void *context)
{
	struct trace_entry *list = NULL;
	size_t n = trace_journal_list(trace_mode() != TRACE_ALL, &list);
	json_t *body = json_array();

	(void)context;
	for (size_t i = 0; i < n; i++)
		json_array_append_new(body, procedure_json(&list[i]));
	free(list);
	http_reply_json(q, 200, body);
}

/* ---- /trace/ID ---- */

static json_t *hex(struct bytes b)
{
	static const char digits[] = "0123456789abcdef";
	char *s = malloc(2 * b.len + 1);
	json_t *j;

	for (size_t i = 0; s && i < b.len; i++) {
		s[2 * i] = digits[b.data[i] >> 4];
		s[2 * i + 1] = digits[b.data[i] & 15];
	}
	j = s ? json_stringn(s, 2 * b.len) : NULL;
	free(s);
	return j ? j : json_string("");
}

static json_t *message_json(const struct trace_found *f)
{
	struct bytes b = { f->bytes, f->record.len };
	bool binary = f->record.protocol == TRACE_DIAMETER || memchr(b.data, 0, b.len);
	json_t *readable = binary ? NULL : json_stringn((const char *)b.data, b.len); /* NULL: not UTF-8 */
	bool is_text = readable;
	char summary[96];

	trace_summary(f->record.protocol, b, summary, sizeof summary);
	return json_pack("{s:I, s:o, s:o, s:s, s:o, s:s, s:o, s:o, s:o}", "time_ns", (json_int_t)f->record.time_ns, "from", text(f->record.from),
			 "to", text(f->record.to), "protocol", f->record.protocol == TRACE_SIP ? "sip" : "diameter", "summary",
			 text(summary), "encoding", is_text ? "utf-8" : "hex", "message", is_text ? readable : hex(b), "id",
			 text(f->record.id), "call_id", text(f->record.call_id));
}

static void get_messages(struct http_request *q, void *context)
{
	const char *name = http_rest(q);
	struct trace_found *found = NULL;
	struct trace_entry e;
	size_t n = trace_find(name, &found);
	json_t *body = json_array();

	(void)context;
	if (!n && (trace_journal_last(name, false, &e) || trace_journal_last(name, true, &e))) { /* an identity: its newest procedure */
		trace_found_free(found, n);
		n = trace_find(e.id, &found);
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(body, message_json(&found[i]));
	trace_found_free(found, n);
	http_reply_json(q, 200, body);
}

/* ---- /explain?identity= ---- */

static json_t *failure_json(const struct trace_entry *e)
{
	json_t *j = procedure_json(e);

	json_object_del(j, "seconds");
	json_object_set_new(j, "why", text(e->why));
	return j;
}

static void get_failure(struct http_request *q, void *context)
{
	const char *identity = http_query(q, "identity");
	struct trace_entry failure, last;

	(void)context;
	if (!identity || !*identity)
		return http_problem(q, 400, "identity", "whose failure? /explain?identity=sip:user@domain");
	http_reply_json(q, 200, json_pack("{s:o, s:o, s:o}", "identity", text(identity), "failure",
					  trace_journal_failure(identity, &failure) ? failure_json(&failure) : json_null(), "last",
					  trace_journal_last(identity, false, &last) ? procedure_json(&last) : json_null()));
}

const struct http_route trace_routes[] = {
	{ "GET", "/trace", get_procedures },
	{ "GET", "/trace/*", get_messages },
	{ "GET", "/explain", get_failure },
};
const size_t trace_route_count = ARRAY_LEN(trace_routes);
