// SPDX-License-Identifier: Apache-2.0
/* Peers of the core: who went silent is left alone for peer_skip_ms, unless an OPTIONS that we send it meanwhile is answered.
 * [RFC 3263 4.3, RFC 3261 11] Their state shows in /health. */
#include "common/daemon.h"
#include "common/sip/engine.h"
#include "common/text.h"
#include <sofia-sip/su_string.h>
#include <stdio.h>
#include <stdlib.h>

#define uthash_fatal(msg) abort()
#include <uthash.h>

enum { PEERS_MAX = 1024, PROBE_FIRST_MS = 1, PROBE_MS = 500, GRACE_MS = 100 };

struct peer {
	UT_hash_handle hh;
	struct peer_table *table;
	struct hop hop;
	uint64_t skip_until_ns;      /* 0: it is well */
	uint64_t grace_ns;           /* in which it may still answer the first probe */
	uint64_t heard_ns;           /* its newest answer */
	bool probing, reported;
	char *url;                   /* of peer_url, once it was asked for */
	char key[96];
};

struct peer_table {
	struct sip_agent *agent;
	struct peer *by_key;
};

static const char *const words[] = { [SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls" };

/* ---- the table ---- */

struct peer_table *peer_table_new(struct sip_agent *a)
{
	struct peer_table *t = calloc(1, sizeof *t);

	if (t)
		t->agent = a;
	return t;
}

void peer_table_free(struct peer_table *t)
{
	struct peer *p, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->by_key, p, next) {
		HASH_DEL(t->by_key, p);
		su_free(NULL, p->url);
		free((char *)p->hop.name);
		free(p);
	}
	free(t);
}

static struct peer *peer_of(struct peer_table *t, const struct hop *h)
{
	char key[96];
	struct peer *p;

	text_format(key, sizeof key, "%s:%s;%s", h->host, h->port, words[h->transport]);
	HASH_FIND_STR(t->by_key, key, p);
	if (p || HASH_COUNT(t->by_key) >= PEERS_MAX) /* strangers' addresses shall not fill it */
		return p;
	p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->table = t;
	p->hop = *h;
	p->hop.peer = p;
	memcpy(p->key, key, sizeof key);
	HASH_ADD_STR(t->by_key, key, p);
	return p;
}

void peer_watch(struct peer_table *t, struct hop *h, const char *name)
{
	h->peer = peer_of(t, h);
	if (h->peer && !h->peer->hop.name)
		h->peer->hop.name = strdup(name);
	h->name = h->peer && h->peer->hop.name ? h->peer->hop.name : "";
}

/* ---- who is silent ---- */

static void probe(void *peer);

static void on_probe(void *context, int status, const struct sip_message *response)
{
	struct peer *p = context;

	(void)response;
	p->probing = false;
	if (status > 0)
		peer_answered(&p->hop);
	else if (p->skip_until_ns)
		sip_timer_set(p->table->agent, PROBE_MS, probe, p);
}

/* Any final response will do: it lives. [RFC 3261 11] */
static void probe(void *peer)
{
	struct peer *p = peer;
	struct sip_agent *a = p->table->agent;

	if (!p->skip_until_ns || p->probing)
		return;
	p->probing = true;
	if (own_options(a, &p->hop, on_probe, p)) {
		p->probing = false;
		sip_timer_set(a, PROBE_MS, probe, p);
	}
}

bool peer_usable(const struct hop *h)
{
	uint64_t now;

	if (!h->peer || !h->peer->skip_until_ns)
		return true;
	now = clock_ns();
	return now < h->peer->grace_ns || h->peer->skip_until_ns <= now;
}

static void report(void *peer)
{
	struct peer *p = peer;

	if (p->skip_until_ns)
		daemon_peer(p->hop.name, "sip", false, false);
}

/* Who answered something else meanwhile is not silent: it has not got this one, or has reason to keep it waiting. */
void peer_failed(const struct hop *h, uint64_t since_ns)
{
	struct peer *p = h->peer;
	bool was_well = p && !p->skip_until_ns;

	if (!p || p->heard_ns > since_ns)
		return;
	p->skip_until_ns = clock_ns() + p->table->agent->o.peer_skip_ms * 1000000ull;
	if (!was_well)
		return;
	p->grace_ns = clock_ns() + GRACE_MS * 1000000ull; /* one silence, or a connection that broke, is no proof */
	sip_timer_set(p->table->agent, GRACE_MS, report, p);
	if (!p->probing)
		sip_timer_set(p->table->agent, PROBE_FIRST_MS, probe, p);
}

void peer_answered(const struct hop *h)
{
	struct peer *p = h->peer;

	if (p)
		p->heard_ns = clock_ns();
	if (!p || (!p->skip_until_ns && p->reported))
		return;
	p->skip_until_ns = 0;
	p->reported = true;
	daemon_peer(p->hop.name, "sip", true, false);
}

static const char *write_url(su_home_t *home, const struct hop *h)
{
	if (h->name && *h->name && strcmp(h->name, h->host) != 0)
		return home_format(home, "sip:%s:%s;transport=%s;maddr=%s", h->name, h->port, words[h->transport], h->host);
	return home_format(home, "sip:%s:%s;transport=%s", h->host, h->port, words[h->transport]);
}

const char *peer_url(su_home_t *home, const struct hop *h)
{
	struct peer *p = h->peer;

	if (!p || h->name != p->hop.name)
		return write_url(home, h);
	if (!p->url)
		p->url = (char *)write_url(NULL, h);
	return p->url;
}
