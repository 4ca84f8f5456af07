// SPDX-License-Identifier: Apache-2.0
/* /v1/backup: GET gives all of the store, of one moment; POST puts a backup in the place of an empty store, or with ?replace=true of
 * whatever is there.
 *
 *   POST: body ─▶ a file without a name beside the state ─▶ whole: writer: restore ─▶ on the disk ─▶ keys named anew ─▶ reply */
#include "common/log.h"
#include "hss/rest/backup.h"
#include "hss/rest/rest.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- GET ---- */

static ssize_t on_fill(void *backup, char *out, size_t size)
{
	ssize_t n = backup_read(backup, out, size);

	if (n < 0)
		log_event(LOG_ERROR, "hss.backup", "event=read error=\"%s\"", strerror((int)-n));
	return n;
}

static void on_free(void *backup)
{
	backup_end(backup);
}

static const struct http_source source = { .fill = on_fill, .free = on_free };

static void give(struct http_request *q, struct provisioning *d)
{
	struct store_options o = { .where = d->hss->options->store, .cache_mb = d->hss->options->cache_mb };
	struct backup *b;
	struct store *s;

	if (store_open(&o, &s) || backup_begin(s, &b))
		return rest_reply_unread(q);
	http_reply_stream(q, 200, "application/x-ndjson", &source, b);
}

/* ---- POST ---- */

struct upload {
	struct change *change;
	struct restoring restoring;
	int fd, err;                         /* err: of writing it; the rest of the body is let pass */
	size_t len;
};

static void upload_free(struct upload *u)
{
	if (u->restoring.file.data)
		munmap((void *)(uintptr_t)u->restoring.file.data, u->len);
	if (u->fd >= 0)
		close(u->fd);
	change_free(u->change);
	free(u);
}

static int on_make(struct change *c, struct store *s)
{
	struct upload *u = c->own;

	return restore(&u->restoring, s);
}

static void on_refused(struct change *c)
{
	log_event(LOG_WARN, "hss.backup", "event=refused why=\"%s\"", c->problem.detail);
	problem_reply(c->request, &c->problem);
	upload_free(c->own);
}

/* The keys may have other numbers in the store that it is now. */
static void on_restored(struct change *c)
{
	struct upload *u = c->own;
	struct store *s = c->dry_run ? NULL : hss_reader(c->door->hss);

	if (s && keyring_renew(c->door->hss->keys, s))
		log_event(LOG_ERROR, "hss.backup", "event=restored; the master keys are read at the next start");
	log_event(LOG_WARN, "hss.backup", "event=restored subscribers=%zu rows=%zu schema=%d dry_run=%d seconds=%.1f", u->restoring.subscribers,
		  u->restoring.rows, u->restoring.schema, c->dry_run, (double)(clock_ns() - c->began_ns) / 1e9);
	http_reply_json(c->request, 200, json_pack("{s:I, s:I, s:i, s:b}", "subscribers", (json_int_t)u->restoring.subscribers, "rows",
						   (json_int_t)u->restoring.rows, "schema", u->restoring.schema, "dry_run", c->dry_run));
	upload_free(u);
}

static size_t on_piece(void *upload, struct bytes piece)
{
	struct upload *u = upload;

	for (size_t done = 0; !u->err && done < piece.len;) {
		ssize_t n = write(u->fd, piece.data + done, piece.len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EINTR)
			u->err = errno;
	}
	u->len += piece.len;
	return piece.len;
}

static void on_end(void *upload)
{
	struct upload *u = upload;
	void *file = u->len && !u->err ? mmap(NULL, u->len, PROT_READ, MAP_PRIVATE, u->fd, 0) : NULL;

	if (file == MAP_FAILED)
		u->err = errno;
	else
		u->restoring.file = (struct bytes){ file, u->len };
	if (!u->err && u->len)
		return change_submit(u->change);
	problem_set(&u->change->problem, u->err ? 503 : 422, NULL, "%s", u->err ? strerror(u->err) : "a backup is expected as the body");
	on_refused(u->change);
}

static void on_lost(void *upload)
{
	upload_free(upload);
}

static const struct http_sink sink = { .take = on_piece, .end = on_end, .lost = on_lost };

static void take(struct http_request *q, struct provisioning *d)
{
	struct change *c = change_new(d, q, on_make, on_restored);
	const char *replace = http_query(q, "replace");
	struct upload *u = c ? calloc(1, sizeof *u) : NULL;

	if (!c)
		return;
	if (!u || (replace && strcmp(replace, "true") && strcmp(replace, "false"))) {
		problem_set(&c->problem, u ? 400 : 500, u ? "replace" : NULL, u ? "true or false is expected" : "out of memory");
		free(u);
		return change_refuse(c);
	}
	*u = (struct upload){ .change = c, .fd = open(d->hss->options->base.state, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) };
	u->err = u->fd < 0 ? errno : 0;
	u->restoring = (struct restoring){ .keys = d->hss->keys, .problem = &c->problem, .replace = replace && !strcmp(replace, "true") };
	c->own = u;
	c->refuse = on_refused;
	http_body_to(q, &sink, u);
}

static bool is_backup(struct http_request *q)
{
	return !strcmp(http_method(q), "POST");
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/backup", give },
	{ "POST", "/v1/backup", NULL }, /* its body is taken as it comes */
};

const struct rest_resource rest_backup = { routes, ARRAY_LEN(routes), NULL, is_backup, take };
