// SPDX-License-Identifier: Apache-2.0
/* The tokens file: who may come in at an HTTP door with which bearer token [RFC 6750]. No token stands in it, only its SHA-256:
 *
 *   # name      role         SHA-256 of the token                  expires, UTC (or nothing)
 *   nightly     provisioner  9f86d081884c7d659a2feaa0c55ad015a3... 2027-01-31T00:00:00Z */
#pragma once
#include "common/base.h"

enum { BEARER_NAME_MAX = 64, BEARER_DIGEST = 32, BEARERS_MAX = 1000 };

struct bearer {
	char name[BEARER_NAME_MAX + 1], role[BEARER_NAME_MAX + 1];
	uint8_t digest[BEARER_DIGEST];
	int64_t expires_s;           /* of the epoch; 0: never */
};

void bearer_digest(const char *token, uint8_t out[BEARER_DIGEST]);
/* Letters, digits, "-", "_", "." */
bool bearer_name_is_good(const char *name);
/* "2027-01-31" or "2027-01-31T12:00:00Z". False: neither. */
bool bearer_parse_time(const char *text, int64_t *out);

/* All of the file; to be freed. 0; -ENOENT; -EPERM: others may look into it; -EINVAL with *line where it is wrong. */
int bearer_read(const char *path, struct bearer **out, size_t *n, unsigned *line);
/* In the place of what was there, on the disk, mode 0600. 0 or -errno. */
int bearer_write(const char *path, const struct bearer *list, size_t n);
