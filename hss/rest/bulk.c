// SPDX-License-Identifier: Apache-2.0
/* An import: a line of NDJSON is one subscriber object, put as by PUT. A wrong line is told and left out; the others stay.
 *
 *   body ─▶ incoming ─▶ lines ─▶ writer: a slice of them in one transaction ─▶ on the disk ─▶ the next slice
 *             └─ full: the client waits                                           └─ what else waits has its turn
 *
 * So an import takes little memory, however long it is. With ?import=NAME how far it has come is stored with each slice: the same
 * import sent again, after whatever ended it, passes over the lines that are stored. */
#include "hss/rest/bulk.h"
#include "common/log.h"
#include "hss/notify.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SLICE = 250, ERRORS_SHOWN = 1000, LINE_MAX_BYTES = 1 << 20, INCOMING_MAX = 2 * LINE_MAX_BYTES, NAME_MAX_BYTES = 64 };

struct buffer {
	uint8_t *data;
	size_t len, size;
};

struct bulk {
	struct change *change;
	struct buffer incoming;          /* as it arrives */
	struct buffer lines;             /* what the writer works on */
	size_t at;                       /* up to where */
	bool whole, lost;                /* the body has ended; the client has gone */
	bool busy;                       /* the writer has a slice: `lines`, `at`, `last` and the numbers are its */
	bool last;                       /* nothing comes after `lines` */
	bool stopped;                    /* the change's problem says why; the rest of the body is let pass */
	const char *name;                /* of the import; NULL: none */
	bool closed;                     /* and nothing is noted of it any more */
	int64_t skip;                    /* lines that are stored already */
	struct progress {
		int64_t line, loaded, failed, skipped;
	} now, slice;                    /* slice: where the one begins that is being made */
	size_t slice_at, slice_errors;
	json_t *errors;
};

bool bulk_is_wanted(struct http_request *q, const char *header)
{
	const char *type = http_header(q, header);

	return type && strcasestr(type, "application/x-ndjson");
}

static void bulk_free(struct bulk *b)
{
	free(b->incoming.data);
	free(b->lines.data);
	json_decref(b->errors);
	change_free(b->change);
	free(b);
}

/* ---- buffers ---- */

static bool append(struct buffer *b, struct bytes piece)
{
	if (b->len + piece.len > b->size) {
		size_t size = 2 * (b->len + piece.len);
		uint8_t *more = realloc(b->data, size);

		if (!more)
			return false;
		b->data = more;
		b->size = size;
	}
	if (piece.len)
		memcpy(b->data + b->len, piece.data, piece.len);
	b->len += piece.len;
	return true;
}

/* What has arrived is added to what is left of a line. */
static bool refill(struct bulk *b)
{
	if (b->at)
		memmove(b->lines.data, b->lines.data + b->at, b->lines.len - b->at);
	b->lines.len -= b->at;
	b->at = 0;
	if (!append(&b->lines, (struct bytes){ b->incoming.data, b->incoming.len }))
		return false;
	b->incoming.len = 0;
	return true;
}

/* The next line that is not empty; false when no whole one is here. */
static bool next_line(struct bulk *b, struct bytes *line)
{
	while (b->at < b->lines.len) {
		const uint8_t *start = b->lines.data + b->at, *end = memchr(start, '\n', b->lines.len - b->at);
		size_t len = end ? (size_t)(end - start) : b->lines.len - b->at;

		if (!end && !b->last)
			return false;
		b->at += len + !!end;
		b->now.line++;
		if (len && start[len - 1] == '\r')
			len--;
		*line = (struct bytes){ start, len };
		if (len && b->now.line > b->skip)
			return true;
		b->now.skipped += b->now.line <= b->skip;
	}
	return false;
}

/* ---- a line, on the writer's thread ---- */

static void tell(struct bulk *b, const struct problem *p)
{
	char pointer[2 * sizeof p->field];

	b->now.failed++;
	if (json_array_size(b->errors) >= ERRORS_SHOWN)
		return;
	problem_pointer(p->field, pointer, sizeof pointer);
	json_array_append_new(b->errors, json_pack("{s:I, s:s*, s:s*, s:s}", "line", (json_int_t)b->now.line, "field",
						   *p->field ? p->field : NULL, "pointer", *p->field ? pointer : NULL, "detail", p->detail));
}

