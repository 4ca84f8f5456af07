// SPDX-License-Identifier: Apache-2.0
/* Next hops of the core: names to addresses, each name asked once per life of its records, and peers that went silent. [RFC 3263]
 *
 *   URI ─┬─ an address ──────────────────────────────────────────────┬─▶ hops, best first
 *        ├─ a port ──────────────────────────────────▶ A ─────────────┤
 *        ├─ a transport ─────────────────▶ SRV ─┬────▶ A of each ─────┤
 *        └─ neither ─▶ NAPTR ─▶ SRV of the best ┴─ none ─▶ A ─────────┘
 *
 * Sofia-SIP could ask itself, but does so anew for each request, and tells nothing of who was silent. A peer that failed is left
 * alone for peer_skip_ms, unless an OPTIONS that we send it meanwhile is answered. */
#include "common/daemon.h"
#include "common/log.h"
#include "common/sip/engine.h"
#include <arpa/inet.h>
#include <sofia-sip/sresolv.h>
#include <sofia-sip/su_string.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#define uthash_fatal(msg) abort()
#include <uthash.h>

enum { NAMES_MAX = 4096, PEERS_MAX = 1024, PROBE_MS = 500, TTL_MIN_S = 1, TTL_MAX_S = 300, TTL_NONE_S = 2, KEY_MAX = 288 };

struct peer {
	UT_hash_handle hh;
	struct hop_table *table;
	struct hop hop;
	uint64_t skip_until_ns;      /* 0: it is well */
	bool probing, reported;
	char *url;                   /* of hop_url, once it was asked for */
	char key[96];
};

struct waiting {
	struct waiting *next;
	struct hops *out;
	hop_done *done;
	void *context;               /* NULL: nobody wants it any more */
};

struct name {                        /* what is known of one URI's host, port and transport */
	UT_hash_handle hh;
	struct hop_table *table;
	struct hops hops;            /* the old ones stay while DNS is silent */
	uint64_t expires_ns;
	struct waiting *waiting;     /* not NULL: being asked for */
	struct hops fresh;
	struct { char host[256], port[8]; } todo[HOP_MAX]; /* hosts whose addresses are still to be asked */
	size_t todo_count, todo_next;
	uint32_t ttl_s;
	enum sip_transport transport;
	bool transport_given;
	char host[256], port[8], key[KEY_MAX];
};

struct hop_table {
	struct sip_agent *agent;
	sres_resolver_t *resolver;
	struct name *names;
	struct peer *peers;
	int resolv_conf;             /* descriptor; -1: the system's */
};

