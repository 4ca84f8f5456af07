// SPDX-License-Identifier: Apache-2.0
/* The verbs of `imsctl subscriber`; subscriber.c has their table. */
#pragma once
#include "ctl/client.h"
#include "ctl/noun.h"

int subscriber_add(const struct ctl *c, const struct arguments *a);
int subscriber_set(const struct ctl *c, const struct arguments *a);
int subscriber_show(const struct ctl *c, const struct arguments *a);
int subscriber_remove(const struct ctl *c, const struct arguments *a);
int subscriber_list(const struct ctl *c, const struct arguments *a);
int subscriber_export(const struct ctl *c, const struct arguments *a);
int subscriber_import(const struct ctl *c, const struct arguments *a);
int subscriber_load(const struct ctl *c, const struct arguments *a);
