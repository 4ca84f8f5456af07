// SPDX-License-Identifier: Apache-2.0
/* libcurl: a handle a daemon, driven together; for REST one handle that keeps its connection. */
#include "ctl/client.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { CONNECT_MS = 3000, TOKEN_MAX = 255 };

/* ---- an answer ---- */

void answer_free(struct answer *a)
{
	free(a->text);
	json_decref(a->json);
	memset(a, 0, sizeof *a);
}

static size_t on_data(char *data, size_t size, size_t n, void *context)
{
	struct answer *a = context;
	char *grown = realloc(a->text, a->len + n + 1);

	(void)size; /* always 1 */
	if (!grown)
		return 0;
	memcpy(grown + a->len, data, n);
	a->text = grown;
	a->len += n;
	a->text[a->len] = 0;
	return n;
}

static void finish(CURL *curl, CURLcode err, struct answer *a)
{
	if (err) {
		a->status = 0;
		if (!*a->error)
			snprintf(a->error, sizeof a->error, "%s", curl_easy_strerror(err));
		return;
	}
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a->status);
	if (a->len)
		a->json = json_loadb(a->text, a->len, JSON_ALLOW_NUL, NULL);
}

static void prepare(CURL *curl, struct answer *a, const struct ctl *c)
{
	memset(a, 0, sizeof *a);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, a->error);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)c->options->timeout_s);
}

int answer_status(const struct answer *a, const char *whom)
{
	const char *detail = json_string_value(json_object_get(a->json, "detail")), *field = json_string_value(json_object_get(a->json, "field"));

	if (a->status >= 200 && a->status < 300)
		return CTL_DONE;
	if (!a->status)
		return ctl_complain(CTL_NOT_REACHED, "%s: not reached: %s", whom, a->error);
	return ctl_complain(CTL_REFUSED, "%s: %s%s%s (%ld)", whom, field ? field : "", field ? ": " : "", detail ? detail : "refused", a->status);
}

char *url_path(const char *prefix, const char *name)
{
	char *escaped = curl_easy_escape(NULL, name, 0), *path = NULL;

	if (escaped && asprintf(&path, "%s%s", prefix, escaped) < 0)
		path = NULL;
	curl_free(escaped);
	if (!path)
		abort(); /* out of memory */
	return path;
}

/* ---- ops ---- */

static CURL *ops_handle(const struct ctl *c, const struct ctl_daemon *d, const char *method, const char *path, struct answer *a)
{
	CURL *curl = curl_easy_init();
	char *url = NULL;

	if (!curl || asprintf(&url, "http://%s%s", d->address, path) < 0)
		abort(); /* out of memory */
	prepare(curl, a, c);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, (char *)a);
	if (!strcmp(method, "POST"))
		curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, "");
	free(url);
	return curl;
}

static void drive(CURLM *all)
{
	int running, left;
	CURLMsg *m;

	do {
		if (curl_multi_perform(all, &running) || (running && curl_multi_poll(all, NULL, 0, 1000, NULL)))
			abort(); /* out of memory */
	} while (running);
	while ((m = curl_multi_info_read(all, &left))) {
		char *a;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &a);
		finish(m->easy_handle, m->data.result, (struct answer *)(void *)a);
	}
}

struct answer *ops_ask_all(const struct ctl *c, const char *method, const char *path)
{
	unsigned n = c->options->ops_count;
	struct answer *list = calloc(n, sizeof *list);
	CURL **handles = calloc(n, sizeof *handles);
	CURLM *all = curl_multi_init();

	if (!list || !handles || !all)
		abort(); /* out of memory */
	for (unsigned i = 0; i < n; i++) {
		handles[i] = ops_handle(c, &c->options->ops[i], method, path, &list[i]);
		curl_multi_add_handle(all, handles[i]);
	}
	drive(all);
	for (unsigned i = 0; i < n; i++) {
		curl_multi_remove_handle(all, handles[i]);
		curl_easy_cleanup(handles[i]);
	}
	curl_multi_cleanup(all);
	free(handles);
	return list;
}

void answers_free(const struct ctl *c, struct answer *list)
{
	for (unsigned i = 0; list && i < c->options->ops_count; i++)
		answer_free(&list[i]);
	free(list);
}

size_t answers_reached(const struct ctl *c, const struct answer *list)
{
	size_t n = 0;

	for (unsigned i = 0; i < c->options->ops_count; i++)
		if (list[i].status)
			n++;
		else
			ctl_complain(0, "%s: not reached: %s", c->options->ops[i].name, list[i].error);
	return n;
}

/* ---- REST ---- */

struct rest {
	const struct ctl *ctl;
	const char *door;        /* its URL */
	CURL *curl;
	char authorization[TOKEN_MAX + 32];
	struct curl_slist *connect_to;
	long patience_s;
	const char *accept;      /* NULL: anything */
};

static bool read_token(const char *path, char *out, size_t size)
{
	char token[TOKEN_MAX + 2] = "";
	FILE *f = fopen(path, "re");

	if (!f)
		return ctl_complain(false, "token_file %s: %s", path, strerror(errno));
	if (!fgets(token, sizeof token, f))
		*token = 0;
	fclose(f);
	token[strcspn(token, " \t\r\n")] = 0;
	if (!*token)
		return ctl_complain(false, "token_file %s: no token in it", path);
	snprintf(out, size, "Authorization: Bearer %s", token);
	explicit_bzero(token, sizeof token);
	return true;
}

