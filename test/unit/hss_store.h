// SPDX-License-Identifier: Apache-2.0
/* A store of the HSS in a directory of the test's own. */
#pragma once
#include "hss/store/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char store_dir[] = "/tmp/minims-hss-XXXXXX";
static char store_path[64];

static inline struct store *open_store(bool writes)
{
	char where[80];
	struct store_options o = { .where = where, .writes = writes };
	struct store *s = NULL;

	snprintf(where, sizeof where, "sqlite:%s", store_path);
	assert_int_equal(store_open(&o, &s), 0);
	if (writes)
		assert_int_equal(store_migrate(s), 0);
	return s;
}

static inline int make_store_dir(void **state)
{
	(void)state;
	if (!mkdtemp(store_dir))
		return -1;
	snprintf(store_path, sizeof store_path, "%s/hss.db", store_dir);
	return 0;
}

static inline int remove_store_dir(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[80];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", store_path, ends[i]);
		unlink(path);
	}
	return rmdir(store_dir);
}

/* A private identity in a subscription of its own. */
static inline int64_t add_private(struct store *s, const char *impi)
{
	int64_t subscription = 0, id = 0;

	assert_int_equal(store_subscription_put(s, impi, &subscription), 0);
	assert_int_equal(store_private_put(s, impi, subscription, &id), 0);
	return id;
}
