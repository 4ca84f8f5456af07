// SPDX-License-Identifier: Apache-2.0
/* Each role may what the one before it may, and more:
 *
 *   reader        sees everything but secrets, which nobody sees
 *   provisioner   changes subscribers, profiles and the rest, but no credentials
 *   security      gives credentials, rotates keys, takes backups; the full token */
#include "hss/rest/access.h"
#include <string.h>

static const char *const names[] = { [ROLE_NONE] = "none", [ROLE_READER] = "reader", [ROLE_PROVISIONER] = "provisioner",
				     [ROLE_SECURITY] = "security" };

const char *role_name(enum role role)
{
	return names[role];
}

enum role role_of_name(const char *name)
{
	for (enum role r = ROLE_READER; r <= ROLE_SECURITY; r++)
		if (!strcmp(names[r], name))
			return r;
	return ROLE_NONE;
}

/* Resources, with all below them, that are of the security role's alone, reading them included. */
static bool is_of_security(const char *resource)
{
	static const char *const all[] = { RESOURCE_CREDENTIALS, "/v1/key", "/v1/backup" };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		size_t n = strlen(all[i]);

		if (!strncmp(resource, all[i], n) && (!resource[n] || resource[n] == '/'))
			return true;
	}
	return false;
}

enum role access_needed(const char *method, const char *resource)
{
	if (is_of_security(resource))
		return ROLE_SECURITY;
	return strcmp(method, "GET") && strcmp(method, "HEAD") ? ROLE_PROVISIONER : ROLE_READER;
}

bool access_allowed(enum role role, const char *method, const char *resource)
{
	return role >= access_needed(method, resource);
}
