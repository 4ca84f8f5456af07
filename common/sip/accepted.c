// SPDX-License-Identifier: Apache-2.0
/* INVITEs that we sent on, and whose transaction is over: a 2xx that comes now, once more or from a second callee, still goes up.
 * [RFC 6026 7.2, 8.9: the "Accepted" state; RFC 3261 13.3.1.4, 16.7 step 5]
 *
 * Sofia-SIP forgets the transaction with the first 2xx, so its branch is kept here for 64*T1. A response to a branch that is not
 * here is to nothing of ours: anybody could have us send it anywhere. */
#include "common/sip/engine.h"
#include <stdlib.h>

#define uthash_fatal(msg) abort()
#include <uthash.h>

enum { BRANCH_MAX = 40 };

struct accepted {
	UT_hash_handle hh;
	struct accepted *newer;
	uint64_t until_ns;
	char branch[BRANCH_MAX];
};

struct accepted_table {
	struct accepted *by_branch, *oldest, *newest;
};

struct accepted_table *accepted_table_new(void)
{
	return calloc(1, sizeof(struct accepted_table));
}

static struct accepted *find(struct accepted_table *t, const char *branch)
{
	struct accepted *a;

	HASH_FIND_STR(t->by_branch, branch, a);
	return a;
}

void accepted_note(struct sip_agent *agent, const char *branch)
{
	struct accepted_table *t = agent->accepted;
	struct accepted *a;

	if (!branch || strlen(branch) >= BRANCH_MAX || find(t, branch))
		return;
	a = calloc(1, sizeof *a);
	if (!a)
		return; /* a second 2xx is lost: its sender repeats it, and then gives up */
	strcpy(a->branch, branch);
	a->until_ns = clock_ns() + 64000000ull * agent->o.t1_ms;
	HASH_ADD_STR(t->by_branch, branch, a);
	*(t->newest ? &t->newest->newer : &t->oldest) = a;
	t->newest = a;
}

bool accepted_knows(struct sip_agent *agent, const char *branch)
{
	return branch && find(agent->accepted, branch);
}

static void forget_oldest(struct accepted_table *t)
{
	struct accepted *a = t->oldest;

	t->oldest = a->newer;
	if (!t->oldest)
		t->newest = NULL;
	HASH_DEL(t->by_branch, a);
	free(a);
}

void accepted_expire(struct accepted_table *t, uint64_t now_ns)
{
	while (t->oldest && t->oldest->until_ns <= now_ns)
		forget_oldest(t);
}

void accepted_table_free(struct accepted_table *t)
{
	while (t && t->oldest)
		forget_oldest(t);
	free(t);
}
