// SPDX-License-Identifier: Apache-2.0
/* The options of the HSS: names, defaults, and what makes a value wrong. */
#include "hss/options.h"
#include "common/address.h"
#include "hss/key/key_source.h"
#include <stdio.h>
#include <string.h>

#define SQLITE "sqlite:"
#define POSTGRESQL "postgresql:"

#define REST __typeof__(((struct hss_options *)NULL)->rest)

static const cyaml_schema_field_t rest_fields[] = {
	OPTION_STRING("address", REST, address),
	OPTION_STRING("certificate", REST, certificate),
	OPTION_STRING("token_file", REST, token_file),
	OPTION_STRING("tokens_file", REST, tokens_file),
	OPTION_UINT("body_mb", REST, body_mb),
	CYAML_FIELD_END
};

#define SLF __typeof__(((struct hss_options *)NULL)->slf)

static const cyaml_schema_field_t slf_fields[] = {
	OPTION_UINT("cache_s", SLF, cache_s),
	CYAML_FIELD_END
};

#define OVERLOAD __typeof__(((struct hss_options *)NULL)->overload)

static const cyaml_schema_field_t overload_fields[] = {
	OPTION_UINT("target_ms", OVERLOAD, target_ms),
	OPTION_UINT("limit_ms", OVERLOAD, limit_ms),
	OPTION_UINT("validity_s", OVERLOAD, validity_s),
	CYAML_FIELD_END
};

#define SH __typeof__(((struct hss_options *)NULL)->sh)

static const cyaml_schema_field_t sh_fields[] = {
	OPTION_STRING("unknown_as", SH, unknown_as),
	OPTION_UINT("repository_kb", SH, repository_kb),
	OPTION_UINT("notify_for_s", SH, notify_for_s),
	CYAML_FIELD_END
};

static const cyaml_schema_field_t fields[] = {
	BASE_OPTION_FIELDS(struct hss_options, base),
	OPTION_GROUP("diameter", struct hss_options, diameter, diameter_option_fields),
	OPTION_STRING("role", struct hss_options, role),
	OPTION_GROUP("slf", struct hss_options, slf, slf_fields),
	OPTION_GROUP("overload", struct hss_options, overload, overload_fields),
	OPTION_STRING("store", struct hss_options, store),
	OPTION_STRING("master_key", struct hss_options, master_key),
	OPTION_UINT("cache_mb", struct hss_options, cache_mb),
	OPTION_UINT("sqn_range", struct hss_options, sqn_range),
	OPTION_GROUP("rest", struct hss_options, rest, rest_fields),
	OPTION_GROUP("sh", struct hss_options, sh, sh_fields),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct hss_options, fields) };

static void rest_defaults(struct hss_options *o)
{
	bool v6 = strchr(o->diameter.address, ':');

	option_default(&o->rest.address, v6 ? "[%s]:8443" : "%s:8443", o->diameter.address);
	if (o->base.tls.certificate)
		option_default(&o->rest.certificate, "%s", o->base.tls.certificate);
	option_default(&o->rest.token_file, "%s/admin.token", o->base.state);
	option_default(&o->rest.tokens_file, "%s/tokens", o->base.state);
	option_default_uint(&o->rest.body_mb, 64);
}

static void sh_defaults(struct hss_options *o)
{
	option_default(&o->sh.unknown_as, "refuse");
	option_default_uint(&o->sh.repository_kb, 48);
	option_default_uint(&o->sh.notify_for_s, 600);
}

static void defaults(void *options)
{
	struct hss_options *o = options;
	char listen[80];

	/* The daemon's own address is that of Diameter, or of what else is given. */
	if (o->diameter.address)
		snprintf(listen, sizeof listen, strchr(o->diameter.address, ':') ? "[%s]:0" : "%s:0", o->diameter.address);
	else
		snprintf(listen, sizeof listen, "%s", o->rest.address ? o->rest.address : o->base.ops.address ? o->base.ops.address : "127.0.0.1:0");
	base_options_defaults(&o->base, "hss", listen);
	diameter_group_defaults(&o->base, &o->diameter, listen);
	option_default(&o->role, "hss");
	option_default_uint(&o->slf.cache_s, 3600);
	option_default_uint(&o->overload.target_ms, 100);
	option_default_uint(&o->overload.limit_ms, 1000);
	option_default_uint(&o->overload.validity_s, 10);
	option_default(&o->store, SQLITE "%s/hss.db", o->base.state);
	option_default(&o->master_key, "%s/master.key", o->base.state);
	option_default_uint(&o->cache_mb, 32);
	option_default_uint(&o->sqn_range, 1000);
	rest_defaults(o);
	sh_defaults(o);
}

