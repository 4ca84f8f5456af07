// SPDX-License-Identifier: Apache-2.0
/* JSON merge patches. [RFC 7396] */
#pragma once
#include <jansson.h>

/* The target as the patch makes it: a new value, that shares nothing that changes. */
json_t *merge_patch(const json_t *target, const json_t *patch);
/* The patch that makes `before` into `after`: a new value; {} when they are the same. NULL stands for an object with nothing in it. */
json_t *merge_diff(const json_t *before, const json_t *after);
