// SPDX-License-Identifier: Apache-2.0
/* A change's way from the door to the disk and back:
 *
 *   handler ─▶ writer: make ─▶ on the disk ─▶ loop: the pusher is woken, reply
 *                        └─ an error: nothing of it stays ─▶ loop: refuse */
#include "hss/notify.h"
#include "hss/rest/precondition.h"
#include "hss/rest/rest.h"
#include <stdlib.h>
#include <string.h>

/* 1, 0, -1 for something else than true or false. */
static int dry_run_of(struct http_request *q)
{
	const char *value = http_query(q, "dry_run");

	return !value || !strcmp(value, "false") ? 0 : !strcmp(value, "true") ? 1 : -1;
}

static struct change *refuse_new(struct change *c, struct http_request *q, int status, const char *field, const char *why)
{
	http_problem(q, status, field, "%s", why);
	if (c)
		change_free(c);
	return NULL;
}

enum { PUSHES_SHOWN = 100 };

struct change *change_new(struct provisioning *d, struct http_request *q, int (*make)(struct change *c, struct store *s),
			  void (*reply)(struct change *c))
{
	struct change *c = calloc(1, sizeof *c);
	int dry_run = dry_run_of(q);

	if (!c)
		return refuse_new(NULL, q, 500, NULL, "out of memory");
	obstack_init(&c->pool);
	c->door = d;
	c->request = q;
	c->of = d->of;
	c->role = d->role;
	c->make = make;
	c->reply = reply;
	c->began_ns = clock_ns();
	c->dry_run = dry_run > 0;
	c->name = strdup(http_rest(q));
	if (!c->name || !precondition_read(c))
		return refuse_new(c, q, 500, NULL, "out of memory");
	return dry_run < 0 ? refuse_new(c, q, 400, "dry_run", "true or false is expected") : c;
}

bool change_read_json(struct change *c)
{
	struct bytes body = http_body(c->request);
	json_error_t e;

	c->object = json_loadb(body.len ? (const char *)body.data : "", body.len, JSON_REJECT_DUPLICATES, &e);
	if (c->object)
		return true;
	problem_set(&c->problem, 400, NULL, "not JSON: line %d, column %d: %s", e.line, e.column, problem_of_json(&e));
	change_refuse(c);
	return false;
}

struct subscriber_writing change_writing(struct change *c, struct store *s)
{
	return (struct subscriber_writing){ c->door->hss, s, &c->pool, &c->problem, c->role };
}

void change_free(struct change *c)
{
	json_decref(c->object);
	json_decref(c->before);
	json_decref(c->after);
	json_decref(c->pushes);
	obstack_free(&c->pool, NULL);
	precondition_free(c);
	free(c->name);
	free(c->renamed);
	free(c);
}

/* ---- its ends ---- */

void change_refuse(struct change *c)
{
	problem_reply(c->request, &c->problem);
	change_free(c);
}

void change_reply_done(struct change *c)
{
	http_reply(c->request, 204, NULL, "", 0);
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
	if (!c->dry_run)
		pusher_wake(c->door->hss->pusher);
	c->reply(c);
}

/* ---- on the writer's thread ---- */

static int on_write(struct write_job *j, struct store *s)
{
	struct change *c = (struct change *)(void *)j;
	int err = store_provisioned(s);

	json_decref(c->pushes); /* of an attempt that came to nothing */
	c->pushes = NULL;
	c->problem.status = 0;
	if (!err && c->dry_run)
		err = store_push_clear(s); /* what is there after it is of this change */
	store_changed_take(s, (struct store_changed[STORE_CHANGED_MAX]){ { 0, 0 } }); /* of one that was taken back */
	if (!err)
		err = c->make(c, s);
	if (!err)
		err = notify_operator(s, &c->pool);
	if (!err && c->dry_run && !c->pushes)
		err = push_list_json(s, &c->pool, PUSHES_SHOWN, &c->pushes);
	return !err && c->dry_run ? -ECANCELED : err; /* which takes it back */
}

static void on_written(struct write_job *j, int err)
{
	struct change *c = (struct change *)(void *)j;

	if (err == -ECANCELED && c->dry_run)
		err = 0;
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
