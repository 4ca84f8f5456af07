// SPDX-License-Identifier: Apache-2.0
/* Files that the command line names. */
#include "ctl/secret.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool take_line(FILE *f, const char *name, char out[SECRET_MAX])
{
	if (!fgets(out, SECRET_MAX, f))
		return ctl_complain(false, "%s: nothing in it", name);
	if (!strchr(out, '\n') && !feof(f))
		return ctl_complain(false, "%s: a line of at most %d characters is expected", name, SECRET_MAX - 2);
	out[strcspn(out, "\r\n")] = 0;
	return *out ? true : ctl_complain(false, "%s: the first line is empty", name);
}

static bool ask(char out[SECRET_MAX])
{
	struct termios before, silent;
	bool good;

	if (tcgetattr(STDIN_FILENO, &before))
		return take_line(stdin, "standard input", out);
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	fputs("Password: ", stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	good = take_line(stdin, "standard input", out);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return good;
}

bool secret_read(const char *path, char out[SECRET_MAX])
{
	FILE *f;
	bool good;

	if (!strcmp(path, "-"))
		return ask(out);
	f = fopen(path, "re");
	if (!f)
		return ctl_complain(false, "%s: %s", path, strerror(errno));
	good = take_line(f, path, out);
	fclose(f);
	return good;
}

char *file_read(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *text = NULL;
	size_t size = 0;

	if (!f || (getdelim(&text, &size, 0, f) < 0 && ferror(f))) {
		ctl_complain(0, "%s: %s", path, strerror(errno));
		free(text);
		text = NULL;
	} else if (!text || !*text) {
		ctl_complain(0, "%s: nothing in it", path);
		free(text);
		text = NULL;
	}
	if (f && f != stdin)
		fclose(f);
	return text;
}
