// SPDX-License-Identifier: Apache-2.0
/* A change asked over REST on its way to the disk and back. */
#pragma once
#include "common/http.h"
#include "hss/procedure.h"
#include "hss/problem.h"
#include "hss/provisioning.h"
#include "hss/subscriber.h"

/* One change: made by the writer, answered on the loop's thread once it is on the disk. */
struct change {
	struct write_job job;            /* first */
	struct provisioning *door;
	struct http_request *request;
	struct obstack pool;
	char *name;                      /* of the path */
	json_t *object;                  /* its body, or NULL */
	int mode;                        /* enum subscriber_mode */
	struct problem problem;
	struct push_list pushes;         /* sent once the change is on the disk */
	int err;
	bool created;
	/* What it does, on the writer's thread: 0, or -errno with the problem set. */
	int (*make)(struct change *c, struct store *s);
	void (*reply)(struct change *c); /* the good end, on the loop's thread, */
	void (*refuse)(struct change *c);/* the bad one; NULL: change_refuse */
	/* Of a bulk load (bulk.c): where it is. */
	struct bytes rest;
	json_t *errors;
	size_t line, loaded, failed, committed_lines, committed;
	uint64_t began_ns;
};

struct provisioning {
	struct hss *hss;
	struct loop *loop;
	struct http_server *server;
};

/* NULL after replying that there is no memory. */
struct change *change_new(struct provisioning *d, struct http_request *q);
void change_submit(struct change *c);
void change_free(struct change *c);
struct subscriber_writing change_writing(struct change *c, struct store *s);
/* The bad end: what c->problem says. */
void change_refuse(struct change *c);

/* False after replying 401. */
bool rest_allowed(struct provisioning *d, struct http_request *q);

/* The handlers; context is the struct provisioning. */
void on_subscriber_get(struct http_request *q, void *context);
void on_subscriber_list(struct http_request *q, void *context);
void on_subscriber_change(struct http_request *q, void *context);
void on_subscriber_delete(struct http_request *q, void *context);
void on_subscribers_post(struct http_request *q, void *context);
void on_profile_get(struct http_request *q, void *context);
void on_profile_list(struct http_request *q, void *context);
void on_profile_put(struct http_request *q, void *context);
void on_profile_delete(struct http_request *q, void *context);
void bulk_begin(struct provisioning *d, struct http_request *q);
