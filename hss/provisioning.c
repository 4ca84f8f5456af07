// SPDX-License-Identifier: Apache-2.0
/* The REST door: HTTPS with a bearer token [RFC 6750]. rest_subscriber.c, rest_profile.c and bulk.c are behind it.
 *
 *   request ─▶ token ─▶ reads: answered at once from a reading connection
 *                  └──▶ changes: writer ─▶ on the disk ─▶ back to the loop's thread ─▶ answered
 */
#include "hss/provisioning.h"
#include "common/log.h"
#include "common/secret_file.h"
#include "hss/rest.h"
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_MIN = 16, TOKEN_MAX = 255, TOKEN_BYTES = 32 };

/* ---- the token ---- */

static int read_token(const char *path, char **out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[TOKEN_MAX + 2] = "";
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_mode & 0077) {
		close(fd);
		return -EPERM;
	}
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[strcspn(text, " \t\r\n")] = 0;
	if (n < 0 || strlen(text) < TOKEN_MIN)
		return -EINVAL;
	*out = strdup(text);
	explicit_bzero(text, sizeof text);
	return *out ? 0 : -ENOMEM;
}

static int load_token(struct hss *h)
{
	const char *path = h->options->rest.token_file;
	int err = read_token(path, &h->token);

	if (err == -ENOENT) {
		err = secret_file_make(path, TOKEN_BYTES);
		if (!err)
			log_event(LOG_INFO, "hss.rest", "token_file=%s event=made", path);
		if (!err)
			err = read_token(path, &h->token);
	}
	if (err)
		log_event(LOG_ERROR, "hss.rest", "token_file=%s error=\"%s\"", path,
			  err == -EPERM ? "others may read it" : err == -EINVAL ? "16 characters at least are expected" : strerror(-err));
	return err;
}

/* In constant time: both are padded to one length. */
static bool is_token(const char *own, const char *given)
{
	char a[TOKEN_MAX + 1] = "", b[TOKEN_MAX + 1] = "";

	if (strlen(given) > TOKEN_MAX)
		return false;
	memcpy(a, own, strlen(own));
	memcpy(b, given, strlen(given));
	return CRYPTO_memcmp(a, b, sizeof a) == 0;
}

bool rest_allowed(struct provisioning *d, struct http_request *q)
{
	const char *header = http_header(q, "Authorization");

	if (header && !strncasecmp(header, "Bearer ", 7) && is_token(d->hss->token, header + 7 + strspn(header + 7, " ")))
		return true;
	http_reply_header(q, "WWW-Authenticate", "Bearer");
	http_problem(q, 401, NULL, "%s", header ? "the token is not the one of rest.token_file" : "a bearer token is needed");
	return false;
}

/* ---- a change's way ---- */

struct change *change_new(struct provisioning *d, struct http_request *q)
{
	struct change *c = calloc(1, sizeof *c);

	if (!c) {
		http_problem(q, 500, NULL, "out of memory");
		return NULL;
	}
	c->door = d;
	c->request = q;
	c->began_ns = clock_ns();
	obstack_init(&c->pool);
	return c;
}

struct subscriber_writing change_writing(struct change *c, struct store *s)
{
	return (struct subscriber_writing){ c->door->hss, s, &c->pool, &c->pushes, &c->problem };
}

void change_free(struct change *c)
{
	push_drop(&c->pushes);
	json_decref(c->object);
	json_decref(c->errors);
	obstack_free(&c->pool, NULL);
	free(c->name);
	free(c);
}

void change_refuse(struct change *c)
{
	http_problem(c->request, c->problem.status, *c->problem.field ? c->problem.field : NULL, "%s", c->problem.detail);
	change_free(c);
}

static void end_badly(struct change *c)
{
	if (c->refuse)
		c->refuse(c);
	else
		change_refuse(c);
}

static void on_loop(void *arg)
{
	struct change *c = arg;

	if (c->err) {
		end_badly(c);
		return;
	}
	pusher_send(c->door->hss->pusher, &c->pushes);
	c->reply(c);
}

static int on_write(struct write_job *j, struct store *s)
{
	struct change *c = (struct change *)(void *)j;

	return c->make(c, s);
}

static void on_written(struct write_job *j, int err)
{
	struct change *c = (struct change *)(void *)j;

	c->err = err ? problem_of_store(&c->problem, err) : 0;
	loop_post(c->door->loop, on_loop, c);
}

void change_submit(struct change *c)
{
	int err;

	c->job.run = on_write;
	c->job.done = on_written;
	err = writer_submit(c->door->hss->writer, &c->job);
	if (!err)
		return; /* from here on the writer's thread has it, and may have set c->err by now */
	problem_of_store(&c->problem, err);
	end_badly(c);
}

/* ---- the door ---- */

static const struct http_route routes[] = {
	{ "GET", "/v1/subscribers", on_subscriber_list },   { "POST", "/v1/subscribers", on_subscribers_post },
	{ "GET", "/v1/subscribers/*", on_subscriber_get },  { "POST", "/v1/subscribers/*", on_subscriber_change },
	{ "PUT", "/v1/subscribers/*", on_subscriber_change }, { "PATCH", "/v1/subscribers/*", on_subscriber_change },
	{ "DELETE", "/v1/subscribers/*", on_subscriber_delete },
	{ "GET", "/v1/profiles", on_profile_list },         { "GET", "/v1/profiles/*", on_profile_get },
	{ "PUT", "/v1/profiles/*", on_profile_put },        { "DELETE", "/v1/profiles/*", on_profile_delete },
};

static struct provisioning door;

int provisioning_start(struct hss *h, struct loop *l)
{
	const struct hss_options *o = h->options;
	struct http_options http = { .address = o->rest.address, .certificate = o->rest.certificate, .tls_minimum = o->base.tls.minimum,
				     .body_max = (size_t)o->rest.body_mb << 20 };
	int err;

	if (!o->rest.certificate) {
		log_event(LOG_WARN, "hss.rest", "no tls.certificate: nothing is provisioned over REST");
		return 0;
	}
	err = load_token(h);
	if (err)
		return err;
	door = (struct provisioning){ .hss = h, .loop = l };
	err = http_listen(l, &http, routes, ARRAY_LEN(routes), &door, &door.server);
	if (err)
		log_event(LOG_ERROR, "hss.rest", "address=%s error=\"%s\"", o->rest.address, strerror(-err));
	return err;
}

void provisioning_stop(struct hss *h)
{
	http_free(door.server);
	door.server = NULL;
	free(h->token);
	h->token = NULL;
}