static const char *const words[] = { [SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls" };
static const char *const services[] = { [SIP_UDP] = "_sip._udp", [SIP_TCP] = "_sip._tcp", [SIP_TLS] = "_sips._tcp" };

/* ---- the table ---- */

/* Sofia-SIP takes a server from a file only. */
static const char *resolv_conf(struct hop_table *t, char *path, size_t size)
{
	const char *dns = t->agent->o.dns, *colon = dns ? strrchr(dns, ':') : NULL;
	bool port = colon && (strchr(dns, ':') == colon || dns[0] == '[');
	FILE *f;

	t->resolv_conf = dns ? memfd_create("resolv.conf", MFD_CLOEXEC) : -1;
	f = t->resolv_conf < 0 ? NULL : fdopen(dup(t->resolv_conf), "w");
	if (!f)
		return NULL;
	fprintf(f, "nameserver %.*s\nport %s\n", port ? (int)(colon - dns) : (int)strlen(dns), dns, port ? colon + 1 : "53");
	fclose(f);
	snprintf(path, size, "/proc/self/fd/%d", t->resolv_conf);
	return path;
}

struct hop_table *hop_table_new(struct sip_agent *a)
{
	struct hop_table *t = calloc(1, sizeof *t);
	char path[40];

	if (!t)
		return NULL;
	t->agent = a;
	t->resolver = sres_resolver_create(a->root, resolv_conf(t, path, sizeof path), TAG_END());
	return t;
}

void hop_table_free(struct hop_table *t)
{
	struct name *n, *next_name;
	struct peer *p, *next_peer;
	struct waiting *w;

	if (!t)
		return;
	sres_resolver_destroy(t->resolver);
	HASH_ITER(hh, t->names, n, next_name) {
		HASH_DEL(t->names, n);
		while ((w = n->waiting)) {
			n->waiting = w->next;
			free(w);
		}
		free(n);
	}
	HASH_ITER(hh, t->peers, p, next_peer) {
		HASH_DEL(t->peers, p);
		su_free(NULL, p->url);
		free((char *)p->hop.name);
		free(p);
	}
	if (t->resolv_conf >= 0)
		close(t->resolv_conf);
	free(t);
}

/* ---- peers ---- */

static struct peer *peer_of(struct hop_table *t, const struct hop *h)
{
	char key[96];
	struct peer *p;

	snprintf(key, sizeof key, "%s:%s;%s", h->host, h->port, words[h->transport]);
	HASH_FIND_STR(t->peers, key, p);
	if (p || HASH_COUNT(t->peers) >= PEERS_MAX) /* strangers' addresses shall not fill it */
		return p;
	p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->table = t;
	p->hop = *h;
	p->hop.peer = p;
	memcpy(p->key, key, sizeof key);
	HASH_ADD_STR(t->peers, key, p);
	return p;
}

static void add_hop(struct hop_table *t, struct hops *list, const char *host, const char *port, enum sip_transport transport, const char *name)
{
	struct hop *h = &list->hop[list->count];

	if (list->count == HOP_MAX)
		return;
	*h = (struct hop){ .transport = transport };
	snprintf(h->host, sizeof h->host, "%s", host);
	snprintf(h->port, sizeof h->port, "%s", *port ? port : transport == SIP_TLS ? "5061" : "5060");
	h->peer = peer_of(t, h);
	if (h->peer && !h->peer->hop.name)
		h->peer->hop.name = strdup(name ? name : host);
	h->name = h->peer && h->peer->hop.name ? h->peer->hop.name : "";
	list->count++;
}

/* ---- from the last answer to the wish ---- */

static void finish(struct name *n)
{
	struct waiting *w, *next = n->waiting;
	bool found = n->fresh.count > 0;

	n->waiting = NULL;
	if (found)
		n->hops = n->fresh;
	n->ttl_s = !found || n->ttl_s < TTL_MIN_S ? (found ? TTL_MIN_S : TTL_NONE_S) : n->ttl_s > TTL_MAX_S ? TTL_MAX_S : n->ttl_s;
	n->expires_ns = clock_ns() + n->ttl_s * 1000000000ull;
	if (!found)
		log_event(LOG_WARN, "sip.dns", "host=%s %s", n->host, n->hops.count ? "not answered: the old address stands" : "no address");
	while ((w = next)) {
		next = w->next;
		if (w->context) {
			*w->out = n->hops;
			w->out->next = 0;
			w->done(w->context, n->hops.count ? 0 : -ENOENT);
		}
		free(w);
	}
}

static void note_ttl(struct name *n, sres_record_t *const *answers, uint16_t type)
{
	for (; answers && *answers; answers++)
		if ((*answers)->sr_record->r_type == type && !(*answers)->sr_record->r_status && (*answers)->sr_record->r_ttl < n->ttl_s)
			n->ttl_s = (*answers)->sr_record->r_ttl;
}

static void ask_next_address(struct name *n);

static void on_address(sres_context_t *context, sres_query_t *q, sres_record_t **answers)
{
	struct name *n = (struct name *)context;
	const char *port = n->todo[n->todo_next - 1].port;
	char text[INET_ADDRSTRLEN];

	(void)q;
	note_ttl(n, answers, sres_type_a);
	for (sres_record_t **r = answers; r && *r; r++)
		if ((*r)->sr_record->r_type == sres_type_a && !(*r)->sr_record->r_status &&
		    inet_ntop(AF_INET, &(*r)->sr_a->a_addr, text, sizeof text))
			add_hop(n->table, &n->fresh, text, port, n->transport, n->host);
	sres_free_answers(n->table->resolver, answers);
	ask_next_address(n);
}

static bool ask(struct name *n, sres_answer_f *callback, uint16_t type, const char *domain)
{
	return sres_query(n->table->resolver, callback, (sres_context_t *)n, type, domain) != NULL;
}

static void ask_next_address(struct name *n)
{
	while (n->todo_next < n->todo_count)
		if (ask(n, on_address, sres_type_a, n->todo[n->todo_next++].host))
			return;
	finish(n);
}

static void add_todo(struct name *n, const char *host, const char *port)
{
	if (n->todo_count == HOP_MAX)
		return;
	snprintf(n->todo[n->todo_count].host, sizeof n->todo[0].host, "%s", host);
	snprintf(n->todo[n->todo_count].port, sizeof n->todo[0].port, "%s", port);
	n->todo_count++;
}

/* Equal priorities are shared by chance; weights make the chance. [RFC 2782] */
static int compare_srv(const void *x, const void *y)
{
	const sres_srv_record_t *a = *(sres_srv_record_t *const *)x, *b = *(sres_srv_record_t *const *)y;

	if (a->srv_priority != b->srv_priority)
		return a->srv_priority < b->srv_priority ? -1 : 1;
	return (int)b->srv_pad - (int)a->srv_pad;
}

static void on_srv(sres_context_t *context, sres_query_t *q, sres_record_t **answers)
{
	struct name *n = (struct name *)context;
	sres_srv_record_t *srv[HOP_MAX];
	size_t count = 0;
	char port[8];

	(void)q;
	note_ttl(n, answers, sres_type_srv);
	for (sres_record_t **r = answers; r && *r && count < HOP_MAX; r++)
		if ((*r)->sr_record->r_type == sres_type_srv && !(*r)->sr_record->r_status) {
			srv[count] = (*r)->sr_srv;
			srv[count]->srv_pad = (uint16_t)((unsigned)rand() % (srv[count]->srv_weight + 1u));
			count++;
		}
	qsort(srv, count, sizeof *srv, compare_srv);
	for (size_t i = 0; i < count; i++) {
		snprintf(port, sizeof port, "%u", srv[i]->srv_port);
		add_todo(n, srv[i]->srv_target, port);
	}
	sres_free_answers(n->table->resolver, answers);
	if (!count)
		add_todo(n, n->host, "");
	ask_next_address(n);
}

static void ask_srv(struct name *n, const char *domain)
{
	char text[320];

	snprintf(text, sizeof text, "%s.%s", services[n->transport], n->host);
	if (!ask(n, on_srv, sres_type_srv, domain ? domain : text))
		on_srv((sres_context_t *)n, NULL, NULL);
}

static bool service_transport(const char *service, enum sip_transport *t)
{
	*t = !strcasecmp(service, "SIPS+D2T") ? SIP_TLS : !strcasecmp(service, "SIP+D2T") ? SIP_TCP : SIP_UDP;
	return *t != SIP_UDP || !strcasecmp(service, "SIP+D2U");
}

/* Of what both sides have, the one that the domain likes best. */
static void on_naptr(sres_context_t *context, sres_query_t *q, sres_record_t **answers)
{
	struct name *n = (struct name *)context;
	const sres_naptr_record_t *best = NULL;
	char replace[256] = "";

	(void)q;
	note_ttl(n, answers, sres_type_naptr);
	for (sres_record_t **r = answers; r && *r; r++) {
		const sres_naptr_record_t *na = (*r)->sr_naptr;
		enum sip_transport t;

		if ((*r)->sr_record->r_type != sres_type_naptr || (*r)->sr_record->r_status || !na->na_services ||
		    !service_transport(na->na_services, &t) || !endpoint_find(n->table->agent, "mw", t))
			continue;
		if (best && (best->na_order < na->na_order || (best->na_order == na->na_order && best->na_prefer <= na->na_prefer)))
			continue;
		best = na;
		n->transport = t;
		snprintf(replace, sizeof replace, "%s", na->na_replace);
	}
	sres_free_answers(n->table->resolver, answers);
	ask_srv(n, *replace ? replace : NULL);
}

static void begin(struct name *n)
{
	n->fresh = (struct hops){ .count = 0 };
	n->todo_count = n->todo_next = 0;
	n->ttl_s = TTL_MAX_S;
	if (*n->port) {
		add_todo(n, n->host, n->port);
		ask_next_address(n);
	} else if (n->transport_given) {
		ask_srv(n, NULL);
	} else if (!ask(n, on_naptr, sres_type_naptr, n->host)) {
		ask_srv(n, NULL);
	}
}

/* ---- the wish ---- */

struct wanted {
	const char *host, *port;
	enum sip_transport transport;
	bool transport_given;
};

static bool is_address(const char *host)
{
	unsigned char a[16];

	return inet_pton(AF_INET, host, a) == 1 || *host == '[';
}

static int read_url(const url_t *url, struct wanted *w, char *transport, size_t size)
{
	*w = (struct wanted){ .host = url->url_host, .port = url->url_port ? url->url_port : "", .transport = SIP_UDP };
	if (!w->host || !*w->host || strlen(w->host) > 255 || strlen(w->port) > 5)
		return -EINVAL;
	if (url->url_params && url_param(url->url_params, "transport", transport, (isize_t)size) > 0) {
		w->transport_given = true;
		w->transport = !strcasecmp(transport, "tls") ? SIP_TLS : !strcasecmp(transport, "tcp") ? SIP_TCP : SIP_UDP;
		if (w->transport == SIP_UDP && strcasecmp(transport, "udp") != 0)
			return -EPROTONOSUPPORT;
	}
	if (url->url_type == url_sips) {
		w->transport_given = true;
		w->transport = SIP_TLS;
	}
	return 0;
}

static void forget_old(struct hop_table *t)
{
	struct name *n, *next;

	HASH_ITER(hh, t->names, n, next) {
		if (n->waiting || n->expires_ns > clock_ns())
			continue;
		HASH_DEL(t->names, n);
		free(n);
	}
}

static struct name *name_of(struct hop_table *t, const struct wanted *w)
{
	char key[KEY_MAX];
	struct name *n;

	snprintf(key, sizeof key, "%s:%s;%s", w->host, w->port, w->transport_given ? words[w->transport] : "");
	HASH_FIND_STR(t->names, key, n);
	if (n)
		return n;
	if (HASH_COUNT(t->names) >= NAMES_MAX)
		forget_old(t);
	n = HASH_COUNT(t->names) < NAMES_MAX ? calloc(1, sizeof *n) : NULL;
	if (!n)
		return NULL;
	n->table = t;
	n->transport = w->transport;
	n->transport_given = w->transport_given;
	snprintf(n->host, sizeof n->host, "%s", w->host);
	snprintf(n->port, sizeof n->port, "%s", w->port);
	memcpy(n->key, key, sizeof key);
	HASH_ADD_STR(t->names, key, n);
	return n;
}

static int wait_for(struct name *n, struct hops *out, hop_done *done, void *context)
{
	struct waiting *w = calloc(1, sizeof *w);
	bool first = !n->waiting;

	if (!w)
		return -ENOMEM;
	*w = (struct waiting){ n->waiting, out, done, context };
	n->waiting = w;
	if (first)
		begin(n);
	return -EINPROGRESS;
}

int hop_find(struct hop_table *t, const url_t *url, struct hops *out, hop_done *done, void *context)
{
	char transport[16];
	struct wanted w;
	struct name *n;
	int err = read_url(url, &w, transport, sizeof transport);

	if (err)
		return err;
	if (is_address(w.host)) {
		*out = (struct hops){ .count = 0 };
		add_hop(t, out, w.host, w.port, w.transport, NULL);
		return 0;
	}
	n = name_of(t, &w);
	if (!n)
		return -ENOMEM;
	if (n->expires_ns <= clock_ns() || n->waiting)
		return wait_for(n, out, done, context);
	*out = n->hops;
	out->next = 0;
	return n->hops.count ? 0 : -ENOENT;
}

/* The question goes on: its answer is worth keeping. */
void hop_forget(struct hop_table *t, void *context)
{
	struct name *n, *next;

	HASH_ITER(hh, t->names, n, next)
		for (struct waiting *w = n->waiting; w; w = w->next)
			if (w->context == context)
				w->context = NULL;
}

/* ---- silent peers ---- */

static void probe(void *peer);

static void on_probe(void *context, int status, const struct sip_message *response)
{
	struct peer *p = context;

	(void)response;
	p->probing = false;
	if (status > 0 && status != 408 && status != 503)
		hop_answered(p->table, &p->hop);
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

bool hop_usable(const struct hop *h)
{
	return !h->peer || !h->peer->skip_until_ns || h->peer->skip_until_ns <= clock_ns();
}

void hop_failed(struct hop_table *t, const struct hop *h)
{
	struct peer *p = h->peer;
	bool was_well = p && !p->skip_until_ns;

	if (!p)
		return;
	p->skip_until_ns = clock_ns() + t->agent->o.peer_skip_ms * 1000000ull;
	daemon_peer(p->hop.name, "sip", false, false);
	if (was_well && !p->probing)
		sip_timer_set(t->agent, PROBE_MS, probe, p);
}

void hop_answered(struct hop_table *t, const struct hop *h)
{
	struct peer *p = h->peer;

	(void)t;
	if (!p || (!p->skip_until_ns && p->reported))
		return;
	p->skip_until_ns = 0;
	p->reported = true;
	daemon_peer(p->hop.name, "sip", true, false);
}

static const char *write_url(su_home_t *home, const struct hop *h)
{
	if (h->name && *h->name && strcmp(h->name, h->host) != 0)
		return su_sprintf(home, "sip:%s:%s;transport=%s;maddr=%s", h->name, h->port, words[h->transport], h->host);
	return su_sprintf(home, "sip:%s:%s;transport=%s", h->host, h->port, words[h->transport]);
}

const char *hop_url(su_home_t *home, const struct hop *h)
{
	struct peer *p = h->peer;

	if (!p || h->name != p->hop.name)
		return write_url(home, h);
	if (!p->url)
		p->url = (char *)write_url(NULL, h);
	return p->url;
}
