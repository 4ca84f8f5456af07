// SPDX-License-Identifier: Apache-2.0
/* Asks the daemons' HTTP doors: ops in the clear, all of them at once; the HSS's REST over TLS with the token. */
#pragma once
#include "ctl/ctl.h"
#include <jansson.h>
#include <stdio.h>

struct answer {
	long status;             /* 0: not reached, then `error` says why */
	char *text;
	size_t len;
	json_t *json;            /* NULL: it was none */
	char error[256];
};
void answer_free(struct answer *a);

/* One question to each daemon of options->ops, in that order, all at the same time. The list, to be freed by answers_free. NULL:
 * out of memory. `method` is "GET" or "POST". */
struct answer *ops_ask_all(const struct ctl *c, const char *method, const char *path);
void answers_free(const struct ctl *c, struct answer *list);
/* What was not reached goes to standard error; how many were. */
size_t answers_reached(const struct ctl *c, const struct answer *list);

/* The REST door. NULL after saying that token or CA is not there; keeps its connection between questions. */
struct rest;
struct rest *rest_new(const struct ctl *c);
void rest_free(struct rest *r);
void rest_at(struct rest *r, const char *door); /* another one than options->hss; borrowed */
void rest_patience(struct rest *r, long seconds);
void rest_accept(struct rest *r, const char *type);  /* what answers shall be; borrowed */
/* `body` NULL: none. `type` NULL: application/json. */
void rest_ask(struct rest *r, const char *method, const char *path, const char *type, struct bytes body, struct answer *out);

/* A body as `read` gives it, as libcurl's CURLOPT_READFUNCTION does; the answer as ever. */
void rest_upload(struct rest *r, const char *path, const char *type, size_t (*read)(char *out, size_t size, size_t n, void *arg), void *arg,
		 struct answer *out);
/* A good answer's body goes to the file while it comes. */
void rest_download(struct rest *r, const char *path, FILE *to, struct answer *out);

/* Says what the problem detail says and gives the exit status; CTL_DONE for 2xx. `whom`: "hss". [RFC 9457] */
int answer_status(const struct answer *a, const char *whom);

/* "/v1/subscribers/" and the percent-encoded name; to be freed. */
char *url_path(const char *prefix, const char *name);
