// SPDX-License-Identifier: Apache-2.0
/* Finds noun and verb, reads operands and flags; a misspelt one says what there is. */
#include "ctl/noun.h"
#include "ctl/secret.h"
#include <stdlib.h>
#include <string.h>

static const struct noun *const nouns[] = {
	&subscriber_noun, &registration_noun, &user_noun, &call_noun, &trace_noun, &explain_noun, &status_noun, &key_noun,
	&slf_noun, &identity_noun, &profile_noun, &filter_criterion_noun, &charging_noun, &cloud_profile_noun, &scscf_noun,
	&application_server_noun,
	&token_noun, &backup_noun, &restore_noun,
};

/* ---- noun and verb ---- */

const struct noun *noun_find(const char *name)
{
	char list[256] = "";

	for (size_t i = 0; i < ARRAY_LEN(nouns); i++) {
		size_t n = strlen(list);

		if (!strcmp(nouns[i]->name, name))
			return nouns[i];
		snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", nouns[i]->name);
	}
	ctl_complain(CTL_USAGE, "no '%s'; there are: %s", name, list);
	return NULL;
}

const struct verb *verb_find(const struct noun *noun, const char *name)
{
	char list[256] = "";

	for (size_t i = 0; i < noun->verb_count; i++) {
		size_t n = strlen(list);

		if (!strcmp(noun->verbs[i].name, name))
			return &noun->verbs[i];
		snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", noun->verbs[i].name);
	}
	ctl_complain(CTL_USAGE, "no '%s %s'; there %s: %s", noun->name, name, noun->verb_count == 1 ? "is" : "are", list);
	return NULL;
}

/* ---- operands and flags ---- */

static const struct flag *find_flag(const struct verb *v, const char *word, size_t len)
{
	for (const struct flag *f = v->flags; f && f->name; f++)
		if (strlen(f->name) == len && !memcmp(f->name, word, len))
			return f;
	return NULL;
}

static bool unknown_flag(const struct noun *n, const struct verb *v, const char *word)
{
	char list[512] = "";

	for (const struct flag *f = v->flags; f && f->name; f++) {
		size_t used = strlen(list);

		snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", f->name);
	}
	ctl_complain(CTL_USAGE, "%s%s%s knows no '%s'%s%s", n->name, v->name ? " " : "", v->name ? v->name : "", word, *list ? "; there is: " : "", list);
	return false;
}

/* Off the command line, which everybody sees [proc(5) cmdline]. False after saying what is wrong. */
static bool take_secret(struct arguments *a, char *value)
{
	char text[SECRET_MAX] = "";
	bool good = *value != '@' || secret_read(value + 1, text);

	if (good)
		a->given[a->given_count].secret = strdup(*value == '@' ? text : value);
	explicit_bzero(text, sizeof text);
	memset(value, '*', strlen(value));
	a->given[a->given_count].value = a->given[a->given_count].secret;
	return good && a->given[a->given_count].secret;
}

/* `--flag VALUE` or `--flag=VALUE`; *next is moved over what was read. */
static bool read_flag(struct arguments *a, const struct noun *n, const struct verb *v, char **words, size_t count, size_t *next)
{
	const char *word = words[(*next)++], *equals = strchr(word, '=');
	const struct flag *f = find_flag(v, word, equals ? (size_t)(equals - word) : strlen(word));
	char *value = equals ? words[*next - 1] + (equals + 1 - word) : NULL;

	if (!f)
		return unknown_flag(n, v, word);
	if (!f->value && equals)
		return ctl_complain(false, "%s takes no value", f->name);
	if (f->value && !value && *next < count)
		value = words[(*next)++];
	if (f->value && !value)
		return ctl_complain(false, "%s needs %s", f->name, f->value);
	if (f->kind != FLAG_REPEATED && argument_value(a, f->name))
		return ctl_complain(false, "%s stands here twice", f->name);
	if (a->given_count == FLAGS_GIVEN_MAX)
		return ctl_complain(false, "at most %d options", FLAGS_GIVEN_MAX);
	a->given[a->given_count].flag = f;
	a->given[a->given_count].value = f->value ? value : "";
	if (f->kind == FLAG_SECRET && !take_secret(a, value))
		return false;
	a->given_count++;
	return true;
}