static int put_line(struct bulk *b, struct store *s, struct bytes line, struct problem *p)
{
	struct obstack pool;
	const struct subscriber_writing w = { b->change->door->hss, s, &pool, p, b->change->role };
	json_error_t e;
	json_t *o = json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, &e);
	bool created;
	int err;

	if (!o)
		return problem_set(p, 422, NULL, "not JSON: column %d: %s", e.column, problem_of_json(&e));
	obstack_init(&pool);
	err = subscriber_put(&w, NULL, o, &created);
	if (!err)
		err = notify_operator(s, &pool);
	obstack_free(&pool, NULL);
	json_decref(o);
	return err;
}

/* A line of its own savepoint, so that a wrong one leaves nothing behind. -errno only for what concerns all. */
static int take_line(struct bulk *b, struct store *s, struct bytes line)
{
	struct problem p = { 0 };
	int err = store_savepoint(s);

	if (err)
		return err;
	err = put_line(b, s, line, &p);
	if (!err) {
		err = store_release(s);
		b->now.loaded += !err;
		return err;
	}
	store_rollback_to(s);
	if (p.status >= 500)
		return err;
	tell(b, &p);
	return 0;
}

/* The slices before this one are on the disk, and it may be made again. */
static void mark_slice(struct bulk *b)
{
	b->slice = b->now;
	b->slice_at = b->at;
	b->slice_errors = json_array_size(b->errors);
}

static void back_to_slice(struct bulk *b)
{
	b->now = b->slice;
	b->at = b->slice_at;
	while (json_array_size(b->errors) > b->slice_errors)
		json_array_remove(b->errors, json_array_size(b->errors) - 1);
}

/* Where an import of that name had come to, the first time. */
static int find_start(struct bulk *b, struct store *s)
{
	struct import_row row = { 0 };
	int err;

	if (!b->name || b->now.line)
		return 0;
	err = store_import(s, b->name, &row);
	b->skip = row.line;
	b->now.loaded = row.loaded;
	b->now.failed = row.failed;
	return err == -ENOENT ? 0 : err;
}

static int note_progress(struct bulk *b, struct store *s)
{
	b->closed = b->last && b->at == b->lines.len;
	if (b->closed)
		return store_import_remove(s, b->name);
	if (b->now.line <= b->skip)
		return 0;
	return store_import_put(s, b->name, &(struct import_row){ b->now.line, b->now.loaded, b->now.failed });
}

static int make_slice(struct change *c, struct store *s)
{
	struct bulk *b = c->own;
	struct bytes line;
	int err;

	back_to_slice(b);
	err = find_start(b, s);
	for (int i = 0; !err && i < SLICE && next_line(b, &line); i++)
		err = take_line(b, s, line);
	return err || !b->name ? err : note_progress(b, s);
}

/* ---- the flow, on the loop's thread ---- */

static void finish(struct bulk *b)
{
	struct change *c = b->change;

	log_event(LOG_INFO, "hss.bulk", "lines=%lld loaded=%lld failed=%lld seconds=%.1f", (long long)b->now.line, (long long)b->now.loaded,
		  (long long)b->now.failed, (double)(clock_ns() - c->began_ns) / 1e9);
	http_reply_json(c->request, 200, json_pack("{s:I, s:I, s:I, s:I, s:b, s:O}", "lines", (json_int_t)b->now.line, "loaded",
						   (json_int_t)b->now.loaded, "failed", (json_int_t)b->now.failed, "skipped",
						   (json_int_t)b->now.skipped, "dry_run", c->dry_run, "errors", b->errors));
	bulk_free(b);
}

static void end_stopped(struct bulk *b)
{
	problem_reply(b->change->request, &b->change->problem);
	bulk_free(b);
}

