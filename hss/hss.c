// SPDX-License-Identifier: Apache-2.0
/* The store, its key, its writer, and a reading connection for each thread that asks for one. */
#include "hss/hss.h"
#include "common/log.h"
#include "hss/key/key_rotation.h"
#include "hss/wildcard.h"
#include <string.h>

/* At the end of its thread, which freeDiameter may still cancel meanwhile. */
static void close_reader(void *store)
{
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	store_close(store);
}

struct store *hss_reader(struct hss *h)
{
	struct store_options o = { .where = h->options->store, .cache_mb = h->options->cache_mb };
	struct store *s = pthread_getspecific(h->reader);

	if (s || store_open(&o, &s))
		return s;
	pthread_setspecific(h->reader, s);
	return s;
}

static int open_store(struct hss *h, void (*on_state)(bool good))
{
	struct store_options o = { .where = h->options->store, .writes = true, .cache_mb = h->options->cache_mb };
	struct store *s = NULL;
	int err = store_open(&o, &s);

	if (!err)
		err = store_migrate(s);
	if (!err)
		err = keyring_open(h->options->master_key, s, &h->keys);
	if (!err)
		err = writer_new(s, on_state, &h->writer);
	if (err) {
		log_event(LOG_ERROR, "hss", "store=%s error=\"%s\"", h->options->store, strerror(-err));
		store_close(s);
	}
	return err;
}

int hss_open(struct hss *h, const struct hss_options *o, void (*on_state)(bool good))
{
	int err;

	*h = (struct hss){ .options = o };
	err = pthread_key_create(&h->reader, close_reader);
	if (err)
		return -err;
	h->has_reader = true;
	h->sequences = sequences_new(o->sqn_range);
	if (!h->sequences)
		return -ENOMEM;
	h->rotation = key_rotation_new(h);
	if (!h->rotation)
		return -ENOMEM;
	err = open_store(h, on_state);
	if (!err && !keyring_is_whole(h->keys))
		err = key_rotation_start(h->rotation); /* a death came between */
	return err;
}

void hss_close(struct hss *h)
{
	key_rotation_free(h->rotation);
	writer_free(h->writer);
	if (h->has_reader) {
		store_close(pthread_getspecific(h->reader));
		pthread_key_delete(h->reader);
	}
	sequences_free(h->sequences);
	keyring_free(h->keys);
	wildcard_forget_all();
	*h = (struct hss){ .options = h->options };
}
