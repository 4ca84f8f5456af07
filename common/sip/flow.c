// SPDX-License-Identifier: Apache-2.0
/* The way back to a UE: the address and socket, or the connection, that a request came over. [RFC 5626 4.2, 5.3; TS 24.229 5.2.2]
 *
 * One struct a flow, found by its name, so that all that use a connection hear of its end. A datagram flow is an address; one
 * that local state names after a restart is alive at once, a connection is dead until the UE makes another. */
#include "common/sip/engine.h"
#include "common/text.h"
#include <arpa/inet.h>
#include <sofia-sip/su_string.h>
#include <stdio.h>
#include <stdlib.h>

#define uthash_fatal(msg) abort()
#include <uthash.h>

enum { NAME_MAX_LEN = 72 };

struct flow {
	UT_hash_handle hh;
	struct flow_table *table;
	unsigned references;
	enum sip_transport transport;
	tport_t *tport;              /* a reference; NULL for datagrams, and once it closed */
	int pending;                 /* Sofia-SIP's number of our wish to hear of the close */
	char name[NAME_MAX_LEN], url[NAME_MAX_LEN + 24];
};

struct flow_table {
	struct sip_agent *agent;
	struct flow *flows;
};

static const char *const words[] = { [SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls" };

struct flow_table *flow_table_new(struct sip_agent *a)
{
	struct flow_table *t = calloc(1, sizeof *t);

	if (t)
		t->agent = a;
	return t;
}

static void on_close(void *magic, tp_client_t *client, tport_t *tp, msg_t *msg, int error);

/* With the agent. Whoever still has a reference, as local state has, lets go of it later. */
void flow_table_free(struct flow_table *t)
{
	struct flow *f, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->flows, f, next) {
		HASH_DEL(t->flows, f);
		on_close(NULL, (tp_client_t *)f, NULL, NULL, 0);
		f->table = NULL;
	}
	free(t);
}

/* ---- found or made ---- */

static void on_close(void *magic, tp_client_t *client, tport_t *tp, msg_t *msg, int error)
{
	struct flow *f = (struct flow *)client;

	(void)magic, (void)tp, (void)msg, (void)error;
	if (!f->tport)
		return;
	tport_release(f->tport, f->pending, NULL, NULL, client, 0);
	tport_unref(f->tport);
	f->tport = NULL;
}

static struct flow *make(struct flow_table *t, enum sip_transport transport, const char *name)
{
	struct flow *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	f->table = t;
	f->transport = transport;
	text_format(f->name, sizeof f->name, "%s", name);
	text_format(f->url, sizeof f->url, "sip:%s;transport=%s", name + 4, words[transport]);
	HASH_ADD_STR(t->flows, name, f);
	return f;
}

/* The same address may come back over a new connection: the name then means that one. */
static void attach(struct flow *f, tport_t *tp)
{
	if (!tp || f->tport == tp || !tport_is_secondary(tp))
		return;
	if (f->tport)
		on_close(NULL, (tp_client_t *)f, NULL, NULL, 0);
	f->tport = tport_ref(tp);
	f->pending = tport_pend(tp, NULL, (tport_pending_error_f *)on_close, (tp_client_t *)f);
}

static struct flow *find(struct flow_table *t, enum sip_transport transport, const char *name)
{
	struct flow *f;

	HASH_FIND_STR(t->flows, name, f);
	if (!f)
		f = make(t, transport, name);
	if (f)
		f->references++;
	return f;
}

static void name_of(const struct request *r, char *out, size_t size)
{
	text_format(out, size, "%s %s", words[r->endpoint->transport], request_source(r));
}

struct flow *flow_of(struct request *r)
{
	char name[NAME_MAX_LEN];

	if (!r->endpoint)
		return NULL;
	if (!r->flow) {
		name_of(r, name, sizeof name);
		r->flow = find(r->agent->flows, r->endpoint->transport, name);
		if (r->flow && r->endpoint->transport != SIP_UDP)
			attach(r->flow, r->tport);
	}
	return r->flow ? flow_ref(r->flow) : NULL;
}

struct flow *flow_parse(struct sip_agent *a, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strncmp(name, words[i], 3) && name[3] == ' ' && name[4] && strlen(name) < NAME_MAX_LEN)
			return find(a->flows, (enum sip_transport)i, name);
	return NULL;
}

struct flow *flow_ref(struct flow *f)
{
	f->references++;
	return f;
}

void flow_free(struct flow *f)
{
	if (!f || --f->references)
		return;
	if (f->table)
		HASH_DEL(f->table->flows, f);
	on_close(NULL, (tp_client_t *)f, NULL, NULL, 0);
	free(f);
}

/* ---- asked ---- */

bool flow_alive(const struct flow *f)
{
	return f->transport == SIP_UDP || (f->tport && tport_is_clear_to_send(f->tport));
}

bool flow_same(const struct flow *f, const struct request *r)
{
	char name[NAME_MAX_LEN];

	if (!r->endpoint)
		return false;
	name_of(r, name, sizeof name);
	return !strcmp(f->name, name) && (f->transport == SIP_UDP || f->tport == r->tport);
}

const char *flow_name(const struct flow *f)
{
	return f->name;
}

enum sip_transport flow_transport(const struct flow *f)
{
	return f->transport;
}

tport_t *flow_tport(const struct flow *f)
{
	return f->tport;
}

const char *flow_url(const struct flow *f)
{
	return f->url;
}
