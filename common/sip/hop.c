// SPDX-License-Identifier: Apache-2.0
/* Next hops of the core: names to addresses, each name asked once per life of its records. [RFC 3263]
 *
 *   URI ─┬─ an address ──────────────────────────────────────────────┬─▶ hops, best first
 *        ├─ a port ──────────────────────────────────▶ A ─────────────┤
 *        ├─ a transport ─────────────────▶ SRV ─┬────▶ A of each ─────┤
 *        └─ neither ─▶ NAPTR ─▶ SRV of the best ┴─ none ─▶ A ─────────┘
 *
 * Sofia-SIP could ask itself, but does so anew for each request, and tells nothing of who was silent (peer.c). */
#include "common/log.h"
#include "common/sip/engine.h"
#include "common/text.h"
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

enum { NAMES_MAX = 4096, TTL_MIN_S = 1, TTL_MAX_S = 300, TTL_NONE_S = 2, STALE_S = 300, KEY_MAX = 288 };

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
	struct peer_table *peers;
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
	text_format(path, size, "/proc/self/fd/%d", t->resolv_conf);
	return path;
}

struct hop_table *hop_table_new(struct sip_agent *a)
{
	struct hop_table *t = calloc(1, sizeof *t);
	char path[40];

	if (!t)
		return NULL;
	t->agent = a;
	t->peers = peer_table_new(a);
	if (!t->peers) {
		free(t);
		return NULL;
	}
	t->resolver = sres_resolver_create(a->root, resolv_conf(t, path, sizeof path), TAG_END());
	return t;
}

void hop_table_free(struct hop_table *t)
{
	struct name *n, *next_name;
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
	peer_table_free(t->peers);
	if (t->resolv_conf >= 0)
		close(t->resolv_conf);
	free(t);
}

/* ---- from the last answer to the wish ---- */

static void add_hop(struct hop_table *t, struct hops *list, const char *host, const char *port, enum sip_transport transport, const char *name)
{
	struct hop *h = &list->hop[list->count];

	if (list->count == HOP_MAX)
		return;
	*h = (struct hop){ .transport = transport };
	text_format(h->host, sizeof h->host, "%s", host);
	text_format(h->port, sizeof h->port, "%s", *port ? port : transport == SIP_TLS ? "5061" : "5060");
	peer_watch(t->peers, h, name ? name : host);
	list->count++;
}

static void finish(struct name *n)
{
	struct waiting *w;
	bool found = n->fresh.count > 0;

	if (found)
		n->hops = n->fresh;
	n->ttl_s = !found || n->ttl_s < TTL_MIN_S ? (found ? TTL_MIN_S : TTL_NONE_S) : n->ttl_s > TTL_MAX_S ? TTL_MAX_S : n->ttl_s;
	n->expires_ns = clock_ns() + n->ttl_s * 1000000000ull;
	if (!found)
		log_event(LOG_WARN, "sip.dns", "host=%s %s", n->host, n->hops.count ? "not answered: the old address stands" : "no address");
	while ((w = n->waiting)) { /* those that are still to be told may be forgotten meanwhile */
		n->waiting = w->next;
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
	text_format(n->todo[n->todo_count].host, sizeof n->todo[0].host, "%s", host);
	text_format(n->todo[n->todo_count].port, sizeof n->todo[0].port, "%s", port);
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
		text_format(port, sizeof port, "%u", srv[i]->srv_port);
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

	text_format(text, sizeof text, "%s.%s", services[n->transport], n->host);
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
		text_format(replace, sizeof replace, "%s", na->na_replace);
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

	text_format(key, sizeof key, "%s:%s;%s", w->host, w->port, w->transport_given ? words[w->transport] : "");
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
	text_format(n->host, sizeof n->host, "%s", w->host);
	text_format(n->port, sizeof n->port, "%s", w->port);
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

/* The old addresses do while the new ones are asked for, and for as long as DNS is silent. [RFC 8767 4] */
static bool is_stale(const struct name *n)
{
	return n->hops.count && clock_ns() - n->expires_ns < STALE_S * 1000000000ull;
}

static void refresh(struct name *n)
{
	struct hops unused;

	if (!n->waiting)
		wait_for(n, &unused, NULL, NULL);
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
	if (n->expires_ns <= clock_ns() && !is_stale(n))
		return wait_for(n, out, done, context);
	if (n->expires_ns <= clock_ns())
		refresh(n);
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
