// SPDX-License-Identifier: Apache-2.0
/* Many subscribers at once: a line of NDJSON is one object, put as by PUT. A wrong line is told and left out; the others stay.
 * A slice of lines goes into one transaction, and what else waits for the writer gets its turn between two slices. When the
 * store fails, the answer says up to which line everything is stored. */
#include "common/log.h"
#include "hss/rest.h"
#include "hss/subscriber.h"
#include <string.h>

enum { SLICE = 250, ERRORS_SHOWN = 100 };

/* The next line that is not empty; false at the end. */
static bool next_line(struct change *c, struct bytes *line)
{
	while (c->rest.len) {
		const uint8_t *end = memchr(c->rest.data, '\n', c->rest.len);
		size_t len = end ? (size_t)(end - c->rest.data) : c->rest.len;

		*line = (struct bytes){ c->rest.data, len };
		c->rest.data += len + !!end;
		c->rest.len -= len + !!end;
		c->line++;
		if (len && line->data[len - 1] == '\r')
			line->len--;
		if (line->len)
			return true;
	}
	return false;
}

static void tell(struct change *c, const struct problem *p)
{
	c->failed++;
	if (json_array_size(c->errors) < ERRORS_SHOWN)
		json_array_append_new(c->errors, json_pack("{s:I, s:s*, s:s}", "line", (json_int_t)c->line, "field",
							   *p->field ? p->field : NULL, "detail", p->detail));
}

static int put_line(struct change *c, struct store *s, struct bytes line, struct problem *p)
{
	struct obstack pool;
	const struct subscriber_writing w = { c->door->hss, s, &pool, p, c->role };
	json_error_t e;
	json_t *o = json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, &e);
	bool created;
	int err;

	if (!o)
		return problem_set(p, 422, NULL, "not JSON: column %d: %s", e.column, e.text);
	obstack_init(&pool);
	err = subscriber_put(&w, NULL, o, &created);
	obstack_free(&pool, NULL);
	json_decref(o);
	return err;
}

/* A line of its own savepoint, so that a wrong one leaves nothing behind. -errno only for what concerns all. */
static int take_line(struct change *c, struct store *s, struct bytes line)
{
	struct problem p = { 0 };
	int err = store_savepoint(s);

	if (err)
		return err;
	err = put_line(c, s, line, &p);
	if (!err) {
		err = store_release(s);
		c->loaded += !err;
		return err;
	}
	store_rollback_to(s);
	if (p.status >= 500)
		return err;
	tell(c, &p);
	return 0;
}

/* Where the slice begins: the slices before it are on the disk, and it may be made again from here. */
static void mark_slice(struct change *c)
{
	c->slice.rest = c->rest;
	c->slice.line = c->line;
	c->slice.loaded = c->loaded;
	c->slice.failed = c->failed;
	c->slice.errors = json_array_size(c->errors);
}

static void back_to_slice(struct change *c)
{
	c->rest = c->slice.rest;
	c->line = c->slice.line;
	c->loaded = c->slice.loaded;
	c->failed = c->slice.failed;
	while (json_array_size(c->errors) > c->slice.errors)
		json_array_remove(c->errors, json_array_size(c->errors) - 1);
}

static int make_slice(struct change *c, struct store *s)
{
	struct bytes line;
	int err = 0;

	back_to_slice(c);
	for (int i = 0; !err && i < SLICE && next_line(c, &line); i++)
		err = take_line(c, s, line);
	return err;
}

static void finish(struct change *c)
{
	log_event(LOG_INFO, "hss.bulk", "lines=%zu loaded=%zu failed=%zu seconds=%.1f", c->line, c->loaded, c->failed,
		  (double)(clock_ns() - c->began_ns) / 1e9);
	http_reply_json(c->request, 200, json_pack("{s:I, s:I, s:I, s:O}", "lines", (json_int_t)c->line, "loaded", (json_int_t)c->loaded,
						   "failed", (json_int_t)c->failed, "errors", c->errors));
	change_free(c);
}

static void stop_midway(struct change *c)
{
	struct problem p = c->problem;

	problem_set(&c->problem, p.status, NULL, "%s; up to line %zu everything is stored, %zu subscribers, and nothing after it", p.detail,
		    c->slice.line, c->slice.loaded);
	log_event(LOG_ERROR, "hss.bulk", "lines=%zu loaded=%zu why=\"%s\"", c->slice.line, c->slice.loaded, p.detail);
	change_refuse(c);
}

static void next_slice(struct change *c)
{
	mark_slice(c);
	if (c->rest.len)
		change_submit(c);
	else
		finish(c);
}

void bulk_begin(struct provisioning *d, struct http_request *q)
{
	struct change *c = change_new(d, q, make_slice, next_slice);

	if (!c)
		return;
	c->errors = json_array();
	c->rest = http_body(q);
	c->refuse = stop_midway;
	next_slice(c);
}
