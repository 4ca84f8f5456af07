// SPDX-License-Identifier: Apache-2.0
/* What is wrong with something provisioned, in the words of a problem detail. [RFC 9457] */
#pragma once
#include "common/base.h"
#include "common/http.h"

struct problem {
	int status;          /* HTTP */
	char field[96];      /* "identities[0].impu"; "" for none */
	char detail[256];
};

/* Always -EINVAL, so that a step can return it. */
int problem_set(struct problem *p, int status, const char *field, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What the parser says of a text that is no JSON, without the piece that it repeats, which may be a secret. Cuts e->text. */
const char *problem_of_json(json_error_t *e);
/* For what the store said, unless a step said more. Always `err`. */
int problem_of_store(struct problem *p, int err);
/* The answer; with "pointer", the field as JSON pointer [RFC 6901], besides. */
void problem_reply(struct http_request *q, const struct problem *p);
/* "identities[0].impu" as "/identities/0/impu". */
void problem_pointer(const char *field, char *out, size_t size);
/* A member's name as part of a field: as it is, or ["in quotes"] when it holds what a field is made of. */
void problem_field(char *out, size_t size, const char *where, const char *key);
