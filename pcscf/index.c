// SPDX-License-Identifier: Apache-2.0
/* Words by which things are found, several things to a word. */
#include "pcscf/index.h"
#include <stdlib.h>
#include <string.h>

/* a table that cannot grow says so by a NULL, instead of ending the process */
#define uthash_nonfatal_oom(_element) ((_element)->lost = true)
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

struct index_word {
	struct index_node *first;
	UT_hash_handle hh;
	bool lost;
	char text[];
};

struct index {
	struct index_word *words;
};

struct index *index_new(void)
{
	return calloc(1, sizeof(struct index));
}

void index_free(struct index *x)
{
	free(x);
}

static struct index_word *find(const struct index *x, const char *word)
{
	struct index_word *w;

	HASH_FIND(hh, x->words, word, strlen(word), w);
	return w;
}

static struct index_word *make(struct index *x, const char *word)
{
	size_t len = strlen(word);
	struct index_word *w = calloc(1, sizeof *w + len + 1);

	if (!w)
		return NULL;
	memcpy(w->text, word, len);
	HASH_ADD_KEYPTR(hh, x->words, w->text, len, w);
	if (!w->lost)
		return w;
	free(w);
	return NULL;
}

int index_add(struct index *x, const char *word, void *thing, struct index_node *node)
{
	struct index_word *w = find(x, word);

	if (!w)
		w = make(x, word);
	if (!w)
		return -ENOMEM;
	*node = (struct index_node){ .thing = thing, .word = w };
	DL_PREPEND(w->first, node);
	return 0;
}

void index_remove(struct index *x, struct index_node *node)
{
	struct index_word *w = node->word;

	if (!w)
		return;
	DL_DELETE(w->first, node);
	node->word = NULL;
	if (w->first)
		return;
	HASH_DELETE(hh, x->words, w);
	free(w);
}

const struct index_node *index_first(const struct index *x, const char *word)
{
	const struct index_word *w = find(x, word);

	return w ? w->first : NULL;
}
