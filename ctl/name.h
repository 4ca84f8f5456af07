// SPDX-License-Identifier: Apache-2.0
/* A user as people name one: "alice", "alice@ims.test", "sip:alice@ims.test", "+15550001", "tel:+15550001". */
#pragma once
#include "ctl/ctl.h"

enum { NAME_MAX_LEN = 300 };

/* The public identity that is meant. */
void name_impu(const struct ctl *c, const char *user, char out[NAME_MAX_LEN]);
/* Whether it can only be a public identity. */
bool name_is_uri(const char *user);