struct rest *rest_new(const struct ctl *c)
{
	const struct ctl_options *o = c->options;
	struct rest *r = calloc(1, sizeof *r);
	char connect_to[160];

	if (!r)
		abort(); /* out of memory */
	r->ctl = c;
	r->door = o->hss;
	r->patience_s = o->timeout_s;
	if (o->ca && access(o->ca, R_OK))
		ctl_complain(0, "ca %s: %s", o->ca, strerror(errno));
	else if (read_token(o->token_file, r->authorization, sizeof r->authorization))
		r->curl = curl_easy_init();
	if (!r->curl) {
		rest_free(r);
		return NULL;
	}
	if (o->hss_address) {
		snprintf(connect_to, sizeof connect_to, "::%s", o->hss_address);
		r->connect_to = curl_slist_append(NULL, connect_to);
	}
	return r;
}

void rest_free(struct rest *r)
{
	if (!r)
		return;
	curl_easy_cleanup(r->curl);
	curl_slist_free_all(r->connect_to);
	explicit_bzero(r->authorization, sizeof r->authorization);
	free(r);
}

void rest_at(struct rest *r, const char *door)
{
	r->door = door;
}

void rest_patience(struct rest *r, long seconds)
{
	r->patience_s = seconds;
}

void rest_accept(struct rest *r, const char *type)
{
	r->accept = type;
}

static void set_tls(struct rest *r)
{
	const struct ctl_options *o = r->ctl->options;

	if (o->ca)
		curl_easy_setopt(r->curl, CURLOPT_CAINFO, o->ca);
	if (r->connect_to)
		curl_easy_setopt(r->curl, CURLOPT_CONNECT_TO, r->connect_to);
	curl_easy_setopt(r->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* The handle for a question, with its headers, to be freed. */
static struct curl_slist *prepare_rest(struct rest *r, const char *method, const char *path, const char *type, struct answer *out)
{
	struct curl_slist *headers = curl_slist_append(NULL, r->authorization);
	char line[80], *url = NULL;

	if (asprintf(&url, "%s%s", r->door, path) < 0)
		abort(); /* out of memory */
	curl_easy_reset(r->curl); /* the connection stays */
	prepare(r->curl, out, r->ctl);
	curl_easy_setopt(r->curl, CURLOPT_TIMEOUT, r->patience_s);
	curl_easy_setopt(r->curl, CURLOPT_URL, url);
	curl_easy_setopt(r->curl, CURLOPT_CUSTOMREQUEST, method);
	set_tls(r);
	free(url);
	if (r->accept) {
		snprintf(line, sizeof line, "Accept: %s", r->accept);
		headers = curl_slist_append(headers, line);
	}
	if (type) {
		snprintf(line, sizeof line, "Content-Type: %s", type);
		headers = curl_slist_append(headers, line);
		headers = curl_slist_append(headers, "Expect:");
	}
	return headers;
}

static void perform(struct rest *r, struct curl_slist *headers, struct answer *out)
{
	curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, headers);
	finish(r->curl, curl_easy_perform(r->curl), out);
	curl_slist_free_all(headers);
}

void rest_ask(struct rest *r, const char *method, const char *path, const char *type, struct bytes body, struct answer *out)
{
	struct curl_slist *headers = prepare_rest(r, method, path, body.data ? (type ? type : "application/json") : NULL, out);

	if (body.data) {
		curl_easy_setopt(r->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
		curl_easy_setopt(r->curl, CURLOPT_POSTFIELDS, (const char *)body.data);
	}
	perform(r, headers, out);
}

void rest_upload(struct rest *r, const char *path, const char *type, size_t (*read)(char *out, size_t size, size_t n, void *arg), void *arg,
		 struct answer *out)
{
	struct curl_slist *headers = prepare_rest(r, "POST", path, type, out);

	headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
	curl_easy_setopt(r->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(r->curl, CURLOPT_CUSTOMREQUEST, "POST");
	curl_easy_setopt(r->curl, CURLOPT_READFUNCTION, read);
	curl_easy_setopt(r->curl, CURLOPT_READDATA, arg);
	perform(r, headers, out);
}

struct download {
	struct rest *rest;
	struct answer *answer;
	FILE *file;
};

/* A problem is an answer, everything else goes to the file. */
static size_t on_download(char *data, size_t size, size_t n, void *context)
{
	struct download *d = context;
	long status = 0;

	curl_easy_getinfo(d->rest->curl, CURLINFO_RESPONSE_CODE, &status);
	return status == 200 ? fwrite(data, size, n, d->file) : on_data(data, size, n, d->answer);
}

void rest_download(struct rest *r, const char *path, FILE *to, struct answer *out)
{
	struct curl_slist *headers = prepare_rest(r, "GET", path, NULL, out);
	struct download d = { r, out, to };

	curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, on_download);
	curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, &d);
	perform(r, headers, out);
}
