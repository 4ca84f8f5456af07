// SPDX-License-Identifier: Apache-2.0
/* What the numbers and kinds of a service profile are called in JSON. profile_names.c */
#pragma once

enum { GROUPS = 32, REGISTRATION_TYPES = 3, SESSION_CASES = 5, PROFILE_PARTS = 2 };

extern const char *const registration_types[REGISTRATION_TYPES];   /* RegistrationType [TS 29.228 annex B.2.3] */
extern const char *const session_cases[SESSION_CASES];             /* SessionCase */
extern const char *const profile_parts[PROFILE_PARTS];             /* ProfilePartIndicator */

/* The member that holds the condition of a trigger of this kind, as the store calls it: "request-uri", "method", "sip-header",
 * "session-description". */
const char *member_of_kind(const char *kind);
