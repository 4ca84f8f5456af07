// SPDX-License-Identifier: Apache-2.0
/* The options of imsctl: names, defaults, and what makes a value wrong. */
#include "ctl/options.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cyaml_schema_field_t daemon_fields[] = {
	OPTION_STRING("name", struct ctl_daemon, name),
	OPTION_STRING("address", struct ctl_daemon, address),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t daemon_value = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct ctl_daemon, daemon_fields) };

static const cyaml_schema_field_t fields[] = {
	OPTION_STRING("domain", struct ctl_options, domain),
	OPTION_LIST("ops", struct ctl_options, ops, &daemon_value),
	OPTION_STRING("hss", struct ctl_options, hss),
	OPTION_STRING("slf", struct ctl_options, slf),
	OPTION_STRING("hss_address", struct ctl_options, hss_address),
	OPTION_STRING("ca", struct ctl_options, ca),
	OPTION_STRING("token_file", struct ctl_options, token_file),
	OPTION_UINT("timeout_s", struct ctl_options, timeout_s),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct ctl_options, fields) };

static void default_daemons(struct ctl_options *o)
{
	static const char *const names[] = { "pcscf", "icscf", "scscf", "hss" };

	if (o->ops_count)
		return;
	free(o->ops);
	o->ops = calloc(ARRAY_LEN(names), sizeof *o->ops);
	if (!o->ops)
		abort(); /* at start */
	o->ops_count = ARRAY_LEN(names);
	for (unsigned i = 0; i < o->ops_count; i++) {
		option_default(&o->ops[i].name, "%s", names[i]);
		option_default(&o->ops[i].address, "127.0.0.%u:9090", 11 + i);
	}
}

static void defaults(void *options)
{
	struct ctl_options *o = options;

	default_daemons(o);
	option_default(&o->hss, "https://127.0.0.14:8443");
	option_default(&o->slf, "%s", o->hss);
	option_default(&o->token_file, "/var/lib/minims/hss/admin.token");
	option_default_uint(&o->timeout_s, 10);
}

static int check_daemon(const struct ctl_options *o, unsigned i, const struct option_error *e)
{
	const struct ctl_daemon *d = &o->ops[i];
	char key[32];
	int err;

	snprintf(key, sizeof key, "ops[%u].name", i);
	err = option_need(e, key, d->name);
	for (unsigned k = 0; !err && k < i; k++)
		if (!strcmp(o->ops[k].name, d->name))
			err = option_wrong(e, key, "'%s' stands here twice", d->name);
	snprintf(key, sizeof key, "ops[%u].address", i);
	if (!err)
		err = option_need(e, key, d->address);
	return err ? err : option_address(e, key, d->address);
}

static int check(const void *options, char *key, size_t key_size, char *why, size_t why_size)
{
	const struct ctl_options *o = options;
	struct option_error e = { .key = key, .why = why, .key_size = key_size, .why_size = why_size };
	int err = option_need(&e, "domain", o->domain);

	for (unsigned i = 0; !err && i < o->ops_count; i++)
		err = check_daemon(o, i, &e);
	if (!err && strncmp(o->hss, "https://", 8))
		err = option_wrong(&e, "hss", "https://HOST:PORT is expected: '%s'", o->hss);
	if (!err && strncmp(o->slf, "https://", 8))
		err = option_wrong(&e, "slf", "https://HOST:PORT is expected: '%s'", o->slf);
	if (!err)
		err = option_address(&e, "hss_address", o->hss_address);
	return err ? err : option_range(&e, "timeout_s", o->timeout_s, 1, 3600);
}

const struct config_schema ctl_schema = { .value = &value, .defaults = defaults, .check = check };
