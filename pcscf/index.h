// SPDX-License-Identifier: Apache-2.0
/* Words by which things are found, several things to a word: flows and identities of bindings. */
#pragma once
#include "common/base.h"

struct index;
struct index_word;

struct index_node {                  /* one thing under one word; part of the thing */
	void *thing;
	struct index_word *word;
	struct index_node *prev, *next;
};

struct index *index_new(void);                                    /* NULL: out of memory */
void index_free(struct index *x);                                 /* after all nodes were removed */
int index_add(struct index *x, const char *word, void *thing, struct index_node *node); /* 0 or -ENOMEM */
void index_remove(struct index *x, struct index_node *node);      /* one that was not added is fine */
const struct index_node *index_first(const struct index *x, const char *word); /* then ->next; newest first */
