// SPDX-License-Identifier: Apache-2.0
/* The HSS of this process: made in main.c, passed down. */
#pragma once
#include "hss/auth_vector.h"
#include "hss/key/keyring.h"
#include "hss/options.h"
#include "hss/push.h"
#include "hss/writer.h"
#include <pthread.h>

struct hss {
	const struct hss_options *options;
	struct keyring *keys;                /* the master key, two while it is replaced */
	struct writer *writer;
	struct key_rotation *rotation;       /* of the master key */
	struct sequences *sequences;         /* SQNs reserved in advance */
	pthread_key_t reader;                /* each thread's reading connection */
	bool has_reader;
	struct diameter_node *node;
	struct pusher *pusher;               /* what S-CSCFs are told */
	struct notifier *notifier;           /* what application servers are told */
	struct http_server *rest;
	struct tokens *tokens;               /* of the REST door */
};

/* Opens and migrates the store, finds its master key, starts the writer. 0, or -errno after logging why. */
int hss_open(struct hss *h, const struct hss_options *o, void (*on_state)(bool good));
void hss_close(struct hss *h);

/* The calling thread's reading connection; NULL after logging why. */
struct store *hss_reader(struct hss *h);
