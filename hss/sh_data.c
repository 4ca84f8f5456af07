// SPDX-License-Identifier: Apache-2.0
/* What each Data-Reference gives. [TS 29.328 7.6] */
#include "hss/cloud_data.h"
#include "hss/identity.h"
#include "hss/sh_document.h"
#include "hss/sh_reference.h"
#include "hss/user_data.h"
#include "hss/xml_text.h"
#include <string.h>

/* [TS 29.328 annex D] of the values of an enumeration only those that it can have without MAP and S6a */
enum { CS_NOT_PROVIDED_FROM_VLR = 3, PS_NOT_PROVIDED_FROM_SGSN = 5 };

/* ---- identities ---- */

struct identities {
	struct sh_document *document;
	const struct impu *of;
	uint32_t which;
	const char *alias_group;     /* of `of` */
	FILE *file;
	size_t count;
};

/* Aliases are those of one group in one set; one without a group has none but itself [TS 29.228 B.2.1]. */
static bool is_alias(const struct identities *i, const struct known_identity *k)
{
	return k->id == i->of->id || (k->set == i->of->set && k->alias_group && i->alias_group && !strcmp(k->alias_group, i->alias_group));
}

static bool is_wanted(const struct identities *i, const struct known_identity *k)
{
	if (k->barred)
		return false;
	switch ((enum sh_identity_set)i->which) {
	case SH_ALL_IDENTITIES: return true;
	case SH_REGISTERED_IDENTITIES: return k->registered;
	case SH_IMPLICIT_IDENTITIES: return k->set == i->of->set;
	case SH_ALIAS_IDENTITIES: return is_alias(i, k);
	}
	return false;
}

static void add_identity(void *context, const struct known_identity *k)
{
	struct identities *i = context;

	if (!is_wanted(i, k))
		return;
	xml_put_text(i->file, "IMSPublicIdentity", k->uri);
	i->count++;
}

static enum section section_of_set(const struct sh_document *d, uint32_t which)
{
	static const enum section sections[] = { [SH_ALL_IDENTITIES] = ALL_SET, [SH_REGISTERED_IDENTITIES] = REGISTERED_SET,
						 [SH_IMPLICIT_IDENTITIES] = IMPLICIT_SET, [SH_ALIAS_IDENTITIES] = ALIAS_SET };

	return d->options.named_sets ? sections[which] : PUBLIC_IDENTIFIERS;
}

static void find_alias_group(void *context, const struct known_identity *k)
{
	struct identities *i = context;

	if (k->id == i->of->id)
		i->alias_group = k->alias_group;
}

/* [TS 29.328 7.6.2] */
static int add_identities(struct sh_document *d, const struct impu *u, uint32_t which)
{
	struct identities i = { .document = d, .of = u, .which = which, .file = sh_section(d, section_of_set(d, which)) };
	int err = i.file ? 0 : -ENOMEM;

	if (!err && which == SH_ALIAS_IDENTITIES)
		err = store_each_known_identity(d->store, d->pool, u->subscription, find_alias_group, &i);
	if (!err)
		err = store_each_known_identity(d->store, d->pool, u->subscription, add_identity, &i);
	return err ? err : i.count > 0;
}

static void add_msisdn(void *context, const struct known_identity *k)
{
	struct identities *i = context;

	if (strncmp(k->uri, "tel:+", 5) || k->uri[5 + strspn(k->uri + 5, "0123456789")])
		return;
	xml_put_text(i->file, "MSISDN", k->uri + 5);
	i->count++;
}

/* [TS 29.328 7.6.9] the international numbers of the subscription */
static int add_msisdns(struct sh_document *d, const struct impu *u)
{
	struct identities i = { .document = d, .of = u, .file = sh_section(d, PUBLIC_IDENTIFIERS) };
	int err = i.file ? store_each_known_identity(d->store, d->pool, u->subscription, add_msisdn, &i) : -ENOMEM;

	return err ? err : i.count > 0;
}

static void add_trace_of(void *context, const struct known_identity *k)
{
	struct identities *i = context;

	if (k->id != i->of->id || !k->trace_info)
		return;
	xml_put_text(i->file, "ServiceLevelTraceInfo", k->trace_info);
	i->count++;
}

