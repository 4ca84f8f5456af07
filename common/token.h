// SPDX-License-Identifier: Apache-2.0
/* Sealed tokens for Path, Record-Route, nonces and local state: AES-128-GCM, so that who carries them can neither read nor change them.
 * Text is base64url, fit for the user part of a SIP URI. Key file: 0600, made at first start, kept over restarts, shared by
 * a pool; the previous key is still accepted. One thread at a time. */
#pragma once
#include "common/base.h"

struct token_key;

int token_key_load(const char *path, struct token_key **out); /* 0 or -errno (-EPERM: mode is not 0600) */
void token_key_free(struct token_key *k);

#define TOKEN_TEXT_MAX(n) (((n) + 1 + 12 + 16) * 4 / 3 + 4) /* characters, with the NUL, for n bytes sealed */

/* `purpose` is bound in and must be the same at opening ("path", "record-route"). Returns the text's length, or -ENOSPC. */
int token_seal(struct token_key *k, const char *purpose, struct bytes plain, char *text, size_t size);
/* Returns the number of bytes, or -EBADMSG for anything not sealed here, or -ENOSPC. */
int token_open(struct token_key *k, const char *purpose, const char *text, size_t text_len, uint8_t *plain, size_t size);

#define TOKEN_BYTES_MAX(n) ((n) + 1 + 12 + 16)

/* The same for what is no text: local state. */
int token_wrap(struct token_key *k, const char *purpose, struct bytes plain, uint8_t *sealed, size_t size);
int token_unwrap(struct token_key *k, const char *purpose, struct bytes sealed, uint8_t *plain, size_t size);
