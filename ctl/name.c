// SPDX-License-Identifier: Apache-2.0
/* Completes what people type by the home domain. [TS 23.003 13.4] */
#include "ctl/name.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool name_is_uri(const char *user)
{
	return !strncasecmp(user, "sip:", 4) || !strncasecmp(user, "sips:", 5) || !strncasecmp(user, "tel:", 4);
}

void name_impu(const struct ctl *c, const char *user, char out[NAME_MAX_LEN])
{
	if (name_is_uri(user))
		snprintf(out, NAME_MAX_LEN, "%s", user);
	else if (strchr(user, '@'))
		snprintf(out, NAME_MAX_LEN, "sip:%s", user);
	else if (*user == '+')
		snprintf(out, NAME_MAX_LEN, "tel:%s", user);
	else
		snprintf(out, NAME_MAX_LEN, "sip:%s@%s", user, c->options->domain);
}
