// SPDX-License-Identifier: Apache-2.0
/* Secrets of subscribers at rest: AES-256-GCM under the master key, bound to their place, so that neither a copied nor an
 * exchanged row opens. [NIST SP 800-38D] */
#pragma once
#include "common/base.h"

struct seal_key;

/* The master key's file: mode 0600, 64 hex digits; made, with a line in the log, when there is none. 0, or -errno (-EPERM:
 * others may read it; -EINVAL: no key in it). */
int seal_key_load(const char *path, struct seal_key **out);
void seal_key_free(struct seal_key *k);

enum { SEAL_FRAME = 1 + 12 + 16, SEAL_PLAIN_MAX = 64 };

/* `column` and `owner` say where the secret belongs: "aka.k", the IMPI. `out` takes plain.len + SEAL_FRAME bytes. 0 or -EIO. */
int seal(const struct seal_key *k, const char *column, const char *owner, struct bytes plain, uint8_t *out);
/* Exactly `len` bytes come out. 0, or -EBADMSG for anything not sealed here for this place. */
int unseal(const struct seal_key *k, const char *column, const char *owner, struct bytes sealed, uint8_t *out, size_t len);
