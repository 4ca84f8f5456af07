// SPDX-License-Identifier: Apache-2.0
/* The REST door for subscribers and service profiles. */
#pragma once
#include "common/loop.h"
#include "hss/hss.h"

/* Reads the tokens. 0, or -errno after logging why. */
int provisioning_load(struct hss *h);
/* Listens when there is a certificate; says in the log when there is none. 0, or -errno after logging why. */
int provisioning_start(struct hss *h, struct loop *l);
void provisioning_stop(struct hss *h);
/* The token files are read anew; a wrong one changes nothing. */
void provisioning_reload(struct hss *h);
