// SPDX-License-Identifier: Apache-2.0
/* A binding as one text, a field a line: what local state holds and what the strings of a binding point into. Pure. */
#pragma once
#include "pcscf/binding.h"

/* NULL: out of memory, or a field with a line break; free() it. */
char *record_write(const struct binding_data *d);
/* Cuts `text` into the strings of *d. 0, or -EBADMSG with *d undefined: another version, or not whole. */
int record_read(char *text, struct binding_data *d);
