// SPDX-License-Identifier: Apache-2.0
/* Sh-Data of an Sh-Update, read. Pure. [TS 29.328 annex D] */
#pragma once
#include "common/base.h"
#include <obstack.h>

enum { SH_UPDATES_MAX = 16 };

struct sh_repository {
	const char *indication;
	int64_t number;
	const char *data;            /* the element ServiceData, by itself; NULL: there is none */
	size_t len;
};
struct sh_dsai {
	const char *tag;
	bool active;
};
struct sh_updates {
	struct sh_repository repository[SH_UPDATES_MAX];
	struct sh_dsai dsai[SH_UPDATES_MAX];
	size_t repository_count, dsai_count;
	bool has_psi, psi_active;
	const char *why;             /* of an error, in plain words */
};

/* Strings in the pool. 0, or -EINVAL with `why` set. */
int sh_parse(struct bytes xml, struct obstack *pool, struct sh_updates *out);
