// SPDX-License-Identifier: Apache-2.0
/* A YAML file into a struct by libcyaml's schema, with defaults, and errors that name file, line and key. */
#pragma once
#include "common/base.h"
#include <cyaml/cyaml.h>

struct config_schema {
	const cyaml_schema_value_t *value;              /* of the daemon's options struct */
	void (*defaults)(void *options);                /* fills what the file left out; strings with strdup-like libcyaml memory */
	int (*check)(const void *options, char *key, size_t key_size, char *why, size_t why_size); /* meaning: addresses, ranges; NULL: none */
};

/* 0 and *out (config_free it), or -EINVAL after printing `FILE:LINE: KEY: what is wrong` to standard error. */
int config_load(const char *path, const struct config_schema *schema, void **out);
void config_free(const struct config_schema *schema, void *options);
