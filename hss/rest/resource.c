// SPDX-License-Identifier: Apache-2.0
/* Reading a resource: one, or a page of many. */
#include "hss/rest/resource.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Strong: what provisioning may change of it is the same as long as this is [RFC 9110 8.8.1]. */
void resource_etag(struct http_request *q, int64_t revision)
{
	char tag[32];

	snprintf(tag, sizeof tag, "\"%" PRIx64 "\"", (uint64_t)revision);
	http_reply_header(q, "ETag", tag);
}

void resource_get(struct http_request *q, struct provisioning *d)
{
	const struct resource *r = d->of;
	struct obstack pool;
	struct store *s = rest_begin(d, q, &pool);
	int64_t revision = 0;
	json_t *o = NULL;
	int err;

	if (!s)
		return;
	err = r->show(s, &pool, http_rest(q), &o, &revision);
	if (err == -ENOENT) {
		http_problem(q, 404, NULL, "no %s %s", r->what, http_rest(q));
	} else if (err) {
		rest_reply_unread(q);
	} else {
		resource_etag(q, revision);
		http_reply_json(q, 200, o);
	}
	rest_end(s, &pool);
}

/* ---- pages ---- */

bool page_read(struct http_request *q, struct page *p)
{
	const char *limit = http_query(q, "limit");
	long most = !limit ? PAGE_DEFAULT : limit[strspn(limit, "0123456789")] ? 0 : strtol(limit, NULL, 10);

	p->count = 0;
	p->most = (size_t)most;
	if (most >= 1 && most <= PAGE_MAX)
		return true;
	http_problem(q, 400, "limit", "a number from 1 to %d is expected", PAGE_MAX);
	return false;
}

void page_add(void *page, const char *name)
{
	struct page *p = page;

	p->names[p->count++] = name;
}

static void put_escaped(FILE *f, const char *text)
{
	for (; *text; text++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@:", *text))
			fputc(*text, f);
		else
			fprintf(f, "%%%02X", (unsigned char)*text);
}

/* In the answer, and as a link [RFC 8288]. */
static void put_next(struct http_request *q, json_t *answer, const struct page *p, const char *path)
{
	char *next = NULL, *link = NULL;
	size_t len;
	FILE *f = open_memstream(&next, &len);

	if (!f)
		return;
	fprintf(f, "%s%climit=%zu&after=", path, strchr(path, '?') ? '&' : '?', p->most);
	put_escaped(f, p->names[p->most - 1]);
	fclose(f);
	json_object_set_new(answer, "next", json_string(next));
	if (asprintf(&link, "<%s>; rel=\"next\"", next) >= 0)
		http_reply_header(q, "Link", link);
	free(link);
	free(next);
}

void page_reply(struct http_request *q, const struct page *p, const char *path, const char *list, json_t *items, int64_t total)
{
	json_t *answer = json_pack("{s:o}", list, items);

	if (p->count > p->most)
		put_next(q, answer, p, path);
	if (total >= 0)
		json_object_set_new(answer, "total", json_integer(total));
	http_reply_json(q, 200, answer);
}

static bool after_is_good(struct http_request *q, const char *after)
{
	if (!after || !*after || rest_name_is_good(after))
		return true;
	http_problem(q, 400, "after", "what the page before has in `next` is expected");
	return false;
}

static int show_page(const struct resource *r, struct store *s, struct obstack *pool, const struct page *p, json_t *items)
{
	int err = 0;

	for (size_t i = 0; !err && i < p->count && i < p->most; i++) {
		json_t *o = NULL;
		int64_t revision;

		if (r->names_only)
			o = json_string(p->names[i]);
		else
			err = r->show(s, pool, p->names[i], &o, &revision);
		json_array_append_new(items, o);
	}
	return err;
}

void resource_list(struct http_request *q, struct provisioning *d)
{
	const struct resource *r = d->of;
	const char *after = http_query(q, "after");
	json_t *items = json_array();
	int64_t total = -1;
	struct obstack pool;
	struct store *s;
	struct page p;
	int err;

	s = page_read(q, &p) && after_is_good(q, after) ? rest_begin(d, q, &pool) : NULL;
	if (!s)
		return json_decref(items);
	err = r->each(s, &pool, after ? after : "", p.most + 1, page_add, &p);
	if (!err)
		err = show_page(r, s, &pool, &p, items);
	if (!err && r->count)
		err = r->count(s, &total);
	if (err) {
		json_decref(items);
		rest_reply_unread(q);
	} else {
		page_reply(q, &p, d->route->path, r->list, items, total);
	}
	rest_end(s, &pool);
}
