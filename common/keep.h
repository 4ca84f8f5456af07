// SPDX-License-Identifier: Apache-2.0
/* Local state that survives the death of the process, not of the machine: a key-value face on LMDB without sync. A file of
 * another boot is thrown away at open. One writer thread; values are opaque bytes, versioned by the caller's first byte. */
#pragma once
#include "common/base.h"

struct keep;

/* Opens or makes directory `path` (mode 0700), bounded at `size_max` bytes. 0 or -errno. */
int keep_open(const char *path, size_t size_max, struct keep **out);
void keep_close(struct keep *k);

/* `table` is a short constant ("binding"). 0, or -errno (-ENOSPC: full; the old value stands). Done when it returns. */
int keep_put(struct keep *k, const char *table, const char *key, struct bytes value);
int keep_remove(struct keep *k, const char *table, const char *key);                 /* absent is fine */

/* Every entry of a table, at start. `each` may not write. 0 or -errno. */
int keep_each(struct keep *k, const char *table, void (*each)(void *context, const char *key, struct bytes value), void *context);
