// SPDX-License-Identifier: Apache-2.0
/* The options of the P-CSCF: names, defaults, and what makes a value wrong. */
#include "pcscf/options.h"
#include <string.h>

static const cyaml_schema_field_t access_fields[] = {
	OPTION_BOOL("aka_without_ipsec", struct access_options, aka_without_ipsec),
	OPTION_CHOICE("adopt_new_flow", struct access_options, adopt_new_flow),
	OPTION_STRING("network_info", struct access_options, network_info),
	OPTION_STRING("wrong_route", struct access_options, wrong_route),
	CYAML_FIELD_END
};

static const cyaml_schema_field_t fields[] = {
	BASE_OPTION_FIELDS(struct pcscf_options, base),
	OPTION_GROUP("sip", struct pcscf_options, sip, sip_option_fields),
	OPTION_GROUP("trust", struct pcscf_options, trust, trust_option_fields),
	OPTION_GROUP("gm", struct pcscf_options, gm, gm_option_fields),
	OPTION_GROUP("mw", struct pcscf_options, mw, mw_icscf_option_fields),
	OPTION_STRING("visited_network", struct pcscf_options, visited_network),
	OPTION_STRINGS("roaming", struct pcscf_options, roaming),
	OPTION_GROUP("access", struct pcscf_options, access, access_fields),
	OPTION_STRING("token_key", struct pcscf_options, token_key),
	OPTION_UINT("state_mb", struct pcscf_options, state_mb),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct pcscf_options, fields) };

static void defaults(void *options)
{
	struct pcscf_options *o = options;

	base_options_defaults(&o->base, "pcscf", mw_options_listen(&o->mw));
	sip_options_defaults(&o->base, &o->sip, &o->trust, &o->mw);
	mw_icscf_default(&o->base, &o->mw);
	option_default(&o->visited_network, "%s", o->base.domain ? o->base.domain : "");
	option_default(&o->token_key, "%s/token.key", o->base.state);
	option_default(&o->access.wrong_route, "replace");
	if (o->access.adopt_new_flow == OPTION_UNSET)
		o->access.adopt_new_flow = OPTION_YES;
	option_default_uint(&o->state_mb, 512);
}

/* Words that stand in headers as they are: no blank, no separator. */
static int check_token(const struct option_error *e, const char *key, const char *word)
{
	if (word && (!*word || strpbrk(word, " \t\r\n\";,<>\\")))
		return option_wrong(e, key, "a word without blanks, quotes, ';' and ',' is expected: '%s'", word);
	return 0;
}

static int check(const void *options, char *key, size_t key_size, char *why, size_t why_size)
{
	static const char *const ways[] = { "replace", "refuse", NULL };
	const struct pcscf_options *o = options;
	struct option_error e = { .key = key, .why = why, .key_size = key_size, .why_size = why_size };
	int err;

	err = base_options_check(&o->base, &e);
	if (!err)
		err = sip_options_check(&o->base, &o->sip, &o->trust, &o->mw, &e);
	if (!err)
		err = gm_options_check(&o->base, &o->gm, &e);
	if (!err)
		err = check_token(&e, "visited_network", o->visited_network);
	if (!err)
		err = check_token(&e, "access.network_info", o->access.network_info);
	if (!err)
		err = option_one_of(&e, "access.wrong_route", o->access.wrong_route, ways);
	return err ? err : option_range(&e, "state_mb", o->state_mb, 1, 1u << 20);
}

const struct config_schema pcscf_schema = { .value = &value, .defaults = defaults, .check = check };
