// SPDX-License-Identifier: Apache-2.0
/* The options that the daemons with a SIP side share. */
#include "common/options.h"
#include <stdio.h>
#include <stdlib.h>

const cyaml_schema_field_t sip_option_fields[] = {
	OPTION_STRING("name", struct sip_options, name),
	OPTION_UINT("t1_ms", struct sip_options, t1_ms),
	OPTION_UINT("t2_ms", struct sip_options, t2_ms),
	OPTION_UINT("t4_ms", struct sip_options, t4_ms),
	OPTION_UINT("timer_c_ms", struct sip_options, timer_c_ms),
	OPTION_UINT("first_answer_ms", struct sip_options, first_answer_ms),
	OPTION_UINT("peer_skip_ms", struct sip_options, peer_skip_ms),
	OPTION_UINT("overload_queue_ms", struct sip_options, overload_queue_ms),
	OPTION_UINT("message_max", struct sip_options, message_max),
	CYAML_FIELD_END
};

const cyaml_schema_field_t trust_option_fields[] = {
	OPTION_STRINGS("addresses", struct trust_options, addresses),
	OPTION_STRINGS("names", struct trust_options, names),
	CYAML_FIELD_END
};

const cyaml_schema_field_t gm_option_fields[] = {
	OPTION_STRING("udp", struct gm_options, udp),
	OPTION_STRING("tcp", struct gm_options, tcp),
	OPTION_STRING("tls", struct gm_options, tls),
	CYAML_FIELD_END
};

#define MW_FIELDS \
	OPTION_STRING("udp", struct mw_options, udp), \
	OPTION_STRING("tcp", struct mw_options, tcp), \
	OPTION_STRING("tls", struct mw_options, tls), \
	OPTION_STRING("transport", struct mw_options, transport)

const cyaml_schema_field_t mw_option_fields[] = { MW_FIELDS, CYAML_FIELD_END };
const cyaml_schema_field_t mw_icscf_option_fields[] = { MW_FIELDS, OPTION_STRING("icscf", struct mw_options, icscf), CYAML_FIELD_END };

const char *mw_options_listen(const struct mw_options *mw)
{
	return mw->tls ? mw->tls : mw->tcp ? mw->tcp : mw->udp;
}

void sip_options_defaults(const struct base_options *b, struct sip_options *sip, struct trust_options *trust, struct mw_options *mw)
{
	const char *domain = b->domain ? b->domain : "";

	option_default(&sip->name, "%s.%s", b->instance, domain);
	option_default(&mw->transport, "%s", mw->tls ? "tls" : mw->tcp ? "tcp" : "udp");
	if (trust->names_count)
		return;
	free(trust->names);
	trust->names = calloc(1, sizeof *trust->names);
	if (!trust->names)
		abort();
	option_default(&trust->names[0], ".%s", domain);
	trust->names_count = 1;
}

void mw_icscf_default(const struct base_options *b, struct mw_options *mw)
{
	option_default(&mw->icscf, "icscf.%s", b->domain ? b->domain : "");
}

static int check_timers(const struct sip_options *s, const struct option_error *e)
{
	const struct { const char *key; unsigned value, least, most; } timers[] = {
		{ "sip.t1_ms", s->t1_ms, 5, 60000 },
		{ "sip.t2_ms", s->t2_ms, 5, 60000 },
		{ "sip.t4_ms", s->t4_ms, 5, 60000 },
		{ "sip.timer_c_ms", s->timer_c_ms, 100, 3600000 },
		{ "sip.first_answer_ms", s->first_answer_ms, 10, 60000 },
		{ "sip.peer_skip_ms", s->peer_skip_ms, 1, 3600000 },
		{ "sip.overload_queue_ms", s->overload_queue_ms, 1, 60000 },
		{ "sip.message_max", s->message_max, 4096, 16u << 20 },
	};

	for (size_t i = 0; i < ARRAY_LEN(timers); i++)
		if (timers[i].value && option_range(e, timers[i].key, timers[i].value, timers[i].least, timers[i].most))
			return -EINVAL;
	return 0;
}

static int check_side(const struct base_options *b, const char *side, char *const addresses[3], const struct option_error *e)
{
	static const char *const names[] = { "udp", "tcp", "tls" };
	char key[16];

	for (int i = 0; i < 3; i++) {
		snprintf(key, sizeof key, "%s.%s", side, names[i]);
		if (option_address(e, key, addresses[i]))
			return -EINVAL;
		if (i == 2 && addresses[i] && !b->tls.certificate)
			return option_wrong(e, key, "needs tls.certificate");
	}
	if (!addresses[0] && !addresses[1] && !addresses[2])
		return option_wrong(e, side, "an address for udp, tcp or tls is needed");
	return 0;
}

int gm_options_check(const struct base_options *b, const struct gm_options *gm, const struct option_error *e)
{
	return check_side(b, "gm", (char *const[]){ gm->udp, gm->tcp, gm->tls }, e);
}

int sip_options_check(const struct base_options *b, const struct sip_options *sip, const struct trust_options *trust,
		      const struct mw_options *mw, const struct option_error *e)
{
	static const char *const transports[] = { "udp", "tcp", "tls", NULL };
	int err;

	err = check_side(b, "mw", (char *const[]){ mw->udp, mw->tcp, mw->tls }, e);
	if (!err)
		err = option_one_of(e, "mw.transport", mw->transport, transports);
	if (!err)
		err = option_cidrs(e, "trust.addresses", trust->addresses, trust->addresses_count);
	return err ? err : check_timers(sip, e);
}