/* Of a URI, USER:PASSWORD@; of a conninfo and of a URI's parameters, password=. */
static bool has_password(const char *where)
{
	const char *authority = strncmp(where, "//", 2) ? NULL : where + 2, *at = authority ? strchr(authority, '@') : NULL;
	const char *colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;

	return colon || strstr(where, "password=") || strstr(where, "password =");
}

static int check_store(const struct hss_options *o, const struct option_error *e)
{
	const char *colon = strchr(o->store, ':');

	if (!colon || !colon[1] || (strncmp(o->store, SQLITE, strlen(SQLITE)) && strncmp(o->store, POSTGRESQL, strlen(POSTGRESQL))))
		return option_wrong(e, "store", "sqlite:PATH or postgresql://USER@HOST/DATABASE is expected: '%s'", o->store);
	if (!strncmp(o->store, POSTGRESQL, strlen(POSTGRESQL)) && has_password(colon + 1))
		return option_wrong(e, "store", "a password does not stand here: passfile=FILE, or PGPASSFILE in the environment, names its file");
	return 0;
}

static int check_key(const struct hss_options *o, const struct option_error *e)
{
	struct key_source source;

	return key_source_parse(o->master_key, &source) ?
		       option_wrong(e, "master_key", "file:PATH, credential:NAME or env:NAME is expected: '%s'", o->master_key) : 0;
}

static int check_overload(const struct hss_options *o, const struct option_error *e)
{
	int err = option_range(e, "overload.target_ms", o->overload.target_ms, 1, 10000);

	if (!err)
		err = option_range(e, "overload.limit_ms", o->overload.limit_ms, 1, 60000);
	return err ? err : option_range(e, "overload.validity_s", o->overload.validity_s, 1, 86400);
}

static int check_role(const struct hss_options *o, const struct option_error *e)
{
	static const char *const roles[] = { "hss", "slf", NULL };
	int err = option_one_of(e, "role", o->role, roles);

	return err ? err : option_range(e, "slf.cache_s", o->slf.cache_s, 1, 86400);
}

static int check_sh(const struct hss_options *o, const struct option_error *e)
{
	static const char *const answers[] = { "refuse", "read", "all", NULL };
	int err = option_one_of(e, "sh.unknown_as", o->sh.unknown_as, answers);

	if (!err)
		err = option_range(e, "sh.repository_kb", o->sh.repository_kb, 1, 60);
	return err ? err : option_range(e, "sh.notify_for_s", o->sh.notify_for_s, 1, 604800);
}

static int check(const void *options, char *key, size_t key_size, char *why, size_t why_size)
{
	const struct hss_options *o = options;
	struct option_error e = { .key = key, .why = why, .key_size = key_size, .why_size = why_size };
	int err;

	err = base_options_check(&o->base, &e);
	if (!err)
		err = diameter_group_check(&o->base, &o->diameter, &e);
	if (!err)
		err = check_role(o, &e);
	if (!err)
		err = check_overload(o, &e);
	if (!err)
		err = check_store(o, &e);
	if (!err)
		err = check_key(o, &e);
	if (!err)
		err = option_range(&e, "cache_mb", o->cache_mb, 1, 65536);
	if (!err)
		err = option_range(&e, "sqn_range", o->sqn_range, 1, 1u << 20);
	if (!err)
		err = option_address(&e, "rest.address", o->rest.address);
	if (!err)
		err = option_file(&e, "rest.certificate", o->rest.certificate);
	if (!err)
		err = check_sh(o, &e);
	return err ? err : option_range(&e, "rest.body_mb", o->rest.body_mb, 1, 1024);
}

const struct config_schema hss_schema = { .value = &value, .defaults = defaults, .check = check };
