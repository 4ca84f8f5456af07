// SPDX-License-Identifier: Apache-2.0
/* What the files behind the REST door share. Each rest_*.c is a resource: it exports its routes, which provisioning.c lists.
 *
 * A handler runs once the caller has been let in (hss/rest/access.h). It reads with rest_begin() and rest_end(), or makes a change: */
#pragma once
#include "common/http.h"
#include "hss/rest/access.h"
#include "hss/procedure.h"
#include "hss/rest/problem.h"
#include "hss/rest/provisioning.h"
#include "hss/rest/subscriber.h"

/* ---- routes ---- */

struct provisioning;

struct rest_route {
	const char *method, *path;       /* as struct http_route has them */
	void (*handler)(struct http_request *q, struct provisioning *d);
};

struct rest_resource {
	const struct rest_route *routes;
	size_t count;
	const struct resource *of;       /* what the handlers of hss/rest/resource.h work on; NULL: they are not among them */
	/* NULL, or: a request whose body is taken while it arrives (http_body_to), and who then takes it, the caller being let in. */
	bool (*will_stream)(struct http_request *q);
	void (*stream)(struct http_request *q, struct provisioning *d);
};
#define REST_RESOURCE(name, table) const struct rest_resource name = { table, ARRAY_LEN(table), NULL, NULL, NULL }
#define REST_RESOURCE_OF(name, table, of) const struct rest_resource name = { table, ARRAY_LEN(table), of, NULL, NULL }

extern const struct rest_resource rest_subscribers, rest_identities, rest_profiles, rest_criteria, rest_charging, rest_default_charging;
extern const struct rest_resource rest_clouds, rest_scscf, rest_imports, rest_openapi, rest_slf, rest_registrations, rest_keys;
extern const struct rest_resource rest_application_servers, rest_activations, rest_backup;

json_t *rest_routes(void);               /* [{"method", "path"}] */

/* ---- the door ---- */

struct provisioning {
	struct hss *hss;
	struct loop *loop;
	struct http_server *server;
	enum role role;                  /* of the caller whose handler runs, */
	const char *caller;              /* what its token is called, */
	const struct rest_route *route;  /* the route that led to it, */
	const struct resource *of;       /* and what that is about, or NULL */
};

/* The caller is let do this, too; false after replying 403. */
bool rest_allowed(struct provisioning *d, struct http_request *q, const char *resource);

/* The reader's snapshot for one answer. NULL after replying. */
struct store *rest_begin(struct provisioning *d, struct http_request *q, struct obstack *pool);
void rest_end(struct store *s, struct obstack *pool);
void rest_reply_unread(struct http_request *q);    /* the store cannot be read: 503 */

/* A name that a store takes and JSON shows: UTF-8, without control characters, of 1 to 400 octets. */
bool rest_name_is_good(const char *name);

/* ---- a change: change.c ---- */

enum change_mode { MODE_CREATE, MODE_REPLACE, MODE_MERGE };

/* Made by the writer, answered on the loop's thread once it is on the disk. */
struct change {
	struct write_job job;            /* first */
	struct provisioning *door;
	struct http_request *request;
	const struct resource *of;
	enum role role;                  /* the caller's */
	struct obstack pool;
	char *name;                      /* of the path */
	char *renamed;                   /* what make() has made of it; NULL: the same */
	json_t *object;                  /* its body, or NULL */
	enum change_mode mode;
	char *if_match, *if_none_match;  /* the headers; NULL: absent */
	bool dry_run;                    /* made, looked at, and taken back */
	json_t *pushes;                  /* what S-CSCFs would be told of it */
	bool created;
	json_t *before, *after;          /* as shown; NULL: not there */
	int64_t revision;                /* after it */
	struct problem problem;
	int err;
	/* What it does, on the writer's thread: 0, or -errno with the problem set. */
	int (*make)(struct change *c, struct store *s);
	void (*reply)(struct change *c); /* the good end, on the loop's thread, */
	void (*refuse)(struct change *c);/* the bad one; NULL: change_refuse */
	void *own;                       /* of whoever made it */
	uint64_t began_ns;
};

/* Named by the rest of the path. NULL after replying that there is no memory. */
struct change *change_new(struct provisioning *d, struct http_request *q, int (*make)(struct change *c, struct store *s),
			  void (*reply)(struct change *c));
void change_submit(struct change *c);
void change_free(struct change *c);
/* Its body as JSON into c->object. False after replying. */
bool change_read_json(struct change *c);
struct subscriber_writing change_writing(struct change *c, struct store *s);
/* The bad end: what c->problem says. */
void change_refuse(struct change *c);
/* The good end of what has nothing to tell: 204. */
void change_reply_done(struct change *c);
