// SPDX-License-Identifier: Apache-2.0
/* `imsctl token`: the HSS's tokens file, on the machine of the HSS. The token itself is shown once, when it is made. */
#include "common/bearer.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOKEN_BYTES = 32, PATH_BYTES = 512 };

struct file {
	char path[PATH_BYTES];
	struct bearer *list;         /* with room for one more */
	size_t count;
};

/* --file, or `tokens` beside the token_file of imsctl's options. */
static void find_path(const struct ctl *c, const struct arguments *a, char path[PATH_BYTES])
{
	const char *given = argument_value(a, "--file"), *own = c->options->token_file, *slash = strrchr(own, '/');

	if (given)
		snprintf(path, PATH_BYTES, "%s", given);
	else
		snprintf(path, PATH_BYTES, "%.*stokens", slash ? (int)(slash + 1 - own) : 0, own);
}

static bool load(const struct ctl *c, const struct arguments *a, struct file *f)
{
	unsigned line = 0;
	int err;

	f->count = 0;
	f->list = NULL;
	find_path(c, a, f->path);
	err = bearer_read(f->path, &f->list, &f->count, &line);
	if (err && err != -ENOENT)
		return err == -EINVAL ? ctl_complain(false, "%s: line %u: NAME ROLE SHA-256 [EXPIRES] is expected", f->path, line) :
		       ctl_complain(false, "%s: %s", f->path, err == -EPERM ? "others may read it: mode 0600 is expected" : strerror(-err));
	if (!f->list)
		f->list = calloc(1, sizeof *f->list);
	return f->list;
}

static int save(const struct file *f)
{
	int err = bearer_write(f->path, f->list, f->count);

	if (err)
		return ctl_complain(CTL_REFUSED, "%s: %s", f->path, strerror(-err));
	fprintf(stderr, "imsctl: %s is written; SIGHUP has the HSS read it\n", f->path);
	return CTL_DONE;
}

static struct bearer *find(const struct file *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (!strcmp(f->list[i].name, name))
			return &f->list[i];
	return NULL;
}

/* ---- add ---- */

static bool read_new(const struct arguments *a, struct bearer *b)
{
	static const char *const roles[] = { "reader", "provisioner", "security" };
	const char *role = argument_value(a, "--role"), *expires = argument_value(a, "--expires");
	bool known = false;

	for (size_t i = 0; role && i < ARRAY_LEN(roles); i++)
		known = known || !strcmp(roles[i], role);
	if (!known)
		return ctl_complain(false, "--role: reader, provisioner or security is expected");
	if (!bearer_name_is_good(a->operands[0]))
		return ctl_complain(false, "NAME: letters, digits, -, _ and . are expected: '%s'", a->operands[0]);
	*b = (struct bearer){ .expires_s = 0 };
	if (expires && !bearer_parse_time(expires, &b->expires_s))
		return ctl_complain(false, "--expires: 2027-01-31 or 2027-01-31T12:00:00Z is expected: '%s'", expires);
	snprintf(b->name, sizeof b->name, "%s", a->operands[0]);
	snprintf(b->role, sizeof b->role, "%s", role);
	return true;
}

static bool make_token(char hex[2 * TOKEN_BYTES + 1])
{
	uint8_t bytes[TOKEN_BYTES];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return ctl_complain(false, "no random numbers");
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

static int run_add(const struct ctl *c, const struct arguments *a)
{
	char token[2 * TOKEN_BYTES + 1];
	struct file f;
	struct bearer b;
	int status = CTL_REFUSED;

	if (!read_new(a, &b))
		return CTL_USAGE;
	if (!load(c, a, &f))
		return CTL_REFUSED;
	if (find(&f, b.name))
		ctl_complain(0, "a token of the name %s is there already", b.name);
	else if (f.count == BEARERS_MAX)
		ctl_complain(0, "%s: at most %d tokens", f.path, BEARERS_MAX);
	else if (make_token(token)) {
		bearer_digest(token, b.digest);
		f.list[f.count++] = b;
		status = save(&f);
		if (!status)
			puts(token);
		explicit_bzero(token, sizeof token);
	}
	free(f.list);
	return status;
}

/* ---- remove, list ---- */

static int run_remove(const struct ctl *c, const struct arguments *a)
{
	struct bearer *b;
	struct file f;
	int status;

	if (!load(c, a, &f))
		return CTL_REFUSED;
	b = find(&f, a->operands[0]);
	if (b) {
		memmove(b, b + 1, (size_t)(f.list + f.count - b - 1) * sizeof *b);
		f.count--;
		status = save(&f);
	} else {
		status = ctl_complain(CTL_REFUSED, "no token of the name %s", a->operands[0]);
	}
	free(f.list);
	return status;
}

static json_t *show(const struct bearer *b)
{
	char expires[32] = "";
	time_t t = (time_t)b->expires_s;
	struct tm tm;

	if (t && gmtime_r(&t, &tm))
		strftime(expires, sizeof expires, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:s, s:s, s:s*, s:s}", "name", b->name, "role", b->role, "expires", t ? expires : NULL, "state",
			 t && t <= time(NULL) ? "expired" : "good");
}

static int run_list(const struct ctl *c, const struct arguments *a)
{
	static const struct column columns[] = {
		{ "TOKEN", "name", false }, { "ROLE", "role", false }, { "STATE", "state", false }, { "EXPIRES", "expires", false },
	};
	json_t *all;
	struct file f;

	if (!load(c, a, &f))
		return CTL_REFUSED;
	all = json_array();
	for (size_t i = 0; i < f.count; i++)
		json_array_append_new(all, show(&f.list[i]));
	output_list(c, columns, ARRAY_LEN(columns), NULL, all);
	json_decref(all);
	free(f.list);
	return CTL_DONE;
}

#define FILE_FLAG { "--file", "FILE", "the HSS's rest.tokens_file; else `tokens` beside token_file", false }

static const struct flag add_flags[] = {
	{ "--role", "ROLE", "reader, provisioner (changes all but credentials) or security", false },
	{ "--expires", "TIME", "2027-01-31 or 2027-01-31T12:00:00Z, UTC; else never", false }, FILE_FLAG, { 0 }
};
static const struct flag file_flags[] = { FILE_FLAG, { 0 } };

static const struct verb verbs[] = {
	{ "add", "NAME", 1, 1, "Makes a token for the HSS's REST door, and shows it this once", "The file keeps its SHA-256. Run it where the HSS runs.", add_flags, run_add },
	{ "remove", "NAME", 1, 1, "Removes one", NULL, file_flags, run_remove },
	{ "list", NULL, 0, 0, "Lists names and roles", NULL, file_flags, run_list },
};

const struct noun token_noun = { "token", "who may come in at the REST door: add, remove, list", verbs, ARRAY_LEN(verbs) };
