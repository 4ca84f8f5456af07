// SPDX-License-Identifier: Apache-2.0
/* A backup: all of the store, of one moment, in one form for every database.
 *
 *   {"format":"minims-hss-backup","version":1,"schema":N,"created":"2026-11-25T03:00:00Z"}
 *   {"table":"subscription","columns":["id","name", ...]}
 *   [1,"alice@ims.test", ...]               a row; octets are {"hex":"..."}
 *   ...
 *   {"lines":N,"sha256":"..."}              common/trailer.h
 *
 * Secrets are in it as they are in the store: sealed; it is worth nothing without the master key. */
#pragma once
#include "hss/rest/problem.h"
#include "hss/store/store_dump.h"
#include <sys/types.h>

#define BACKUP_FORMAT "minims-hss-backup"
enum { BACKUP_VERSION = 1 };

struct backup;
/* Takes the reading connection, and its snapshot. 0 or -errno; the connection is closed then, too. */
int backup_begin(struct store *s, struct backup **out);
/* The next octets: how many, 0 at the end, -errno. */
ssize_t backup_read(struct backup *b, char *out, size_t most);
void backup_end(struct backup *b);

struct keyring;

struct restoring {
	struct bytes file;
	struct keyring *keys;
	bool replace;                        /* what is there goes; else there must be nothing */
	struct problem *problem;             /* why not */
	size_t rows, subscribers;            /* that were restored */
	int schema;                          /* of the backup */
};
/* In the writer's transaction. 0, or -errno with the problem set, and then the transaction is to be taken back. Nothing changes
 * before the checksum, the form, the schema and the master keys are found to be right. */
int restore(struct restoring *r, struct store *s);
