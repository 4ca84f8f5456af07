// SPDX-License-Identifier: Apache-2.0
/* The S-CSCFs to try for one request, one after the other. [TS 24.229 5.3.1.2, 5.3.2.1] */
#include "icscf/assignment.h"
#include <string.h>

void assignment_fill(struct request *r, struct assignment *a, const char *server_name, const struct cx_capabilities *capabilities)
{
	const struct icscf_options *o = icscf_of(r)->options;

	if (server_name)
		return selection_one(su_strdup(request_home(r), server_name), &a->left);
	selection_rank(o->scscfs, o->scscfs_count, capabilities, &a->tried, &a->left);
	/* preferred names came with the answer, which ends with this step */
	for (size_t i = 0; i < a->left.count; i++)
		a->left.name[i] = su_strdup(request_home(r), a->left.name[i]);
}

bool assignment_forward(struct request *r, struct assignment *a, bool rewrite)
{
	const char *server = candidates_take(&a->left);
	const char *transport = icscf_of(r)->options->mw.transport;
	const char *hop;
	struct target *t;

	if (!server)
		return false;
	if (a->tried.count < CANDIDATES_MAX)
		a->tried.name[a->tried.count++] = server;
	a->tried.next = a->tried.count;
	hop = strstr(server, ";transport=") ? server : home_format(request_home(r), "%s;transport=%s", server, transport);
	t = target_new(r, rewrite ? server : a->uri, rewrite ? hop : home_format(request_home(r), "<%s;lr>", hop));
	if (!t) {
		request_answer(r, 500, "out of memory");
		return true;
	}
	request_forward(r, &t, 1);
	return true;
}
