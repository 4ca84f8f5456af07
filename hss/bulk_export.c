// SPDX-License-Identifier: Apache-2.0
/* An export: each subscriber as GET shows it, a line each, in the order of names, all as they were at one moment. The lines are
 * made as fast as the client reads them, on a connection of the export's own, so it takes little memory. An import takes them
 * back: registrations stay behind, secrets go sealed. */
#include "hss/bulk.h"
#include "common/log.h"
#include "hss/subscriber.h"
#include "hss/subscriber_part.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES_AT_ONCE = 100 };

struct export {
	struct store *store;             /* its snapshot */
	bool sealed;                     /* credentials with their sealed secrets */
	struct obstack pool;             /* of the names read last */
	const char *names[NAMES_AT_ONCE], *last;
	size_t count, at;
	char *line;                      /* what is left of one */
	size_t len, sent;
	size_t lines;
	uint64_t began_ns;
};

static void add_name(void *export, const char *name)
{
	struct export *e = export;

	e->names[e->count++] = name;
}

static int read_names(struct export *e)
{
	char *last = strdup(e->last);
	int err;

	if (!last)
		return -ENOMEM;
	obstack_free(&e->pool, NULL);
	obstack_init(&e->pool);
	e->count = e->at = 0;
	err = store_each_impi(e->store, &e->pool, last, NAMES_AT_ONCE, add_name, e);
	free(last);
	if (!err && e->count)
		e->last = e->names[e->count - 1];
	return err;
}

static int write_line(struct export *e, const char *impi)
{
	struct obstack pool;
	json_t *o = NULL;
	int err;

	obstack_init(&pool);
	err = subscriber_show(e->store, &pool, impi, &o);
	if (!err)
		json_object_del(o, "registration");
	if (!err && e->sealed)
		err = credentials_seal_show(e->store, &pool, impi, json_object_get(o, "credentials"));
	obstack_free(&pool, NULL);
	free(e->line);
	e->line = err ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (!e->line)
		return err ? err : -ENOMEM;
	e->len = strlen(e->line);
	e->line[e->len++] = '\n'; /* where the text ended */
	e->sent = 0;
	e->lines++;
	return 0;
}

/* 1: there is a line; 0: there are no more; -errno. */
static int next(struct export *e)
{
	int err;

	if (e->at == e->count) {
		err = read_names(e);
		if (err || !e->count)
			return err;
	}
	err = write_line(e, e->names[e->at++]);
	return err ? err : 1;
}

static ssize_t fill(void *export, char *out, size_t size)
{
	struct export *e = export;
	size_t n = 0;
	int more = 1;

	while (n < size && more > 0) {
		size_t part = e->len - e->sent < size - n ? e->len - e->sent : size - n;

		if (part) {
			memcpy(out + n, e->line + e->sent, part);
			e->sent += part;
			n += part;
		} else {
			more = next(e);
		}
	}
	if (more < 0)
		log_event(LOG_ERROR, "hss.bulk", "event=export lines=%zu error=%d", e->lines, -more);
	return more < 0 ? more : (ssize_t)n;
}

static void end(void *export)
{
	struct export *e = export;

	log_event(LOG_INFO, "hss.bulk", "event=export lines=%zu seconds=%.1f", e->lines, (double)(clock_ns() - e->began_ns) / 1e9);
	store_rollback(e->store);
	store_close(e->store);
	obstack_free(&e->pool, NULL);
	free(e->line);
	free(e);
}

static const struct http_source source = { .fill = fill, .free = end };

void bulk_export(struct http_request *q, struct provisioning *d)
{
	struct store_options o = { .where = d->hss->options->store, .cache_mb = d->hss->options->cache_mb };
	struct export *e = calloc(1, sizeof *e);
	int err = e ? store_open(&o, &e->store) : -ENOMEM;

	if (!err)
		err = store_begin(e->store);
	if (err) {
		if (e)
			store_close(e->store);
		free(e);
		return rest_reply_unread(q);
	}
	obstack_init(&e->pool);
	e->last = "";
	e->sealed = access_allowed(d->role, "GET", RESOURCE_CREDENTIALS);
	e->began_ns = clock_ns();
	http_reply_stream(q, 200, "application/x-ndjson", &source, e);
}