bool arguments_read(struct arguments *a, const struct noun *n, const struct verb *v, char **words, size_t count)
{
	bool only_operands = false;

	memset(a, 0, sizeof *a);
	for (size_t i = 0; i < count;) {
		if (!only_operands && !strcmp(words[i], "--")) {
			only_operands = true;
			i++;
		} else if (!only_operands && words[i][0] == '-' && words[i][1]) {
			if (!read_flag(a, n, v, words, count, &i))
				return false;
		} else if (a->operand_count == v->operands_max) {
			return ctl_complain(false, "'%s' is one word too many", words[i]);
		} else {
			a->operands[a->operand_count++] = words[i++];
		}
	}
	if (a->operand_count < v->operands_min)
		return ctl_complain(false, "%s is needed", v->operands);
	return true;
}

void arguments_forget(struct arguments *a)
{
	for (size_t i = 0; i < a->given_count; i++)
		if (a->given[i].secret) {
			explicit_bzero(a->given[i].secret, strlen(a->given[i].secret));
			free(a->given[i].secret);
		}
	a->given_count = 0;
}

const char *argument_nth(const struct arguments *a, const char *flag, size_t i)
{
	for (size_t k = 0; k < a->given_count; k++)
		if (!strcmp(a->given[k].flag->name, flag) && !i--)
			return a->given[k].value;
	return NULL;
}

const char *argument_value(const struct arguments *a, const char *flag)
{
	return argument_nth(a, flag, 0);
}

bool argument_number(const struct arguments *a, const char *flag, unsigned long least, unsigned long most, unsigned long otherwise,
		     unsigned long *out)
{
	const char *text = argument_value(a, flag);
	unsigned long n;
	char *end;

	*out = otherwise;
	if (!text)
		return true;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n < least || n > most)
		return ctl_complain(false, "%s: a number from %lu to %lu is expected: '%s'", flag, least, most, text);
	*out = n;
	return true;
}

/* ---- help ---- */

void help_all(FILE *f)
{
	fprintf(f, "usage: imsctl [--config FILE] [--output table|json|yaml] NOUN [VERB] [...]\n\n");
	for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
		fprintf(f, "  %-19s %s\n", nouns[i]->name, nouns[i]->what);
	fprintf(f, "\n`imsctl NOUN --help` lists the verbs of a noun, `imsctl NOUN VERB --help` the options of a verb.\n"
		   "  --config FILE      where the daemons are; else $IMSCTL_CONFIG, run/conf/imsctl.yaml, /etc/minims/imsctl.yaml\n"
		   "  --output FORMAT    table, json or yaml\n"
		   "  --version\n"
		   "Exit status: 0 done, 1 refused, 2 usage, 3 not reached.\n");
}

void help_noun(FILE *f, const struct noun *n)
{
	if (!n->verbs[0].name)
		return help_verb(f, n, &n->verbs[0]);
	fprintf(f, "imsctl %s: %s\n\n", n->name, n->what);
	for (size_t i = 0; i < n->verb_count; i++) {
		const struct verb *v = &n->verbs[i];
		char left[64];

		snprintf(left, sizeof left, "%s %s", v->name, v->operands ? v->operands : "");
		fprintf(f, "  %-23s %s\n", left, v->what);
	}
}

void help_verb(FILE *f, const struct noun *n, const struct verb *v)
{
	fprintf(f, "usage: imsctl %s%s%s%s%s%s\n\n%s.\n", n->name, v->name ? " " : "", v->name ? v->name : "", v->operands ? " " : "",
		v->operands ? v->operands : "", v->flags ? " [options]" : "", v->what);
	if (v->more)
		fprintf(f, "%s\n", v->more);
	if (v->flags)
		fprintf(f, "\n");
	for (const struct flag *o = v->flags; o && o->name; o++) {
		char left[64];

		snprintf(left, sizeof left, "%s %s", o->name, o->value ? o->value : "");
		fprintf(f, "  %-24s %s%s\n", left, o->what, o->kind == FLAG_REPEATED ? "; may be repeated" : "");
	}
}
