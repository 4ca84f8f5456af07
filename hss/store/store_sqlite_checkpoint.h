// SPDX-License-Identifier: Apache-2.0
/* What was committed goes from the write-ahead log into the database file, on a thread of its own, so that no commit waits for it. */
#pragma once
#include <sqlite3.h>

struct checkpointer;

/* For the connection that writes. 0 or -errno, logged. */
int checkpointer_new(const char *path, sqlite3 *writes, struct checkpointer **out);
void checkpointer_free(struct checkpointer *c);
