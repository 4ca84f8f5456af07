// SPDX-License-Identifier: Apache-2.0
/* The SQL files of this directory as text; the Makefile makes the C of them. */
#pragma once
#include <stddef.h>

struct sql_migration {
	const char *file;   /* "0001_subscribers.sql": its number is the version it brings */
	const char *text;
};

extern const struct sql_migration sql_migrations[]; /* in order */
extern const size_t sql_migration_count;
extern const char sql_schema[];
