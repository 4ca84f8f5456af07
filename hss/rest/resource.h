// SPDX-License-Identifier: Apache-2.0
/* What all resources of the REST door have in common: lists in pages, ETags and preconditions, merge patches, dry runs. A
 * resource says how one of its things is shown, put and removed; the handlers here do the rest.
 *
 *   PUT, PATCH, POST: show ─▶ preconditions ─▶ body, or merged with what was shown ─▶ put ─▶ show ─▶ on the disk ─▶ answer
 *   dry run:          the same, and then all of it is taken back */
#pragma once
#include "hss/rest/rest.h"

typedef void on_name(void *context, const char *name);

struct resource {
	const char *what;                /* "subscriber", as messages call it */
	const char *list;                /* the list's member: "subscribers"; NULL: there is no list */
	bool names_only;                 /* of which only names are listed */
	bool is_fixed;                   /* PUT makes none */
	/* Members that are shown and do not come back; that come and are not shown. NULL-terminated, or NULL. */
	const char *const *shown_only, *const *never_shown;
	/* Names in their order, at most `most`, behind `after`. */
	int (*each)(struct store *s, struct obstack *pool, const char *after, size_t most, on_name *each, void *context);
	int (*count)(struct store *s, int64_t *total);  /* NULL: the list tells no total */
	/* 0 with a new *out, -ENOENT, -errno. */
	int (*show)(struct store *s, struct obstack *pool, const char *name, json_t **out, int64_t *revision);
	const char *key;                 /* the member that holds the name; NULL: none does, */
	char *(*name_of)(const json_t *object);  /* but this makes one of an object POSTed to the list, malloc'd, or NULL */
	/* On the writer's thread: c->name becomes the object, whole; goes. 0, or -errno with c->problem set. */
	int (*put)(struct change *c, struct store *s, const json_t *object);
	int (*remove)(struct change *c, struct store *s);
};

void resource_get(struct http_request *q, struct provisioning *d);
void resource_list(struct http_request *q, struct provisioning *d);
void resource_put(struct http_request *q, struct provisioning *d);     /* PUT, POST, PATCH: by the method */
void resource_put_body(struct http_request *q, struct provisioning *d);/* a PUT whose body is no JSON; put() is given NULL */
void resource_delete(struct http_request *q, struct provisioning *d);

/* A page of what `each` gives. */
enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };
struct page {
	const char *names[PAGE_MAX + 1];
	size_t count, most;              /* count > most: there is more behind them */
};
/* ?limit=: false after replying 400. */
bool page_read(struct http_request *q, struct page *p);
void page_add(void *page, const char *name);   /* an on_name */
/* {list: items, "next": the address of the next page, "total"}; takes items. `path` of the list; total -1: none. */
void page_reply(struct http_request *q, const struct page *p, const char *path, const char *list, json_t *items, int64_t total);

void resource_etag(struct http_request *q, int64_t revision);
