// SPDX-License-Identifier: Apache-2.0
/* An export: each subscriber as GET shows it, a line each, in the order of names, all as they were at one moment. The lines are
 * made as fast as the client reads them, on a connection of the export's own, so it takes little memory. An import takes them
 * back: registrations stay behind, secrets go sealed. */
#include "hss/rest/bulk.h"
#include "common/log.h"
#include "hss/rest/subscriber.h"
#include "hss/rest/subscriber_part.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES_AT_ONCE = 100 };

struct export {
	struct store *store;             /* its snapshot */
	bool sealed;                     /* credentials with their sealed secrets */
	struct obstack pool;             /* of the names read last */
	const char *names[NAMES_AT_ONCE];
	char *last;                      /* behind it the next ones come */
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
	int err;

	obstack_free(&e->pool, NULL);
	obstack_init(&e->pool);
	e->count = e->at = 0;
	err = store_each_impi(e->store, &e->pool, e->last, NAMES_AT_ONCE, add_name, e);
	if (err || !e->count)
		return err;
	free(e->last);
	e->last = strdup(e->names[e->count - 1]);
	return e->last ? 0 : -ENOMEM;
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

static void export_free(struct export *e)
{
	if (!e)
		return;
	store_close(e->store);
	free(e->last);
	free(e);
}

static void end(void *export)
{
	struct export *e = export;

	log_event(LOG_INFO, "hss.bulk", "event=export lines=%zu seconds=%.1f", e->lines, (double)(clock_ns() - e->began_ns) / 1e9);
	store_rollback(e->store);
	obstack_free(&e->pool, NULL);
	free(e->line);
	export_free(e);
}

static const struct http_source source = { .fill = fill, .free = end };

static int open_snapshot(struct export *e, const struct hss_options *h)
{
	struct store_options o = { .where = h->store, .cache_mb = h->cache_mb };
	int err;

	e->last = strdup("");
	err = e->last ? store_open(&o, &e->store) : -ENOMEM;
	return err ? err : store_begin(e->store);
}

void bulk_export(struct http_request *q, struct provisioning *d)
{
	struct export *e = calloc(1, sizeof *e);

	if (!e || open_snapshot(e, d->hss->options)) {
		export_free(e);
		return rest_reply_unread(q);
	}
	obstack_init(&e->pool);
	e->sealed = access_allowed(d->role, "GET", RESOURCE_CREDENTIALS);
	e->began_ns = clock_ns();
	http_reply_stream(q, 200, "application/x-ndjson", &source, e);
}