/* Nothing can be said before the body has ended: until then it is let pass. */
static void stop(struct bulk *b)
{
	b->stopped = true;
	b->incoming.len = b->lines.len = b->at = 0;
	if (b->whole)
		end_stopped(b);
	else
		http_sink_resume(b->change->request);
}

static void stop_for_long_line(struct bulk *b)
{
	problem_set(&b->change->problem, 413, NULL, "line %lld is of more than %d bytes; up to the line before it everything is stored",
		    (long long)b->now.line + 1, LINE_MAX_BYTES);
	stop(b);
}

static bool has_line(struct bulk *b)
{
	size_t left = b->lines.len - b->at;

	b->last = b->whole && !b->incoming.len;
	return left && (b->last || memchr(b->lines.data + b->at, '\n', left));
}

static void go_on(struct bulk *b)
{
	if (b->busy || b->stopped)
		return;
	if (!has_line(b)) {
		if (!refill(b)) {
			problem_set(&b->change->problem, 500, NULL, "out of memory");
			return stop(b);
		}
		if (!b->whole)
			http_sink_resume(b->change->request);
	}
	if (has_line(b) || (b->last && b->name && !b->closed)) {
		b->busy = true;
		mark_slice(b);
		change_submit(b->change);
	} else if (b->whole) {
		finish(b);
	} else if (b->lines.len > LINE_MAX_BYTES) {
		stop_for_long_line(b);
	}
}

static void on_slice(struct change *c)
{
	struct bulk *b = c->own;

	b->busy = false;
	if (b->lost)
		bulk_free(b);
	else
		go_on(b);
}

static void on_store_failed(struct change *c)
{
	struct bulk *b = c->own;
	struct problem p = c->problem;

	b->busy = false;
	log_event(LOG_ERROR, "hss.bulk", "lines=%lld loaded=%lld why=\"%s\"", (long long)b->slice.line, (long long)b->slice.loaded, p.detail);
	if (b->lost)
		return bulk_free(b);
	problem_set(&c->problem, p.status, NULL, "%s; up to line %lld everything is stored, %lld subscribers, and nothing after it", p.detail,
		    (long long)b->slice.line, (long long)b->slice.loaded);
	stop(b);
}

/* ---- the body ---- */

static size_t on_piece(void *bulk, struct bytes piece)
{
	struct bulk *b = bulk;

	if (b->stopped)
		return piece.len;
	if (piece.len > INCOMING_MAX - b->incoming.len)
		piece.len = INCOMING_MAX - b->incoming.len;
	if (!append(&b->incoming, piece)) {
		problem_set(&b->change->problem, 500, NULL, "out of memory");
		b->stopped = true;
	}
	go_on(b);
	return piece.len;
}

static void on_end(void *bulk)
{
	struct bulk *b = bulk;

	b->whole = true;
	if (b->stopped)
		end_stopped(b);
	else
		go_on(b);
}

static void on_lost(void *bulk)
{
	struct bulk *b = bulk;

	b->lost = true;
	log_event(LOG_WARN, "hss.bulk", "lines=%lld loaded=%lld why=\"the client has gone\"", (long long)b->now.line, (long long)b->now.loaded);
	if (!b->busy)
		bulk_free(b);
}

static const struct http_sink sink = { .take = on_piece, .end = on_end, .lost = on_lost };

void bulk_import(struct http_request *q, struct provisioning *d)
{
	struct change *c = change_new(d, q, make_slice, on_slice);
	const char *name = http_query(q, "import");
	struct bulk *b = c ? calloc(1, sizeof *b) : NULL;

	if (!c)
		return;
	if (!b || (name && (!rest_name_is_good(name) || strlen(name) > NAME_MAX_BYTES))) {
		problem_set(&c->problem, b ? 400 : 500, b ? "import" : NULL, b ? "a name of at most 64 characters is expected" : "out of memory");
		free(b);
		return change_refuse(c);
	}
	*b = (struct bulk){ .change = c, .errors = json_array(), .name = name ? obstack_copy0(&c->pool, name, (int)strlen(name)) : NULL };
	c->own = b;
	c->refuse = on_store_failed;
	http_body_to(q, &sink, b);
}
