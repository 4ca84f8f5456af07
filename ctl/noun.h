// SPDX-License-Identifier: Apache-2.0
/* Nouns and their verbs as tables: the command line is read by them, and the help is written by them. */
#pragma once
#include "ctl/ctl.h"
#include <stdio.h>

enum { OPERANDS_MAX = 2, FLAGS_GIVEN_MAX = 64 };

enum flag_kind {
	FLAG_ONCE = false,
	FLAG_REPEATED = true,
	FLAG_SECRET,                     /* once; @FILE is the first line of a file; what the command line has is overwritten */
};

struct flag {
	const char *name, *value, *what; /* "--impu", "URI", "a public identity"; value NULL: a yes */
	enum flag_kind kind;
};

struct arguments {
	const char *operands[OPERANDS_MAX];
	size_t operand_count;
	struct {
		const struct flag *flag;
		const char *value;
		char *secret;            /* the same, of ours; NULL: no secret */
	} given[FLAGS_GIVEN_MAX];
	size_t given_count;
};

struct verb {
	const char *name;                /* NULL: the noun is all there is to say */
	const char *operands;            /* "IMPI" */
	unsigned operands_min, operands_max;
	const char *what;                /* a line */
	const char *more;                /* what else the help says; NULL: nothing */
	const struct flag *flags;        /* ends with a name of NULL; NULL: none */
	int (*run)(const struct ctl *c, const struct arguments *a); /* an exit status */
};

struct noun {
	const char *name, *what;
	const struct verb *verbs;
	size_t verb_count;
};

extern const struct noun subscriber_noun, registration_noun, user_noun, call_noun, trace_noun, explain_noun, status_noun;
extern const struct noun identity_noun, profile_noun, filter_criterion_noun, charging_noun, cloud_profile_noun, scscf_noun, token_noun;
extern const struct noun backup_noun, restore_noun;
extern const struct noun key_noun, slf_noun, application_server_noun;

/* NULL after saying what there is. `words` lose what was read. */
const struct noun *noun_find(const char *name);
const struct verb *verb_find(const struct noun *n, const char *name);
/* False after saying what is wrong. */
bool arguments_read(struct arguments *a, const struct noun *n, const struct verb *v, char **words, size_t count);
void arguments_forget(struct arguments *a);

const char *argument_value(const struct arguments *a, const char *flag);          /* NULL: not given */
/* The i-th value of a repeated flag; NULL: no more. */
const char *argument_nth(const struct arguments *a, const char *flag, size_t i);
/* A whole number, or `otherwise` when not given. False after saying what is wrong. */
bool argument_number(const struct arguments *a, const char *flag, unsigned long least, unsigned long most, unsigned long otherwise,
		     unsigned long *out);

void help_all(FILE *f);
void help_noun(FILE *f, const struct noun *n);
void help_verb(FILE *f, const struct noun *n, const struct verb *v);
