// SPDX-License-Identifier: Apache-2.0
/* Memory for keys that live as long as the process. */
#pragma once
#include <stddef.h>

/* Pages of its own, zeroed: in no core dump [madvise(2) MADV_DONTDUMP], in no child [MADV_WIPEONFORK], and not swapped out as far
 * as RLIMIT_MEMLOCK lets us. NULL: out of memory. */
void *secret_alloc(size_t size);
/* Wiped first. NULL is fine; `size` as it was asked for. */
void secret_free(void *p, size_t size);
