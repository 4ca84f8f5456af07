// SPDX-License-Identifier: Apache-2.0
/* Wildcarded public identities as PCRE2 expressions, each compiled once. Steps and memory of a match are bounded, for expression and
 * identity come from outside. [TS 23.003 13.5] */
#include "hss/wildcard.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { WILDCARD_MAX = 256, STEPS_MAX = 20000, DEPTH_MAX = 500, HEAP_KB = 64, COMPILED_MAX = 4096 };

struct compiled {
	char *wildcard;
	pcre2_code *code;
	UT_hash_handle hh;
};

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct compiled *all;

/* The outermost pair of exclamation marks delimits the expression. */
static bool find_marks(const char *wildcard, const char **first, const char **last)
{
	*first = strchr(wildcard, '!');
	*last = strrchr(wildcard, '!');
	return *first && *last > *first + 1 && strlen(wildcard) < WILDCARD_MAX;
}

/* What is no expression stands for itself. */
static char *put_literal(char *out, const char *from, const char *end)
{
	for (; from < end; from++) {
		if (!isalnum((unsigned char)*from))
			*out++ = '\\';
		*out++ = *from;
	}
	return out;
}

static pcre2_code *compile(const char *wildcard)
{
	char pattern[2 * WILDCARD_MAX + 16], *p = pattern;
	const char *first, *last;
	PCRE2_SIZE where;
	int err;

	if (!find_marks(wildcard, &first, &last))
		return NULL;
	p = put_literal(p, wildcard, first);
	p += sprintf(p, "(?:%.*s)", (int)(last - first - 1), first + 1);
	p = put_literal(p, last + 1, last + strlen(last));
	return pcre2_compile((PCRE2_SPTR)pattern, (PCRE2_SIZE)(p - pattern),
			     PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE, &err, &where, NULL);
}

int wildcard_check(const char *wildcard, size_t *prefix)
{
	pcre2_code *code = compile(wildcard);

	if (!code)
		return -EINVAL;
	pcre2_code_free(code);
	*prefix = strcspn(wildcard, "!");
	return 0;
}

/* ---- a match ---- */

static bool match(const pcre2_code *code, const char *identity)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	int matched = -1;

	if (data && limits) {
		pcre2_set_match_limit(limits, STEPS_MAX);
		pcre2_set_depth_limit(limits, DEPTH_MAX);
		pcre2_set_heap_limit(limits, HEAP_KB);
		matched = pcre2_match(code, (PCRE2_SPTR)identity, strlen(identity), 0, 0, data, limits);
	}
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
	return matched >= 0;
}

/* ---- those compiled ---- */

static void forget_all(void)
{
	struct compiled *c, *next;

	HASH_ITER(hh, all, c, next) {
		HASH_DEL(all, c);
		pcre2_code_free(c->code);
		free(c->wildcard);
		free(c);
	}
}

/* Under the lock for writing. What cannot be kept is not matched. */
static void keep(const char *wildcard)
{
	struct compiled *c;

	HASH_FIND_STR(all, wildcard, c);
	if (c)
		return;
	if (HASH_COUNT(all) >= COMPILED_MAX)
		forget_all();
	c = calloc(1, sizeof *c);
	if (!c)
		return;
	c->wildcard = strdup(wildcard);
	c->code = compile(wildcard);
	if (!c->wildcard || !c->code) {
		pcre2_code_free(c->code);
		free(c->wildcard);
		free(c);
		return;
	}
	HASH_ADD_KEYPTR(hh, all, c->wildcard, strlen(c->wildcard), c);
}

static int match_known(const char *wildcard, const char *identity)
{
	struct compiled *c;
	int matched = -ENOENT;

	pthread_rwlock_rdlock(&lock);
	HASH_FIND_STR(all, wildcard, c);
	if (c)
		matched = match(c->code, identity);
	pthread_rwlock_unlock(&lock);
	return matched;
}

bool wildcard_matches(const char *wildcard, const char *identity)
{
	int matched = match_known(wildcard, identity);

	if (matched != -ENOENT)
		return matched;
	pthread_rwlock_wrlock(&lock);
	keep(wildcard);
	pthread_rwlock_unlock(&lock);
	return match_known(wildcard, identity) > 0;
}

void wildcard_forget_all(void)
{
	pthread_rwlock_wrlock(&lock);
	forget_all();
	pthread_rwlock_unlock(&lock);
}
