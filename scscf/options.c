// SPDX-License-Identifier: Apache-2.0
/* The options of the S-CSCF: names, defaults, and what makes a value wrong. */
#include "scscf/options.h"
#include <string.h>

static const cyaml_schema_field_t registration_fields[] = {
	OPTION_UINT("min_s", struct registration_options, min_s),
	OPTION_UINT("default_s", struct registration_options, default_s),
	OPTION_UINT("max_s", struct registration_options, max_s),
	OPTION_UINT("await_auth_s", struct registration_options, await_auth_s),
	OPTION_UINT("nonce_s", struct registration_options, nonce_s),
	OPTION_UINT("attempts_max", struct registration_options, attempts_max),
	OPTION_UINT("contacts_max", struct registration_options, contacts_max),
	OPTION_BOOL("trust_auth_done", struct registration_options, trust_auth_done),
	CYAML_FIELD_END
};

static const cyaml_schema_field_t fields[] = {
	BASE_OPTION_FIELDS(struct scscf_options, base),
	OPTION_GROUP("sip", struct scscf_options, sip, sip_option_fields),
	OPTION_GROUP("trust", struct scscf_options, trust, trust_option_fields),
	OPTION_GROUP("mw", struct scscf_options, mw, mw_icscf_option_fields),
	OPTION_GROUP("diameter", struct scscf_options, diameter, diameter_option_fields),
	OPTION_STRING("server_name", struct scscf_options, server_name),
	OPTION_STRING("token_key", struct scscf_options, token_key),
	OPTION_UINT("state_mb", struct scscf_options, state_mb),
	OPTION_GROUP("registration", struct scscf_options, registration, registration_fields),
	OPTION_STRING("cdr", struct scscf_options, cdr),
	OPTION_UINT("dialog_max_s", struct scscf_options, dialog_max_s),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scscf_options, fields) };

static void registration_defaults(struct registration_options *r)
{
	option_default_uint(&r->min_s, 60);
	option_default_uint(&r->max_s, 600000);
	option_default_uint(&r->default_s, r->max_s);
	option_default_uint(&r->await_auth_s, 240);
	option_default_uint(&r->nonce_s, 3600);
	option_default_uint(&r->attempts_max, 3);
	option_default_uint(&r->contacts_max, 10);
}

static void defaults(void *options)
{
	struct scscf_options *o = options;
	const char *listen = mw_options_listen(&o->mw);

	base_options_defaults(&o->base, "scscf", listen);
	sip_options_defaults(&o->base, &o->sip, &o->trust, &o->mw);
	mw_icscf_default(&o->base, &o->mw);
	diameter_group_defaults(&o->base, &o->diameter, listen);
	option_default(&o->server_name, "sip:%s", o->sip.name);
	option_default(&o->token_key, "%s/token.key", o->base.state);
	option_default_uint(&o->state_mb, 512);
	option_default_uint(&o->dialog_max_s, 86400);
	registration_defaults(&o->registration);
}

static int check_registration(const struct registration_options *r, const struct option_error *e)
{
	int err;

	err = option_range(e, "registration.max_s", r->max_s, 1, 0x7fffffff);
	if (!err)
		err = option_range(e, "registration.min_s", r->min_s, 1, r->max_s);
	if (!err)
		err = option_range(e, "registration.default_s", r->default_s, r->min_s, r->max_s);
	if (!err)
		err = option_range(e, "registration.await_auth_s", r->await_auth_s, 1, 3600);
	if (!err)
		err = option_range(e, "registration.nonce_s", r->nonce_s, 1, 86400);
	if (!err)
		err = option_range(e, "registration.attempts_max", r->attempts_max, 1, 100);
	return err ? err : option_range(e, "registration.contacts_max", r->contacts_max, 1, 16);
}

static int check(const void *options, char *key, size_t key_size, char *why, size_t why_size)
{
	const struct scscf_options *o = options;
	struct option_error e = { .key = key, .why = why, .key_size = key_size, .why_size = why_size };
	int err;

	err = base_options_check(&o->base, &e);
	if (!err)
		err = sip_options_check(&o->base, &o->sip, &o->trust, &o->mw, &e);
	if (!err)
		err = diameter_group_check(&o->base, &o->diameter, &e);
	if (!err && strncmp(o->server_name, "sip:", 4))
		err = option_wrong(&e, "server_name", "a SIP URI like sip:scscf.ims.test is expected: '%s'", o->server_name);
	if (!err)
		err = option_range(&e, "state_mb", o->state_mb, 1, 1u << 20);
	if (!err)
		err = option_range(&e, "dialog_max_s", o->dialog_max_s, 1, 0x7fffffff);
	return err ? err : check_registration(&o->registration, &e);
}

const struct config_schema scscf_schema = { .value = &value, .defaults = defaults, .check = check };
