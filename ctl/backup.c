// SPDX-License-Identifier: Apache-2.0
/* `imsctl backup FILE`, `imsctl restore FILE`: all of the HSS's store, of one moment.
 *
 *   backup:  GET ─▶ FILE.part ─▶ its checksum is right ─▶ on the disk ─▶ FILE
 *   restore: the checksum is right ─▶ POST ─▶ the HSS looks again, and changes all or nothing */
#include "common/trailer.h"
#include "ctl/client.h"
#include "ctl/noun.h"
#include "ctl/output.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_S = 24 * 3600 };

/* ---- a file in memory ---- */

/* False after saying why. */
static bool map(const char *path, int fd, struct bytes *out)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st))
		return ctl_complain(false, "%s: %s", path, strerror(errno));
	if (!st.st_size)
		return ctl_complain(false, "%s: it is empty", path);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return ctl_complain(false, "%s: %s", path, strerror(errno));
	*out = (struct bytes){ data, (size_t)st.st_size };
	return true;
}

static void unmap(struct bytes file)
{
	if (file.data)
		munmap((void *)(uintptr_t)file.data, file.len);
}

static bool check(const char *path, struct bytes file)
{
	struct bytes text;

	return !trailer_check(file, &text) || ctl_complain(false, "%s: its checksum does not fit: it was cut short, or changed", path);
}

/* ---- backup ---- */

static bool is_whole(const char *path, FILE *f)
{
	struct bytes file = { NULL, 0 };
	bool good = map(path, fileno(f), &file) && check(path, file);

	unmap(file);
	return good;
}

/* The name is that of a whole one, always. */
static int keep(const char *part, const char *path, FILE *f, size_t *len)
{
	struct stat st;

	if (fflush(f))
		return ctl_complain(CTL_REFUSED, "%s: %s", part, strerror(errno));
	if (!is_whole(part, f))
		return CTL_REFUSED;
	if (fsync(fileno(f)) || fstat(fileno(f), &st) || rename(part, path))
		return ctl_complain(CTL_REFUSED, "%s: %s", path, strerror(errno));
	*len = (size_t)st.st_size;
	return CTL_DONE;
}

static int fetch(const struct ctl *c, const char *part, const char *path, FILE *f, size_t *len)
{
	struct rest *r = rest_new(c);
	struct answer answer = { 0 };
	int status;

	if (!r)
		return CTL_USAGE;
	rest_patience(r, PATIENCE_S);
	rest_download(r, "/v1/backup", f, &answer);
	status = answer_status(&answer, "hss");
	answer_free(&answer);
	rest_free(r);
	return status ? status : keep(part, path, f, len);
}

static void tell_backup(const struct ctl *c, const char *path, size_t len)
{
	json_t *o = json_pack("{s:s, s:I}", "file", path, "bytes", (json_int_t)len);

	if (c->format == OUTPUT_TABLE)
		printf("%s: %zu bytes; they are worth nothing without the master key\n", path, len);
	else
		output_list(c, NULL, 0, NULL, o);
	json_decref(o);
}

static int run_backup(const struct ctl *c, const struct arguments *a)
{
	const char *path = a->operands[0];
	char *part = NULL;
	size_t len = 0;
	int fd, status;
	FILE *f;

	if (asprintf(&part, "%s.part", path) < 0)
		abort(); /* out of memory */
	fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "r+");
	status = f ? fetch(c, part, path, f, &len) : ctl_complain(CTL_USAGE, "%s: %s", part, strerror(errno));
	if (f)
		fclose(f);
	else if (fd >= 0)
		close(fd);
	if (status && fd >= 0)
		unlink(part);
	free(part);
	if (!status)
		tell_backup(c, path, len);
	return status;
}

/* ---- restore ---- */

static int tell_restored(const struct ctl *c, const struct answer *answer)
{
	json_int_t subscribers = json_integer_value(json_object_get(answer->json, "subscribers"));

	if (c->format == OUTPUT_TABLE)
		printf("%s%lld subscribers\n", json_is_true(json_object_get(answer->json, "dry_run")) ? "would restore " : "restored ",
		       (long long)subscribers);
	else
		output_list(c, NULL, 0, NULL, answer->json);
	return CTL_DONE;
}

static int send(const struct ctl *c, const struct arguments *a, struct bytes file)
{
	struct rest *r = rest_new(c);
	struct answer answer = { 0 };
	char path[64];
	int status;

	if (!r)
		return CTL_USAGE;
	snprintf(path, sizeof path, "/v1/backup?replace=%s&dry_run=%s", argument_value(a, "--replace") ? "true" : "false",
		 argument_value(a, "--dry-run") ? "true" : "false");
	rest_patience(r, PATIENCE_S);
	rest_ask(r, "POST", path, "application/x-ndjson", file, &answer);
	status = answer_status(&answer, "hss");
	if (!status)
		status = tell_restored(c, &answer);
	answer_free(&answer);
	rest_free(r);
	return status;
}

static int run_restore(const struct ctl *c, const struct arguments *a)
{
	const char *path = a->operands[0];
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = CTL_USAGE;
	struct bytes file = { NULL, 0 };

	if (fd < 0)
		return ctl_complain(CTL_USAGE, "%s: %s", path, strerror(errno));
	if (map(path, fd, &file))
		status = check(path, file) ? send(c, a, file) : CTL_REFUSED;
	unmap(file);
	close(fd);
	return status;
}

/* ---- the nouns ---- */

static const struct flag restore_flags[] = {
	{ "--replace", NULL, "what is in the store goes; without it there must be nothing", false },
	{ "--dry-run", NULL, "only try whether it would go well", false },
	{ NULL, NULL, NULL, false },
};

static const struct verb backup_verbs[] = {
	{ NULL, "FILE", 1, 1, "Writes all of the HSS's store, of one moment, into a file",
	  "Secrets are in it as they are in the store, sealed: keep the master key elsewhere.", NULL, run_backup },
};

static const struct verb restore_verbs[] = {
	{ NULL, "FILE", 1, 1, "Makes a backup the HSS's store, whole or not at all",
	  "It may come from another database, or from an older version. The HSS needs the master key that the backup was made under.",
	  restore_flags, run_restore },
};

const struct noun backup_noun = { "backup", "the HSS's store into a file", backup_verbs, ARRAY_LEN(backup_verbs) };
const struct noun restore_noun = { "restore", "the HSS's store out of a file", restore_verbs, ARRAY_LEN(restore_verbs) };
