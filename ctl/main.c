// SPDX-License-Identifier: Apache-2.0
/* imsctl, the operator's command: NOUN VERB, each noun a file. A client of the daemons' HTTP doors. */
#include "ctl/noun.h"
#include "ctl/settings.h"
#include <curl/curl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct globals {
	const char *config, *output;
	bool help, version;
	char **words;                    /* the others, in their order */
	size_t count;
};

/* "--name VALUE" or "--name=VALUE": 1, 0 another word, -1 without its value. */
static int take(const char *name, int argc, char **argv, int *i, const char **value)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) || (argv[*i][n] && argv[*i][n] != '='))
		return 0;
	*value = argv[*i][n] ? argv[*i] + n + 1 : ++*i < argc ? argv[*i] : NULL;
	return *value ? 1 : -1;
}

static bool read_globals(struct globals *g, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int config = take("--config", argc, argv, &i, &g->config);
		int output = config ? 0 : take("--output", argc, argv, &i, &g->output);

		if (config < 0 || output < 0)
			return ctl_complain(false, "%s needs a value", config ? "--config" : "--output");
		if (config || output)
			continue;
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			g->help = true;
		else if (!strcmp(argv[i], "--version"))
			g->version = true;
		else
			g->words[g->count++] = argv[i];
	}
	return true;
}

static int run_verb(const struct globals *g, const struct noun *n, const struct verb *v, size_t used)
{
	struct arguments a;
	struct ctl c;
	int status;

	if (!arguments_read(&a, n, v, g->words + used, g->count - used) || !settings_format(g->output, &c.format) ||
	    !settings_load(g->config, &c.options)) {
		arguments_forget(&a);
		return CTL_USAGE;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	status = v->run(&c, &a);
	curl_global_cleanup();
	config_free(&ctl_schema, c.options);
	arguments_forget(&a);
	return fflush(stdout) ? ctl_complain(CTL_REFUSED, "standard output: %s", strerror(errno)) : status;
}

static int dispatch(const struct globals *g)
{
	const struct noun *n = noun_find(g->words[0]);
	const struct verb *v = n && !n->verbs[0].name ? &n->verbs[0] : NULL;
	size_t used = v ? 1 : 2;

	if (!n)
		return CTL_USAGE;
	if (!v && g->count < 2) {
		help_noun(g->help ? stdout : stderr, n);
		return g->help ? CTL_DONE : CTL_USAGE;
	}
	if (!v)
		v = verb_find(n, g->words[1]);
	if (!v)
		return CTL_USAGE;
	if (!g->help)
		return run_verb(g, n, v, used);
	help_verb(stdout, n, v);
	return CTL_DONE;
}

int main(int argc, char **argv)
{
	struct globals g = { .words = calloc((size_t)argc + 1, sizeof *g.words) };
	int status = CTL_DONE;

	setlocale(LC_CTYPE, "");
	if (!g.words || !read_globals(&g, argc, argv)) {
		status = CTL_USAGE;
	} else if (g.version) {
		printf("imsctl (minims) %s\n", MINIMS_VERSION);
	} else if (!g.count) {
		help_all(g.help ? stdout : stderr);
		status = g.help ? CTL_DONE : CTL_USAGE;
	} else {
		status = dispatch(&g);
	}
	free(g.words);
	return status;
}
