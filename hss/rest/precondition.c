// SPDX-License-Identifier: Apache-2.0
/* ETags compared strongly: a weak one matches nothing. [RFC 9110 8.8.3.2] */
#include "hss/rest/precondition.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool precondition_read(struct change *c)
{
	const char *match = http_header(c->request, "If-Match"), *none = http_header(c->request, "If-None-Match");

	c->if_match = match ? strdup(match) : NULL;
	c->if_none_match = none ? strdup(none) : NULL;
	return (c->if_match || !match) && (c->if_none_match || !none);
}

void precondition_free(struct change *c)
{
	free(c->if_match);
	free(c->if_none_match);
}

/* One of the list is the tag; "*" is any. */
static bool matches(const char *list, int64_t revision)
{
	char tag[32];
	size_t n = (size_t)snprintf(tag, sizeof tag, "\"%" PRIx64 "\"", (uint64_t)revision);

	if (revision == NOT_THERE)
		return false;
	while (*(list += strspn(list, " \t,"))) {
		size_t len = strcspn(list, ", \t");

		if ((len == 1 && *list == '*') || (len == n && !memcmp(list, tag, n)))
			return true;
		list += len;
	}
	return false;
}

int precondition_check(struct change *c, int64_t revision)
{
	if (c->if_match && !matches(c->if_match, revision))
		return problem_set(&c->problem, 412, NULL, revision == NOT_THERE ? "it is not there, and If-Match wants one that is" :
				   "it was changed since that ETag was given");
	if (c->if_none_match && matches(c->if_none_match, revision))
		return problem_set(&c->problem, 412, NULL, "it is there already, and If-None-Match wants none");
	return 0;
}