/* [TS 29.328 7.6.13] */
static int add_trace(struct sh_document *d, const struct impu *u)
{
	struct identities i = { .document = d, .of = u, .file = sh_section(d, TRACE) };
	int err = i.file ? store_each_known_identity(d->store, d->pool, u->subscription, add_trace_of, &i) : -ENOMEM;

	return err ? err : i.count > 0;
}

static void add_private(void *context, int64_t id, const char *impi)
{
	struct identities *i = context;

	(void)id;
	xml_put_text(i->file, "IMSPrivateUserIdentity", impi);
	i->count++;
}

static int add_privates(struct sh_document *d, const struct impu *u)
{
	struct identities i = { .document = d, .of = u, .file = sh_section(d, PRIVATE_IDENTITIES) };
	int err = i.file ? store_each_owner(d->store, d->pool, u->id, add_private, &i) : -ENOMEM;

	return err ? err : i.count > 0;
}

/* ---- repository data ---- */

static int find_repository(struct sh_document *d, const struct impu *u, const char *name, struct repository_row *row)
{
	if (!strcmp(name, SH_CLOUD_INDICATION))
		return cloud_data_show(d->store, d->pool, u, row);
	return store_repository(d->store, d->pool, u->id, name, row);
}

/* [TS 29.328 7.6.1] that which is gone is told without Service Data */
static int add_repository(struct sh_document *d, const struct impu *u, const char *name)
{
	struct repository_row row = { .number = d->options.gone_number, .data = NULL };
	int err = find_repository(d, u, name, &row);
	FILE *f;

	if (err && err != -ENOENT)
		return err;
	if (err && !d->options.of_change)
		return 0;
	f = sh_section(d, REPOSITORY);
	if (!f)
		return -ENOMEM;
	fputs("<RepositoryData>", f);
	xml_put_text(f, "ServiceIndication", name);
	xml_put_number(f, "SequenceNumber", row.number);
	if (!err)
		fputs(row.data, f);
	fputs("</RepositoryData>", f);
	return 1;
}

/* ---- Sh-IMS-Data ---- */

/* [TS 29.328 7.6.3] */
static int add_state(struct sh_document *d, const struct impu *u)
{
	enum { NOT_REGISTERED, IS_REGISTERED, REGISTERED_UNREG_SERVICES, AUTHENTICATION_PENDING } state = NOT_REGISTERED;
	int registered = store_registered(d->store, u->set), in_use = 0;
	FILE *f = sh_section(d, STATE);

	if (!registered && !u->unregistered && u->scscf_name)
		in_use = store_subscription_in_use(d->store, u->subscription);
	if (registered < 0 || in_use < 0)
		return registered < 0 ? registered : in_use;
	if (registered)
		state = IS_REGISTERED;
	else if (u->unregistered)
		state = REGISTERED_UNREG_SERVICES;
	else if (u->scscf_name && !in_use)
		state = AUTHENTICATION_PENDING;
	if (!f)
		return -ENOMEM;
	xml_put_number(f, "IMSUserState", state);
	return 1;
}

/* [TS 29.328 7.6.4] */
static int add_scscf(struct sh_document *d, const struct impu *u)
{
	FILE *f = u->scscf_name || d->options.of_change ? sh_section(d, SCSCF) : NULL;

	if (!u->scscf_name && !d->options.of_change)
		return 0;
	if (!f)
		return -ENOMEM;
	xml_put_text(f, "SCSCFName", u->scscf_name ? u->scscf_name : "");
	return 1;
}

/* [TS 29.328 7.6.5] those of the AS that asks */
static int add_criteria(struct sh_document *d, const struct impu *u, const char *server_name)
{
	struct bytes xml = { NULL, 0 };
	FILE *f = sh_section(d, CRITERIA);
	int64_t profile;
	int err = store_profile_of_impu(d->store, u->id, &profile);

	if (!err)
		err = user_data_criteria(d->store, d->pool, profile, server_name, &xml);
	if (err && err != -ENOENT)
		return err;
	if (!f)
		return -ENOMEM;
	fprintf(f, "<IFCs>%.*s</IFCs>", (int)xml.len, xml.len ? (const char *)xml.data : "");
	return 1;
}

