// SPDX-License-Identifier: Apache-2.0
/* /v1/key: which master key the store is under, and POST /v1/key/rotate, which puts another in its place. No key comes out.
 *
 *   {"key": 2, "source": "file", "state": "rotating", "resealed": 1200, "total": 40000, "unopened": 0} */
#include "common/log.h"
#include "common/secret_file.h"
#include "hss/key/key_rotation.h"
#include "hss/rest/rest.h"
#include <string.h>

static json_t *shown(struct hss *h)
{
	struct key_progress p = key_rotation_progress(h->rotation);

	return json_pack("{s:I, s:s, s:s, s:I, s:I, s:I}", "key", (json_int_t)p.key, "source",
			 key_source_kind_name(keyring_source(h->keys)->kind), "state", key_state_name(p.state), "resealed",
			 (json_int_t)p.resealed, "total", (json_int_t)p.total, "unopened", (json_int_t)p.unopened);
}

static void on_get(struct http_request *q, struct provisioning *d)
{
	http_reply_json(q, 200, shown(d->hss));
}

/* ---- rotate ---- */

/* "key" of the body, and the text wiped. 1, 0 none, -EINVAL with the problem set. */
static int read_key(struct change *c, uint8_t bytes[SEAL_KEY_BYTES])
{
	const json_t *v = json_object_get(c->object, "key");
	char *text = (char *)(uintptr_t)json_string_value(v);
	int err;

	if (c->object && (!json_is_object(c->object) || json_object_size(c->object) != (v ? 1u : 0u)))
		return problem_set(&c->problem, 422, NULL, "an object with \"key\" or nothing in it is expected");
	if (!v || json_is_null(v))
		return 0;
	err = text && strlen(text) == 2 * SEAL_KEY_BYTES ? secret_parse(text, bytes, SEAL_KEY_BYTES) : -EINVAL;
	if (text)
		explicit_bzero(text, strlen(text));
	return err ? problem_set(&c->problem, 422, "key", "%d hex digits are expected", 2 * SEAL_KEY_BYTES) : 1;
}

static int make_rotate(struct change *c, struct store *s)
{
	uint8_t bytes[SEAL_KEY_BYTES];
	int given = read_key(c, bytes), err;

	err = given < 0 ? given : key_rotation_offer(c->door->hss->rotation, s, given ? bytes : NULL, &c->problem);
	explicit_bzero(bytes, sizeof bytes);
	return err;
}

static void reply_rotate(struct change *c)
{
	struct hss *h = c->door->hss;
	int err = key_rotation_start(h->rotation);

	if (err)
		log_event(LOG_ERROR, "hss.key", "event=rotate error=\"%s\"; the next start goes on with it", strerror(-err));
	http_reply_json(c->request, 202, shown(h));
	change_free(c);
}

static void on_rotate(struct http_request *q, struct provisioning *d)
{
	struct change *c = change_new(d, q, make_rotate, reply_rotate);

	if (!c)
		return;
	if (c->dry_run) { /* the next key would lie in its file */
		problem_set(&c->problem, 400, "dry_run", "a rotation cannot be tried");
		change_refuse(c);
	} else if (!http_body(q).len || change_read_json(c)) {
		change_submit(c);
	}
}

static const struct rest_route routes[] = {
	{ "GET", "/v1/key", on_get },
	{ "POST", "/v1/key/rotate", on_rotate },
};
REST_RESOURCE(rest_keys, routes);
