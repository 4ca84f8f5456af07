// SPDX-License-Identifier: Apache-2.0
/* XML written by hand: escaped, and what has nothing in it left out. */
#pragma once
#include "common/base.h"
#include <stdio.h>

void xml_put_escaped(FILE *f, const char *text);
void xml_put_text(FILE *f, const char *element, const char *text);    /* NULL: nothing */
void xml_put_number(FILE *f, const char *element, int64_t value);
