// SPDX-License-Identifier: Apache-2.0
/* The options that every daemon has. */
#include "common/address.h"
#include "common/options.h"
#include <stdlib.h>
#include <string.h>

#define PART(_group) __typeof__(((struct base_options *)NULL)->_group)

const cyaml_schema_field_t log_option_fields[] = {
	OPTION_STRING("file", PART(log), file),
	OPTION_STRING("level", PART(log), level),
	CYAML_FIELD_END
};

const cyaml_schema_field_t ops_option_fields[] = {
	OPTION_STRING("address", PART(ops), address),
	OPTION_STRINGS("allow", PART(ops), allow),
	CYAML_FIELD_END
};

const cyaml_schema_field_t trace_option_fields[] = {
	OPTION_STRING("mode", PART(trace), mode),
	OPTION_UINT("ring_mb", PART(trace), ring_mb),
	CYAML_FIELD_END
};

const cyaml_schema_field_t tls_option_fields[] = {
	OPTION_STRING("certificate", PART(tls), certificate),
	OPTION_STRING("key", PART(tls), key),
	OPTION_STRING("ca", PART(tls), ca),
	OPTION_STRING("minimum", PART(tls), minimum),
	CYAML_FIELD_END
};

static void allow_loopback(struct base_options *b)
{
	if (b->ops.allow_count)
		return;
	free(b->ops.allow);
	b->ops.allow = calloc(1, sizeof *b->ops.allow);
	if (!b->ops.allow)
		abort();
	option_default(&b->ops.allow[0], "127.0.0.0/8");
	b->ops.allow_count = 1;
}

void base_options_defaults(struct base_options *b, const char *name, const char *listen)
{
	struct sockaddr_storage unused;
	char host[64] = "127.0.0.1";

	if (listen && address_parse(listen, &unused) == 0) /* if not, the check of that option says so */
		address_host(listen, host, sizeof host);
	option_default(&b->instance, "%s", name);
	option_default(&b->log.level, "info");
	option_default(&b->ops.address, strchr(host, ':') ? "[%s]:9090" : "%s:9090", host);
	allow_loopback(b);
	option_default(&b->trace.mode, "failures");
	option_default_uint(&b->trace.ring_mb, 16);
	if (b->tls.certificate)
		option_default(&b->tls.key, "%s", b->tls.certificate);
	option_default(&b->tls.minimum, "1.2");
	option_default(&b->state, "/var/lib/minims/%s", b->instance);
	option_default_uint(&b->drain_s, 30);
}

/* The domain goes into URIs, Diameter identities and DNS questions. */
static bool is_domain(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")] == 0 && s[0] != '.' && s[0] != '-';
}

static int check_tls(const struct base_options *b, const struct option_error *e)
{
	static const char *const versions[] = { "1.2", "1.3", NULL };
	int err;

	err = option_one_of(e, "tls.minimum", b->tls.minimum, versions);
	if (!err)
		err = option_file(e, "tls.certificate", b->tls.certificate);
	if (!err)
		err = option_file(e, "tls.key", b->tls.key);
	if (!err && b->tls.key && (!b->tls.certificate || strcmp(b->tls.key, b->tls.certificate)))
		err = option_wrong(e, "tls.key", "key and certificate are expected in one file, tls.certificate");
	if (!err)
		err = option_file(e, "tls.ca", b->tls.ca);
	return err;
}

int base_options_check(const struct base_options *b, const struct option_error *e)
{
	static const char *const levels[] = { "debug", "info", "warn", "error", NULL };
	static const char *const modes[] = { "off", "failures", "all", NULL };
	int err;

	err = option_need(e, "domain", b->domain);
	if (!err && !is_domain(b->domain))
		err = option_wrong(e, "domain", "not a domain name: '%s'", b->domain);
	if (!err && strchr(b->instance, '/'))
		err = option_wrong(e, "instance", "a name without '/' is expected: '%s'", b->instance);
	if (!err && b->dns && !cidr_valid(b->dns))
		err = option_address(e, "dns", b->dns);
	if (!err)
		err = option_one_of(e, "log.level", b->log.level, levels);
	if (!err)
		err = option_address(e, "ops.address", b->ops.address);
	if (!err)
		err = option_cidrs(e, "ops.allow", b->ops.allow, b->ops.allow_count);
	if (!err)
		err = option_one_of(e, "trace.mode", b->trace.mode, modes);
	if (!err)
		err = option_range(e, "trace.ring_mb", b->trace.ring_mb, 1, 4096);
	if (!err)
		err = option_range(e, "drain_s", b->drain_s, 1, 3600);
	return err ? err : check_tls(b, e);
}
