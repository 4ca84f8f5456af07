// SPDX-License-Identifier: Apache-2.0
/* Names for the numbers of TS 29.228 annex B.2 and E. */
#include "hss/rest/profile_names.h"
#include "common/base.h"
#include <string.h>

const char *const registration_types[REGISTRATION_TYPES] = { "initial", "re", "de" };
const char *const session_cases[SESSION_CASES] = { "originating", "terminating-registered", "terminating-unregistered",
						   "originating-unregistered", "originating-cdiv" };
const char *const profile_parts[PROFILE_PARTS] = { "registered", "unregistered" };

const char *member_of_kind(const char *kind)
{
	static const struct { const char *kind, *member; } all[] = {
		{ "request-uri", "request_uri" }, { "method", "method" }, { "sip-header", "header" }, { "session-description", "line" },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(all[i].kind, kind))
			return all[i].member;
	return kind;
}
