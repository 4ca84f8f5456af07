// SPDX-License-Identifier: Apache-2.0
#include "common/secret_memory.h"
#include <string.h>
#include <sys/mman.h>

void *secret_alloc(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	mlock(p, size); /* refused: the page may be swapped, and that is all */
	if (madvise(p, size, MADV_DONTDUMP) || madvise(p, size, MADV_WIPEONFORK)) {
		munmap(p, size);
		return NULL;
	}
	return p;
}

void secret_free(void *p, size_t size)
{
	if (!p)
		return;
	explicit_bzero(p, size);
	munmap(p, size);
}
