// SPDX-License-Identifier: Apache-2.0
/* Claims of this process, few at a time: a list. */
#include "hss/claim.h"
#include <stdlib.h>
#include <string.h>

struct claim {
	struct claim *next, *next_of_run;
	const struct run *run;
	uint32_t reference;
	const char *uri, *name;      /* in the run's pool */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct claim *all;

static struct claim *find(const char *uri, uint32_t reference, const char *name)
{
	struct claim *c = all;

	while (c && (c->reference != reference || strcmp(c->uri, uri) || strcmp(c->name, name)))
		c = c->next;
	return c;
}

int claim_take(struct run *r, const char *uri, uint32_t reference, const char *name)
{
	struct claim *own = obstack_alloc(&r->pool, sizeof *own), *other;

	*own = (struct claim){ .run = r, .reference = reference, .uri = obstack_copy0(&r->pool, uri, (int)strlen(uri)),
			       .name = obstack_copy0(&r->pool, name, (int)strlen(name)) };
	pthread_mutex_lock(&lock);
	other = find(uri, reference, name);
	if (!other) {
		own->next = all;
		all = own;
		own->next_of_run = r->claims;
		r->claims = own;
	}
	pthread_mutex_unlock(&lock);
	return other && other->run != r ? -EBUSY : 0;
}

static void drop(const struct claim *c)
{
	struct claim **at = &all;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
}

void claims_release(struct run *r)
{
	if (!r->claims)
		return;
	pthread_mutex_lock(&lock);
	for (; r->claims; r->claims = r->claims->next_of_run)
		drop(r->claims);
	pthread_mutex_unlock(&lock);
}
