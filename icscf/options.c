// SPDX-License-Identifier: Apache-2.0
/* The options of the I-CSCF: names, defaults, and what makes a value wrong. */
#include "icscf/options.h"
#include <stdio.h>
#include <string.h>

static const cyaml_schema_field_t scscf_fields[] = {
	OPTION_STRING("name", struct scscf_entry, name),
	OPTION_UINTS("capabilities", struct scscf_entry, capabilities),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t scscf_value = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scscf_entry, scscf_fields) };

static const cyaml_schema_field_t fields[] = {
	BASE_OPTION_FIELDS(struct icscf_options, base),
	OPTION_GROUP("sip", struct icscf_options, sip, sip_option_fields),
	OPTION_GROUP("trust", struct icscf_options, trust, trust_option_fields),
	OPTION_GROUP("mw", struct icscf_options, mw, mw_option_fields),
	OPTION_GROUP("diameter", struct icscf_options, diameter, diameter_option_fields),
	OPTION_LIST("scscfs", struct icscf_options, scscfs, &scscf_value),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct icscf_options, fields) };

static void defaults(void *options)
{
	struct icscf_options *o = options;
	const char *listen = mw_options_listen(&o->mw);

	base_options_defaults(&o->base, "icscf", listen);
	sip_options_defaults(&o->base, &o->sip, &o->trust, &o->mw);
	diameter_group_defaults(&o->base, &o->diameter, listen);
}

static int check_scscfs(const struct icscf_options *o, const struct option_error *e)
{
	char key[32];

	for (unsigned i = 0; i < o->scscfs_count; i++) {
		snprintf(key, sizeof key, "scscfs[%u].name", i);
		if (option_need(e, key, o->scscfs[i].name))
			return -EINVAL;
		if (strncmp(o->scscfs[i].name, "sip:", 4))
			return option_wrong(e, key, "a SIP URI like sip:scscf.ims.test is expected: '%s'", o->scscfs[i].name);
	}
	return o->scscfs_count ? 0 : option_wrong(e, "scscfs", "at least one S-CSCF is needed");
}

static int check(const void *options, char *key, size_t key_size, char *why, size_t why_size)
{
	const struct icscf_options *o = options;
	struct option_error e = { .key = key, .why = why, .key_size = key_size, .why_size = why_size };
	int err;

	err = base_options_check(&o->base, &e);
	if (!err)
		err = sip_options_check(&o->base, &o->sip, &o->trust, &o->mw, &e);
	if (!err)
		err = diameter_group_check(&o->base, &o->diameter, &e);
	return err ? err : check_scscfs(o, &e);
}

const struct config_schema icscf_schema = { .value = &value, .defaults = defaults, .check = check };
