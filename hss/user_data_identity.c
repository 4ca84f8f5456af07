// SPDX-License-Identifier: Apache-2.0
/* PublicIdentity: what later releases added lies in an Extension each, one inside the other, and none stands empty.
 * [TS 29.228 annex E, B.2.1] */
#include "hss/user_data_identity.h"
#include "hss/xml_text.h"

/* Extension 5, inside 4, whose ExtendedPriority is not provisioned */
static void put_registrations(FILE *f, const struct profile_identity *i)
{
	if (!i->extras.max_registrations)
		return;
	fputs("<Extension><Extension>", f);
	xml_put_number(f, "MaxNumOfAllowedSimultRegistrations", i->extras.max_registrations);
	fputs("</Extension></Extension>", f);
}

/* Extension 3 */
static void put_priority(FILE *f, const struct profile_identity *i)
{
	bool wild = i->kind == KIND_WILDCARDED_USER;

	if (!wild && !i->extras.trace_info && !i->extras.has_priority && !i->extras.max_registrations)
		return;
	fputs("<Extension>", f);
	if (wild)
		xml_put_text(f, "WildcardedIMPU", i->wildcard ? i->wildcard : i->uri);
	xml_put_text(f, "ServiceLevelTraceInfo", i->extras.trace_info);
	if (i->extras.has_priority)
		xml_put_number(f, "ServicePriorityLevel", i->extras.priority);
	put_registrations(f, i);
	fputs("</Extension>", f);
}

static bool has_more(const struct profile_identity *i, const char *alias_group)
{
	return i->display_name || alias_group || i->kind == KIND_WILDCARDED_USER || i->extras.trace_info || i->extras.has_priority ||
	       i->extras.max_registrations;
}

/* Extension 2 */
static void put_names(FILE *f, const struct profile_identity *i, const char *alias_group)
{
	if (!has_more(i, alias_group))
		return;
	fputs("<Extension>", f);
	xml_put_text(f, "DisplayName", i->display_name);
	xml_put_text(f, "AliasIdentityGroupID", alias_group);
	put_priority(f, i);
	fputs("</Extension>", f);
}

void user_data_put_identity(FILE *f, const struct profile_identity *i, bool with_alias_group)
{
	const char *alias_group = with_alias_group ? i->extras.alias_group : NULL;

	fputs("<PublicIdentity>", f);
	if (i->barred)
		xml_put_number(f, "BarringIndication", 1);
	xml_put_text(f, "Identity", i->uri);
	if (i->kind || has_more(i, alias_group)) {
		fputs("<Extension>", f);
		xml_put_number(f, "IdentityType", i->kind);
		if (i->kind == KIND_WILDCARDED_PSI)
			xml_put_text(f, "WildcardedPSI", i->wildcard ? i->wildcard : i->uri);
		put_names(f, i, alias_group);
		fputs("</Extension>", f);
	}
	fputs("</PublicIdentity>", f);
}
