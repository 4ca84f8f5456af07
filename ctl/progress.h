// SPDX-License-Identifier: Apache-2.0
/* A bar on standard error, when that is a terminal. */
#pragma once
#include "common/base.h"

struct progress;
struct progress *progress_new(size_t total); /* 0: nobody knows */
void progress_show(struct progress *p, size_t done);
void progress_hide(struct progress *p);      /* before something else is written */
void progress_free(struct progress *p);
