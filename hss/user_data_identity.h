// SPDX-License-Identifier: Apache-2.0
/* One PublicIdentity of a User-Data. Only for user_data.c. */
#pragma once
#include "hss/store/store.h"
#include <stdio.h>

void user_data_put_identity(FILE *f, const struct profile_identity *i, bool with_alias_group);