/* [TS 29.328 7.6.8] */
static int add_charging(struct sh_document *d, const struct impu *u)
{
	struct cx_charging c = { NULL, NULL, NULL, NULL };
	int err = store_charging(d->store, d->pool, u->subscription, &c);
	FILE *f;

	if (err || (!c.ccf_primary && !c.ccf_secondary && !c.ecf_primary && !c.ecf_secondary))
		return err;
	f = sh_section(d, CHARGING);
	if (!f)
		return -ENOMEM;
	fputs("<ChargingInformation>", f);
	xml_put_text(f, "PrimaryEventChargingFunctionName", c.ecf_primary);
	xml_put_text(f, "SecondaryEventChargingFunctionName", c.ecf_secondary);
	xml_put_text(f, "PrimaryChargingCollectionFunctionName", c.ccf_primary);
	xml_put_text(f, "SecondaryChargingCollectionFunctionName", c.ccf_secondary);
	fputs("</ChargingInformation>", f);
	return 1;
}

/* [TS 29.328 7.6.10] */
static int add_psi_activation(struct sh_document *d, const struct impu *u)
{
	int active = store_psi_active(d->store, u->id);
	FILE *f = sh_section(d, PSI);

	if (active < 0 || !f)
		return active < 0 ? active : -ENOMEM;
	xml_put_number(f, "PSIActivation", active);
	return 1;
}

struct dsais {
	FILE *file;
	const char *tag;
	size_t count;
};

static void add_dsai(void *context, const char *tag, bool active)
{
	struct dsais *s = context;

	if (*s->tag && strcmp(s->tag, tag))
		return;
	fputs("<DSAI>", s->file);
	xml_put_text(s->file, "DSAI-Tag", tag);
	xml_put_number(s->file, "DSAI-Value", active ? 0 : 1);
	fputs("</DSAI>", s->file);
	s->count++;
}

/* [TS 29.328 7.6.11, 7.14] */
static int add_dsais(struct sh_document *d, const struct impu *u, const struct sh_item *item)
{
	struct dsais s = { .file = sh_section(d, DSAI), .tag = item->name };
	int err = s.file ? store_each_dsai(d->store, d->pool, u->id, item->server_name, add_dsai, &s) : -ENOMEM;

	return err ? err : s.count > 0;
}

/* ---- CS and PS ---- */

/* [TS 29.328 7.6.7] of the domain asked for, in identity_set; without MAP nobody tells us */
static int add_user_state(struct sh_document *d, uint32_t domain)
{
	FILE *f = sh_section(d, domain == SH_CS_DOMAIN ? CS_STATE : PS_STATE);

	if (!f)
		return -ENOMEM;
	if (domain == SH_CS_DOMAIN)
		xml_put_number(f, "CSUserState", CS_NOT_PROVIDED_FROM_VLR);
	else
		xml_put_number(f, "PSUserState", PS_NOT_PROVIDED_FROM_SGSN);
	return 1;
}

/* ---- by reference ---- */

int sh_document_add(struct sh_document *d, const struct impu *u, const struct sh_item *item)
{
	switch (item->reference) {
	case SH_REPOSITORY_DATA:
		return add_repository(d, u, item->name);
	case SH_IMS_PUBLIC_IDENTITY:
		return add_identities(d, u, item->identity_set);
	case SH_IMS_USER_STATE:
		return add_state(d, u);
	case SH_SCSCF_NAME:
		return add_scscf(d, u);
	case SH_INITIAL_FILTER_CRITERIA:
		return add_criteria(d, u, item->server_name);
	case SH_USER_STATE:
		return add_user_state(d, item->identity_set);
	case SH_CHARGING_INFORMATION:
		return add_charging(d, u);
	case SH_MSISDN:
		return add_msisdns(d, u);
	case SH_PSI_ACTIVATION:
		return add_psi_activation(d, u);
	case SH_DSAI:
		return add_dsais(d, u, item);
	case SH_SERVICE_LEVEL_TRACE_INFO:
		return add_trace(d, u);
	case SH_IMS_PRIVATE_USER_IDENTITY:
		return add_privates(d, u);
	}
	return 0; /* of the others nothing is kept here */
}
