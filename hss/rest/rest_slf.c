// SPDX-License-Identifier: Apache-2.0
/* /v1/slf/NAME: which HSS has whom; NAME is an identity, a wildcard or a domain. [TS 23.228 5.8.1] */
#include "hss/rest/resource.h"
#include "hss/slf.h"
#include "hss/rest/subscriber_part.h"
#include <string.h>

/* ---- reading ---- */

/* {"identity": "sip:alice@ims.test", "hss": ["hss1.ims.test"]} */
static json_t *show_row(const struct slf_row *row)
{
	json_t *hosts = json_array();

	for (const char *p = row->hss; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		json_array_append_new(hosts, json_stringn(p, n));
		p += n;
	}
	return json_pack("{s:s, s:o}", row->kind, row->name, "hss", hosts);
}

static int show(struct store *s, struct obstack *pool, const char *text, json_t **out, int64_t *revision)
{
	char name[SLF_NAME_MAX], prefix[SLF_NAME_MAX];
	struct slf_row row;
	int err = slf_name(text, name, prefix, &row) ? -ENOENT : store_slf_route(s, pool, name, &row.hss, revision);

	if (!err)
		*out = show_row(&row);
	return err;
}

/* ---- changing ---- */

static int read_host(struct change *c, const json_t *v, char *out)
{
	const char *host = json_string_value(v);

	if (!host || strlen(host) != json_string_length(v) || !slf_host_valid(host))
		return problem_set(&c->problem, 422, "hss", "a Diameter identity or URI is expected, hss1.ims.test or aaa://hss1.ims.test");
	if (*out)
		strcat(out, " ");
	strcat(out, host);
	return 0;
}

/* "hss": one, or a list of the front ends of one. out[SLF_HSS_MAX] */
static int read_hosts(struct change *c, const json_t *hss, char *out)
{
	const json_t *v;
	int err = 0;
	size_t i;

	*out = 0;
	if (!json_is_array(hss))
		return read_host(c, hss, out);
	if (!json_array_size(hss) || json_array_size(hss) > SLF_HOSTS_MAX)
		return problem_set(&c->problem, 422, "hss", "one to %d are expected", SLF_HOSTS_MAX);
	json_array_foreach(hss, i, v)
		if (!err)
			err = read_host(c, v, out);
	return err;
}

static int put(struct change *c, struct store *s, const json_t *object)
{
	static const char *const keys[] = { "hss", NULL };
	const struct subscriber u = { .problem = &c->problem };
	char name[SLF_NAME_MAX], prefix[SLF_NAME_MAX], hss[SLF_HSS_MAX];
	struct slf_row row;
	int err = members_known(&u, object, "", keys);

	if (!err && slf_name(c->name, name, prefix, &row))
		err = problem_set(&c->problem, 422, NULL, "an identity, a wildcard or a domain is expected: '%s'", c->name);
	if (!err)
		err = read_hosts(c, json_object_get(object, "hss"), hss);
	if (err)
		return err;
	row.hss = hss;
	return store_slf_put(s, &row);
}

static int drop(struct change *c, struct store *s)
{
	char name[SLF_NAME_MAX], prefix[SLF_NAME_MAX];
	struct slf_row row;

	return slf_name(c->name, name, prefix, &row) ? -ENOENT : store_slf_remove(s, name);
}

static const struct resource slf = {
	.what = "route", .list = "routes", .shown_only = (const char *const[]){ "identity", "wildcard", "domain", NULL },
	.each = store_each_slf, .count = store_slf_count, .show = show, .put = put, .remove = drop,
};

static const struct rest_route routes[] = {
	{ "GET", "/v1/slf", resource_list },
	{ "GET", "/v1/slf/*", resource_get },
	{ "PUT", "/v1/slf/*", resource_put },
	{ "PATCH", "/v1/slf/*", resource_put },
	{ "DELETE", "/v1/slf/*", resource_delete },
};

REST_RESOURCE_OF(rest_slf, routes, &slf);
